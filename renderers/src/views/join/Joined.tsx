import { useState } from 'preact/hooks';
import { durationLong } from '../../model/format';
import { iconOf, shortModel, statusWord } from '../../model/kind';
import type { Store } from '../../wire/store';
import type { WireCall, WireSpan } from '../../wire/types';
import { Attempts } from '../detail/Attempts';
import { CallMessages } from '../detail/CallMessages';
import { CopyMenu } from '../detail/CopyMenu';
import { toneOf } from '../detail/Detail';
import { JsonPane } from '../detail/JsonPane';
import { type Tab, Tabs } from '../detail/Tabs';
import { useForms } from '../more/forms';
import { Notes } from '../Notes';
import { brief } from '../parts/brief';
import { CostFact, Estimated, inOutText, spanMs, TokWord } from '../parts/facts';
import { Icon } from '../parts/Icon';
import { Trusted } from '../parts/trust';
import { JoinedGateway } from './JoinedGateway';

const NONE: WireCall[] = [];

/** One joined call: the Gateway tab is what was asked for, the others are beside it. */
export function Joined({ span, store }: { span: WireSpan; store: Store }) {
  const [at, setAt] = useState('gateway');
  const [shown, setShown] = useState(false);
  const forms = useForms(span, store);
  const now = store.now();
  const { call } = span;
  if (!call) return null;
  const show = () => setShown(true);
  const n = call.attempts.length;
  const tabs: Tab[] = [
    {
      key: 'messages',
      word: 'Messages',
      pane: () => (
        <CallMessages
          span={span}
          call={call}
          earlier={NONE}
          spans={store.get().spans}
          shown={shown}
          show={show}
          jump={() => undefined}
        />
      ),
    },
    { key: 'attempts', word: n > 1 ? `Attempts ${n}` : 'Attempts', pane: () => <Attempts span={span} now={now} /> },
    { key: 'gateway', word: 'Gateway', pane: () => <JoinedGateway span={span} store={store} /> },
    { key: 'json', word: 'JSON', pane: () => <JsonPane span={span} shown={shown} show={show} /> },
  ];
  return (
    <Trusted.Provider value={store.liveness() !== 'untrusted'}>
      <div role="group" aria-label={`${brief(span.name)}, client and gateway joined`}>
        <Head span={span} call={call} now={now}>
          {forms.buttons}
        </Head>
        {forms.panes}
        <Tabs tabs={tabs} at={at} choose={setAt} />
        <Notes />
      </div>
    </Trusted.Provider>
  );
}

function Head({ span, call, now, children }: { span: WireSpan; call: WireCall; now: number; children: unknown }) {
  const io = inOutText(call);
  const word = statusWord(span);
  const name = call.endpoint ?? call.model;
  return (
    <div class="nb-head">
      <Icon name={iconOf(span)} tone={toneOf(span)} label={word || undefined} />
      <h3>{brief(span.name)}</h3>
      <div class="facts">
        <b>{durationLong(spanMs(span, now))}</b>
        {io && (
          <span>
            <Estimated on={Boolean(call.tokens?.est)}>
              {io} <TokWord />
            </Estimated>
          </span>
        )}
        <CostFact call={call} />
        {name && (
          <span class="cut" title={brief(name)}>
            {brief(shortModel(name))}
          </span>
        )}
      </div>
      <div class="acts">
        {(call.facts?.fallback || call.server?.fallback) && (
          <span class="st hold">
            <Icon name="retry" />
            <span class="mid">answered by fallback</span>
          </span>
        )}
        {children as never}
        <CopyMenu span={span} icon="more" />
      </div>
    </div>
  );
}
