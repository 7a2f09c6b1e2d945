import type { ComponentChildren } from 'preact';
import { barOf } from '../../model/bar';
import { count, durationLong } from '../../model/format';
import { iconOf, shortModel, statusOf, statusWord } from '../../model/kind';
import type { WireCall, WireSpan } from '../../wire/types';
import { toneOf } from '../detail/Detail';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { CostFact, Estimated, inOutText, spanMs, TokWord } from '../parts/facts';
import { Icon } from '../parts/Icon';
import { laneSentence } from '../parts/laneSentence';
import { Marks } from '../parts/Marks';
import { soloNode } from '../parts/soloNode';

interface Props {
  span: WireSpan;
  call: WireCall;
  now: number;
  open: boolean;
  toggle: () => void;
  actions: ComponentChildren;
}

export function OneCallHead({ span, call, now, open, toggle, actions }: Props) {
  return (
    <div class="nb-head">
      <Button class="tog" aria-expanded={open} aria-label={open ? 'Fold the call' : 'Open the call'} press={toggle}>
        <Icon name={open ? 'open' : 'fold'} />
      </Button>
      <Facts span={span} call={call} now={now} />
      {open ? <div class="acts">{actions}</div> : <Spark span={span} now={now} />}
    </div>
  );
}

function Facts({ span, call, now }: { span: WireSpan; call: WireCall; now: number }) {
  const word = statusWord(span);
  const io = inOutText(call);
  const model = call.model ?? call.endpoint;
  return (
    <div class="facts">
      {word && (
        <span class={`st ${toneOf(span)}`}>
          <Icon name={statusOf(span) === 'running' ? 'run' : iconOf(span)} />
          {word}
        </span>
      )}
      <b>1 call</b>
      {call.attempts.length > 1 && <b>{count(call.attempts.length, 'attempt')}</b>}
      <b>{durationLong(spanMs(span, now))}</b>
      {io && (
        <span>
          <Estimated on={Boolean(call.tokens?.est)}>
            {io} <TokWord />
          </Estimated>
        </span>
      )}
      <CostFact call={call} />
      {call.facts?.fallback && <span class="hold">answered by fallback</span>}
      {model && (
        <span class="cut" title={brief(call.served ? `${model}, answered by ${call.served}` : model, 400)}>
          {brief(shortModel(model))}
        </span>
      )}
    </div>
  );
}

/** A bar in the head only where it tells something: attempts, or a call that stopped half way. */
function Spark({ span, now }: { span: WireSpan; now: number }) {
  const status = statusOf(span);
  const attempts = span.call?.attempts.length ?? 0;
  if (attempts < 2 && status !== 'interrupted' && status !== 'running') return null;
  const node = soloNode(span, now);
  const { first: _, ...bar } = barOf(node, now);
  return (
    <div class="nb-sparkline mid" role="img" aria-label={laneSentence(span, now)}>
      <Marks bar={bar} from={span.at} to={Math.max(node.end, span.at + 0.001)} />
    </div>
  );
}
