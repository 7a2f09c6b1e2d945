import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { duration } from '../../model/format';
import { shortModel, statusWord } from '../../model/kind';
import type { Store } from '../../wire/store';
import type { WireCall, WireSpan } from '../../wire/types';
import { CallMessages } from '../detail/CallMessages';
import { CopyMenu } from '../detail/CopyMenu';
import { paramsWords } from '../detail/chat/params';
import { telling } from '../detail/Detail';
import { Verdict } from '../detail/Verdict';
import { Whole } from '../detail/Whole';
import { useForms } from '../more/forms';
import { More } from '../more/More';
import { Around } from '../parts/Around';
import { brief } from '../parts/brief';
import { Copy, Id } from '../parts/Copy';
import { Fold } from '../parts/Fold';
import { spanMs } from '../parts/facts';
import { Lane } from '../parts/Lane';
import { selecting } from '../parts/selecting';
import { soloNode } from '../parts/soloNode';
import { answerText } from './lines';
import { OneCallHead } from './OneCallHead';
import { Preview } from './Preview';

export interface OneCallProps {
  span: WireSpan;
  store: Store;
  /** Open at first. */
  open?: boolean;
  /** Buttons that need a kernel, such as Replay, before the copy button. */
  actions?: ComponentChildren;
  /** What stands at the end of the footer, such as feedback. */
  foot?: ComponentChildren;
  /** Go to another span, where there is one to go to. */
  select?: (id: string) => void;
}

const NONE: WireCall[] = [];

/** One call: facts, question, answer. A press anywhere opens it; the answer stays at the same x. */
export function OneCall({ span, store, open: first = false, actions, foot, select = () => {} }: OneCallProps) {
  const [open, setOpen] = useState(first);
  const [shown, setShown] = useState(false);
  const forms = useForms(span, store);
  const now = store.now();
  const { call } = span;
  if (!call) return null;

  const press = (event: MouseEvent) => {
    if (!open && !selecting(event.currentTarget as Element)) setOpen(true);
  };
  const show = () => setShown(true);

  return (
    <Around span={span} store={store}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the button in the head is the same for the keyboard */}
      <div
        class={open ? 'nb-one' : 'nb-one folded'}
        role="group"
        aria-label={groupLabel(span, call, now)}
        onClick={press}
      >
        <OneCallHead
          span={span}
          call={call}
          now={now}
          open={open}
          toggle={() => setOpen(!open)}
          actions={
            <>
              {actions ?? forms.buttons}
              {answerText(call) && <Copy text={() => answerText(call)} label="Copy the answer" />}
              <CopyMenu span={span} icon="more" />
            </>
          }
        />
        {open ? (
          <>
            <Whole span={span} store={store} />
            <OpenTop span={span} call={call} now={now} running={store.get().state === 'running'} />
            <div class="nb-pane">
              <CallMessages
                span={span}
                call={call}
                earlier={NONE}
                spans={store.get().spans}
                shown={shown}
                show={show}
                jump={select}
                bare
              />
            </div>
            {call.prompts && call.prompts.length > 0 && (
              <Fold class="nb-pane" line={`prompt ${brief(call.prompts.map((prompt) => prompt.name).join(', '))}`}>
                {() => <More name="prompts" call={call} />}
              </Fold>
            )}
            {forms.panes}
            <OneCallFoot call={call} foot={foot} />
          </>
        ) : (
          <Preview span={span} call={call} />
        )}
      </div>
    </Around>
  );
}

function groupLabel(span: WireSpan, call: WireCall, now: number): string {
  const what = call.api === 'embeddings' ? 'embedding call' : 'model call';
  const model = call.model ?? call.endpoint;
  return [`1 ${what}`, model && brief(shortModel(model)), statusWord(span) || 'ok', duration(spanMs(span, now))]
    .filter(Boolean)
    .join(', ');
}

/** A verdict takes the place of the lane, and has one of its own where the attempts tell something. */
function OpenTop({ span, call, now, running }: { span: WireSpan; call: WireCall; now: number; running: boolean }) {
  const node = soloNode(span, now);
  if (!call.verdict) return <Lane node={node} now={now} />;
  return (
    <Verdict span={span} verdict={call.verdict} lane={telling(span) ? node : undefined} now={now} alert={running} />
  );
}

function OneCallFoot({ call, foot }: { call: WireCall; foot?: ComponentChildren }) {
  const words = brief(paramsWords(call), 600);
  // The verdict has named its ids already.
  const request = call.verdict ? undefined : (call.facts?.request_id ?? call.attempts.at(-1)?.request_id);
  if (!words && !request && !foot) return null;
  return (
    <div class="nb-foot">
      <span>{words}</span>
      <span class="sp" />
      {request && (
        <span class="mid">
          <Id word="request" id={request} />
        </span>
      )}
      {foot}
    </div>
  );
}
