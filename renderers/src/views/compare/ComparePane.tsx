import { useState } from 'preact/hooks';
import { pairMessages, pairParameters, sameMessage, spoken } from '../../model/compared';
import { callDelta } from '../../model/deltas';
import type { DiffNode } from '../../model/diff';
import { count, whole } from '../../model/format';
import { iconOf, shortModel } from '../../model/kind';
import type { Json, WireCall, WireMessage, WireSpan } from '../../wire/types';
import { Said } from '../detail/chat/Chat';
import { Rule } from '../detail/Pairs';
import { type Tab, Tabs } from '../detail/Tabs';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Icon } from '../parts/Icon';
import { Compared, useDiff } from './DiffText';

interface Props {
  node: DiffNode;
  close: () => void;
}

/** The two runs of one span: what was said, set and written, with the differences marked. */
export function ComparePane({ node, close }: Props) {
  const [at, setAt] = useState('first');
  const [beside, setBeside] = useState(false);
  const [a, b] = [node.a?.span, node.b?.span];
  const span = b ?? a;
  if (!span) return null;
  const model = span.call?.model ?? span.call?.endpoint;
  const mode = (on: boolean, word: string) => (
    <Button aria-pressed={beside === on} press={() => setBeside(on)}>
      {word}
    </Button>
  );
  return (
    <aside class="nb-detail" aria-label={`${brief(span.name)}, compared`}>
      <header>
        <Icon name={iconOf(span)} tone={span.call ? 'model' : 'flow'} />
        <h4 class="cut">{brief(span.name)}</h4>
        <span class="m cut">{brief(model ? shortModel(model) : (span.hint ?? ''))}</span>
        <span class="sp" />
        {a && b && (
          <>
            {mode(false, 'Words')}
            {mode(true, 'Side by side')}
          </>
        )}
        <Button say="Close" press={close}>
          <Icon name="close" />
        </Button>
      </header>
      <div class="nb-facts">{a && b ? callDelta(a, b) : b ? 'only in B' : 'only in A'}</div>
      <Tabs tabs={tabsOf(a, b, beside)} at={at} choose={setAt} />
    </aside>
  );
}

function tabsOf(a: WireSpan | undefined, b: WireSpan | undefined, beside: boolean): Tab[] {
  const json: Tab = {
    key: 'json',
    word: 'JSON',
    pane: () => <Text a={jsonOf(a)} b={jsonOf(b)} beside={beside} code short />,
  };
  if (!a?.call && !b?.call)
    return [
      {
        key: 'first',
        word: 'Input, output',
        pane: () => (
          <>
            <Rule>input</Rule>
            <Text a={pretty(a?.inputs)} b={pretty(b?.inputs)} beside={beside} code />
            <Rule>output</Rule>
            <Text a={pretty(a?.outputs)} b={pretty(b?.outputs)} beside={beside} code />
          </>
        ),
      },
      json,
    ];
  const [from, to] = [a?.call ?? NO_CALL, b?.call ?? NO_CALL];
  const changed = pairMessages(from.messages, to.messages).filter((pair) => !sameMessage(pair)).length;
  const settings = pairParameters(from, to).filter((p) => p.changed).length;
  return [
    { key: 'first', word: 'Answer', pane: () => <Answers a={from} b={to} beside={beside} /> },
    {
      key: 'messages',
      word: changed ? `Messages ${whole(changed)} changed` : 'Messages',
      pane: () => <Messages a={from} b={to} beside={beside} all />,
    },
    {
      key: 'parameters',
      word: settings ? `Parameters ${whole(settings)} changed` : 'Parameters',
      pane: () => <Parameters a={from} b={to} />,
    },
    json,
  ];
}

const NO_CALL: WireCall = { api: 'unknown', messages: [], answers: [], attempts: [] };

function Text({
  a,
  b,
  beside,
  code,
  short,
}: {
  a: string;
  b: string;
  beside: boolean;
  code?: boolean;
  short?: boolean;
}) {
  if (a === b) return <p class="m">{a ? 'The same in both.' : 'Nothing in either.'}</p>;
  return (
    <div class={code ? 'nb-said-code' : undefined}>
      <Compared a={a} b={b} beside={beside} short={short} />
    </div>
  );
}

/** What changed on the way in, briefly, then the answers. */
function Answers({ a, b, beside }: { a: WireCall; b: WireCall; beside: boolean }) {
  const n = Math.max(a.answers.length, b.answers.length);
  return (
    <div class="nb-chat">
      <Messages a={a} b={b} beside={beside} />
      {Array.from({ length: n }, (_, i) => (
        <Answer key={i} a={a.answers[i]} b={b.answers[i]} beside={beside} />
      ))}
    </div>
  );
}

function Answer({ a, b, beside }: { a?: WireMessage; b?: WireMessage; beside: boolean }) {
  const [before, after] = [a ? spoken(a) : '', b ? spoken(b) : ''];
  const { changed, words } = useDiff(before, after);
  const label =
    before === after ? 'answer · the same' : `answer · ${count(changed, 'word')} changed of ${whole(words)}`;
  return (
    <>
      <Rule>{label}</Rule>
      <Said who={b?.role ?? a?.role ?? 'assistant'}>
        <Compared a={before} b={after} beside={beside} />
      </Said>
    </>
  );
}

function Messages({ a, b, beside, all }: { a: WireCall; b: WireCall; beside: boolean; all?: boolean }) {
  const pairs = pairMessages(a.messages, b.messages);
  const changed = pairs.filter((pair) => !sameMessage(pair));
  if (all && !changed.length) return <p class="m">All {count(pairs.length, 'message')} are the same in both.</p>;
  return (
    <div class="nb-chat">
      {changed.map(([x, y], i) => (
        <Said key={i} who={y?.role ?? x?.role ?? ''}>
          <Compared a={x ? spoken(x) : ''} b={y ? spoken(y) : ''} beside={beside} short={!all} />
        </Said>
      ))}
      {all && changed.length < pairs.length && (
        <p class="m t2">{count(pairs.length - changed.length, 'other message')} the same in both.</p>
      )}
    </div>
  );
}

function Parameters({ a, b }: { a: WireCall; b: WireCall }) {
  const all = pairParameters(a, b);
  if (!all.length) return <p class="m">No parameters were set.</p>;
  const text = (value: Json | undefined) => (value === undefined ? '–' : brief(oneLine(value), 300));
  return (
    <div class="nb-scroll">
      <table class="nb-table">
        <thead>
          <tr>
            <th scope="col">Parameter</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {all.map((p) => (
            <tr key={p.name}>
              <td class={p.changed ? undefined : 'm'}>{brief(p.name)}</td>
              <td class="wrap">{p.changed ? <del>{text(p.a)}</del> : <span class="m">{text(p.a)}</span>}</td>
              <td class="wrap">{p.changed ? <ins>{text(p.b)}</ins> : <span class="m">{text(p.b)}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const oneLine = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));
const pretty = (value: Json | undefined) =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2);

function jsonOf(span: WireSpan | undefined): string {
  if (!span) return '';
  const { call } = span;
  return pretty(
    call
      ? { request: call.request ?? null, response: call.response ?? call.body ?? null }
      : { inputs: span.inputs ?? null, outputs: span.outputs ?? null, attributes: span.attributes ?? {} },
  );
}
