import { useState } from 'preact/hooks';
import type { Node } from '../../model/types';
import type { WireSpan, WireVerdict } from '../../wire/types';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Id } from '../parts/Copy';
import { Icon, type IconName } from '../parts/Icon';
import { inlineWords, Masked } from '../parts/inlineWords';
import { Lane } from '../parts/Lane';
import { LongText } from '../parts/LongText';

/** Characters of a sentence or a masked text: a verdict is to be read at a glance. */
const MOST = 2000;

const LOOK: Record<WireVerdict['kind'], { icon: IconName; tone: string }> = {
  guardrail: { icon: 'shield', tone: '' },
  policy: { icon: 'shield', tone: '' },
  rate_limit: { icon: 'gauge', tone: '' },
  budget: { icon: 'coin', tone: '' },
  provider: { icon: 'error', tone: 'error' },
  error: { icon: 'error', tone: 'error' },
  connection: { icon: 'error', tone: 'error' },
  interrupted: { icon: 'stop', tone: 'calm' },
};

/** A kind a newer kernel may send is drawn as an error. */
const look = (kind: WireVerdict['kind']) => LOOK[kind] ?? LOOK.error;

interface Props {
  span: WireSpan;
  verdict: WireVerdict;
  /** Given when the attempts are worth a lane inside the verdict. */
  lane?: Node;
  now: number;
  /** Spoken at once: only for the cell that is running. */
  alert?: boolean;
}

/** What held the call back: what happened, whose doing, what was kept, what next. */
export function Verdict({ span, verdict, lane, now, alert }: Props) {
  const { icon, tone } = look(verdict.kind);
  return (
    <div class={`nb-verdict ${tone}`} role={alert ? 'alert' : undefined} data-kind={verdict.kind}>
      <Icon name={icon} />
      <div>
        <h4>{brief(verdict.title, 300)}</h4>
        {verdict.text?.map((sentence) => (
          <p key={sentence}>{inlineWords(brief(sentence, MOST))}</p>
        ))}
        {verdict.masked !== undefined && (
          <p>
            Masked by the gateway: <Masked text={brief(verdict.masked, MOST)} />
          </p>
        )}
        {verdict.reason !== undefined && <Reason text={verdict.reason} kind={verdict.kind} />}
        {lane && <Lane node={lane} now={now} />}
        {verdict.next && (
          <p class="next">
            <b>Next</b> {inlineWords(brief(verdict.next, MOST))}
          </p>
        )}
        <VerdictIds span={span} />
      </div>
    </div>
  );
}

/** The reason a policy gives may quote what it found, so it is there only for those who ask. */
function Reason({ text, kind }: { text: string; kind: WireVerdict['kind'] }) {
  const [shown, setShown] = useState(false);
  const whose = kind === 'policy' ? 'The policy’s reason' : 'The gateway’s reason';
  if (shown) return <LongText text={`${whose}: “${text}”`} most={MOST} />;
  return (
    <p class="nb-reason">
      <span class="m">
        <Icon name="lock" /> {whose} is hidden: it may quote your text.
      </span>{' '}
      <Button class="line" press={() => setShown(true)}>
        <Icon name="eye" />
        Show reason
      </Button>
    </p>
  );
}

function VerdictIds({ span }: { span: WireSpan }) {
  const call = span.call;
  const attempts = call?.attempts ?? [];
  const request = attempts.at(-1)?.request_id ?? call?.facts?.request_id;
  const trace = call?.facts?.gateway_trace_id;
  if (!request && !trace) return null;
  return (
    <div class="nb-ids">
      {request && <Id word={attempts.length > 1 ? 'last request' : 'request'} id={request} />}
      {trace && <Id word="trace" id={trace} />}
    </div>
  );
}
