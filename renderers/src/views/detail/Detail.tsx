import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { duration } from '../../model/format';
import { iconOf, kindOf, shortModel, statusWord } from '../../model/kind';
import type { Store } from '../../wire/store';
import type { WireCall, WireSpan } from '../../wire/types';
import { useForms } from '../more/forms';
import { More } from '../more/More';
import { Around } from '../parts/Around';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { FactsLine, spanMs } from '../parts/facts';
import { Icon } from '../parts/Icon';
import { Lane } from '../parts/Lane';
import { soloNode } from '../parts/soloNode';
import { Attempts } from './Attempts';
import { CallMessages } from './CallMessages';
import { CopyMenu } from './CopyMenu';
import { JsonPane } from './JsonPane';
import { callsOf, linksOf, neighbours } from './neighbours';
import { Attributes, Events, Exception, InOut } from './SpanPanes';
import { type Tab, Tabs } from './Tabs';
import { Verdict } from './Verdict';
import { Whole } from './Whole';

export interface DetailProps {
  span: WireSpan;
  store: Store;
  /** Go to another span; by default the store's selection. */
  select?: (id: string) => void;
  close?: () => void;
  /** Buttons that need a kernel, such as Replay; they stand before the copy button. */
  actions?: ComponentChildren;
}

/** Everything about one span: facts, its own time, then tabs. */
export function Detail({ span, store, select = (id) => store.select(id), close, actions }: DetailProps) {
  const now = store.now();
  const { call } = span;
  const spans = store.get().spans;
  const [tab, setTab] = useState(FIRST);
  const forms = useForms(span, store);
  const [shownFor, setShownFor] = useState<string | null>(null);
  const shown = shownFor === span.id;
  const show = () => setShownFor(span.id);
  const linked = useMemo(() => linksOf(spans, span), [spans, span]);
  const near = useMemo(() => neighbours(spans, span), [spans, span]);
  const earlier = useMemo(() => callsOf(spans, span), [spans, span]);
  const tabs = call
    ? callTabs({ span, call, store, spans, earlier, now, shown, show, jump: select })
    : spanTabs({ span, shown, show });
  if (linked)
    tabs.splice(-1, 0, {
      key: 'links',
      word: `Links ${linked}`,
      pane: () => <More name="links" span={span} spans={spans} jump={select} />,
    });
  // What is not there for this span (events, attempts) must not leave an empty pane.
  const at = tabs.some((t) => t.key === tab) ? tab : FIRST;

  return (
    <Around span={span} store={store}>
      <aside class="nb-detail" aria-label={detailLabel(span)} tabIndex={-1}>
        <DetailHeader span={span} now={now} close={close} actions={actions ?? forms.buttons} />
        <Head span={span} now={now} running={store.get().state === 'running'} />
        <Whole key={span.id} span={span} store={store} />
        {forms.panes}
        <Tabs
          tabs={tabs}
          at={at}
          choose={setTab}
          end={<PrevNext near={near} go={select} what={call ? 'call' : 'span'} />}
        />
      </aside>
    </Around>
  );
}

const FIRST = 'first';

function detailLabel(span: WireSpan): string {
  const model = span.call?.model ?? span.call?.endpoint;
  return [brief(span.name), model && brief(shortModel(model)), statusWord(span)].filter(Boolean).join(', ');
}

/** ok has no colour of its own but its type's; what went wrong takes the colour of its status. */
export function toneOf(span: WireSpan): string {
  switch (span.status) {
    case 'error':
      return 'err';
    case 'blocked':
    case 'rate_limited':
      return 'hold';
    case 'interrupted':
      return 'flow';
    default:
      return span.error ? 'err' : kindOf(span);
  }
}

interface HeaderProps {
  span: WireSpan;
  now: number;
  close?: () => void;
  actions?: ComponentChildren;
}

function DetailHeader({ span, now, close, actions }: HeaderProps) {
  const { call } = span;
  const model = call?.model ?? call?.endpoint;
  // A verdict takes the place of the facts line, so its time stands here.
  const held = call?.verdict ? ` · ${duration(spanMs(span, now))}` : '';
  const beside = brief((call ? model && shortModel(model) : span.hint) ?? '');
  return (
    <header>
      <Icon name={iconOf(span)} tone={toneOf(span)} label={statusWord(span) || undefined} />
      <h4 class="cut" title={brief(span.name)}>
        {brief(span.name)}
      </h4>
      <span class="m cut" title={model && brief(model)}>
        {beside}
        {held}
      </span>
      <span class="sp" />
      {actions}
      <CopyMenu span={span} />
      {close && (
        <Button say="Close" title="Close (Esc)" press={close}>
          <Icon name="close" />
        </Button>
      )}
    </header>
  );
}

/** Verdict first where there is one, else the facts and the lane. */
function Head({ span, now, running }: { span: WireSpan; now: number; running: boolean }) {
  const node = soloNode(span, now);
  const verdict = span.call?.verdict;
  if (verdict) {
    const lane = telling(span) ? node : undefined;
    return <Verdict key={span.id} span={span} verdict={verdict} lane={lane} now={now} alert={running} />;
  }
  return (
    <>
      <FactsLine span={span} now={now} />
      {span.error && <Exception key={span.id} error={span.error} />}
      {span.call && <Lane node={node} now={now} />}
    </>
  );
}

/** A lane of one plain block says nothing that its time does not. */
export function telling(span: WireSpan): boolean {
  return (span.call?.attempts.length ?? 0) > 1 || span.call?.first !== undefined;
}

interface CallTabs {
  span: WireSpan;
  call: WireCall;
  store: Store;
  spans: WireSpan[];
  earlier: WireCall[];
  now: number;
  shown: boolean;
  show: () => void;
  jump: (id: string) => void;
}

function callTabs({ span, call, store, spans, earlier, now, shown, show, jump }: CallTabs): Tab[] {
  const n = call.attempts.length;
  const tabs: Tab[] = [
    {
      key: FIRST,
      word: 'Messages',
      pane: () => (
        <CallMessages
          key={span.id}
          span={span}
          call={call}
          earlier={earlier}
          spans={spans}
          shown={shown}
          show={show}
          jump={jump}
        />
      ),
    },
    { key: 'attempts', word: n > 1 ? `Attempts ${n}` : 'Attempts', pane: () => <Attempts span={span} now={now} /> },
    { key: 'gateway', word: 'Gateway', pane: () => <More name="gateway" store={store} span={span} /> },
    { key: 'json', word: 'JSON', pane: () => <JsonPane key={span.id} span={span} shown={shown} show={show} /> },
  ];
  if (call.prompts?.length)
    tabs.splice(1, 0, {
      key: 'prompts',
      word: 'Prompt',
      pane: () => <More name="prompts" store={store} call={call} />,
    });
  return tabs;
}

function spanTabs({ span, shown, show }: { span: WireSpan; shown: boolean; show: () => void }): Tab[] {
  const tabs: Tab[] = [{ key: FIRST, word: 'Input, output', pane: () => <InOut key={span.id} span={span} /> }];
  const events = span.events?.length ?? 0;
  const attributes = Object.keys(span.attributes ?? {}).length;
  if (attributes)
    tabs.push({
      key: 'attributes',
      word: `Attributes ${attributes}`,
      pane: () => <Attributes key={span.id} span={span} />,
    });
  if (events) tabs.push({ key: 'events', word: `Events ${events}`, pane: () => <Events span={span} /> });
  tabs.push({
    key: 'json',
    word: 'JSON',
    pane: () => <JsonPane key={span.id} span={span} shown={shown} show={show} />,
  });
  return tabs;
}

interface PrevNextProps {
  near: { before?: string; after?: string };
  go: (id: string) => void;
  what: string;
}

function PrevNext({ near, go, what }: PrevNextProps) {
  const button = (id: string | undefined, word: string, icon: 'prev' | 'next') => (
    <Button class="wide" say={`${word} ${what}`} disabled={id === undefined} press={() => id !== undefined && go(id)}>
      <Icon name={icon} />
    </Button>
  );
  return (
    <>
      {button(near.before, 'Previous', 'prev')}
      {button(near.after, 'Next', 'next')}
    </>
  );
}

/** Move the keyboard into the detail of `root`: to its tabs, the first thing there is to do. */
export function focusDetail(root: ParentNode): boolean {
  const tab = root.querySelector<HTMLElement>('.nb-detail [role=tab][aria-selected=true]');
  tab?.focus();
  return Boolean(tab);
}
