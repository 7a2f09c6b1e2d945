/** `?page=01|02|04|verdicts|span`, `?theme=dark`, `?tab=json`; each page draws what a picture of the design shows. */
import { type ComponentChildren, render } from 'preact';
import { useReducer, useState } from 'preact/hooks';
import chat from '../src/css/chat.css';
import detail from '../src/css/detail.css';
import onecall from '../src/css/onecall.css';
import shell from '../src/css/shell.css';
import tokens from '../src/css/tokens.css';
import { Detail } from '../src/views/detail/Detail';
import { mount } from '../src/views/mount';
import { OneCall } from '../src/views/onecall/OneCall';
import { Icon } from '../src/views/parts/Icon';
import type { Wire, WireSpan } from '../src/wire/types';
import { agent, repairSpan } from './fixtures/agent';
import * as calls from './fixtures/calls';
import { support } from './fixtures/support';
import { fixtureStore } from './store';

const query = new URLSearchParams(location.search);
if (query.get('theme')) document.body.dataset.jpThemeLight = String(query.get('theme') !== 'dark');
const CSS = [tokens, shell, detail, chat, onecall].join('\n');

function cell(code: string, ...outs: ComponentChildren[]) {
  const section = document.createElement('section');
  section.className = 'cell';
  const pre = document.createElement('pre');
  pre.className = 'code';
  pre.textContent = code;
  const out = document.createElement('div');
  out.className = 'out';
  section.append(pre, out);
  document.getElementById('cells')?.append(section);
  for (const one of outs) {
    const host = document.createElement('div');
    out.append(host);
    const root = host.attachShadow({ mode: 'open' });
    const style = document.createElement('style');
    style.textContent = CSS;
    const place = document.createElement('div');
    root.append(style, place);
    render(<div class="nb">{one}</div>, place);
  }
}

const Replay = () => (
  <button type="button" class="mid">
    <Icon name="play" />
    Replay
  </button>
);

const Feedback = () => (
  <>
    <button type="button" aria-label="Good answer">
      <Icon name="up" />
    </button>
    <button type="button" aria-label="Bad answer">
      <Icon name="down" />
    </button>
  </>
);

function One({ wire, open }: { wire: Wire; open?: boolean }) {
  const [span] = wire.spans;
  if (!span) return null;
  return <OneCall span={span} store={fixtureStore(wire)} open={open} actions={<Replay />} foot={<Feedback />} />;
}

/** A detail beside nothing: 42 % of the width, as next to a tree. */
function Pane({ wire, first }: { wire: Wire; first?: WireSpan }) {
  const [store] = useState(() => fixtureStore(wire));
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const [span, setSpan] = useState(first);
  const select = (id: string) => {
    setSpan(wire.spans.find((s) => s.id === id));
    redraw(0);
  };
  if (!span) return null;
  return (
    <div class="nb-body has-detail">
      <div />
      <Detail span={span} store={store} select={select} close={() => undefined} actions={<Replay />} />
    </div>
  );
}

function whole(code: string, wire: Wire) {
  cell(code);
  const out = document.querySelector<HTMLElement>('.cell:last-child > .out');
  if (out) mount(out, fixtureStore(wire));
}

const held = [calls.policy, calls.rateLimited, calls.budget, calls.refused, calls.interrupted];

const pages: Record<string, () => void> = {
  '01': () => {
    cell('answer = client.chat.completions.create(…)', <One wire={calls.lakehouse()} />);
    cell('answer = ask("What is a lakehouse, in two sentences?", stream=True)', <One wire={calls.lakehouse()} open />);
    const outcomes = [calls.embedding, calls.interrupted, calls.blocked, calls.rateLimited, calls.refused];
    cell('# the same small form for every outcome', ...outcomes.map((f) => <One key={f.name} wire={f()} />));
  },
  '02': () => {
    const wire = agent();
    cell('report = await churn_agent(…)', <Pane wire={wire} first={repairSpan(wire)} />);
  },
  // Whole views, as every host mounts them.
  agent: () => whole('report = await churn_agent(…)', agent()),
  support: () => whole('answers = [answer(t) for t in tickets]', support()),
  one: () => whole('answer = ask(…)', calls.lakehouse()),
  span: () => {
    const wire = agent();
    const named = (name: string, status?: string) => wire.spans.find((s) => s.name === name && s.status === status);
    cell(
      '# spans that are no calls',
      <Pane wire={wire} first={named('run_sql', 'error')} />,
      <Pane wire={wire} first={named('search_docs')} />,
      <Pane wire={wire} first={wire.spans.findLast((s) => s.name === 'chat')} />,
    );
  },
  '04': () => {
    const wire = calls.blocked();
    cell('answers = [answer(t) for t in tickets]', <Pane wire={wire} first={wire.spans[0]} />);
  },
  verdicts: () =>
    cell(
      '# one verdict for each way a call can be held back',
      ...held.map((f) => <One key={f.name} wire={f()} open />),
    ),
};

(pages[query.get('page') ?? '01'] ?? pages['01'])?.();
