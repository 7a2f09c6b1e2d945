import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import { spoken } from '../../model/compared';
import { callDelta } from '../../model/deltas';
import type { DiffNode } from '../../model/diff';
import { duration, signed, tokens, usd } from '../../model/format';
import { askOf, type Edits, editsBetween, formOf, isChanged, NO_EDITS } from '../../model/replay';
import { toOpenAiPython } from '../../model/snippets';
import { NO_KERNEL } from '../../model/words';
import type { Store } from '../../wire/store';
import type { ReplayAnswer, ReplayAsk, WireCall, WireSpan } from '../../wire/types';
import { ComparePane } from '../compare/ComparePane';
import { DiffText, useDiff } from '../compare/DiffText';
import { useStore } from '../more/useStore';
import { Note } from '../Notes';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { CopiedNote, useCopy } from '../parts/Copy';
import { Icon } from '../parts/Icon';
import { soloNode } from '../parts/soloNode';
import { formKeys } from './formKeys';
import { ReplayForm } from './ReplayForm';

interface Props {
  span: WireSpan;
  store: Store;
  /** `chat in write, run 4` */
  label?: string;
  close?: () => void;
}

/** Edit a call and send it again; the answer streams in beside the original. */
export function Replay({ span, store, label, close }: Props) {
  useStore(store);
  const { call } = span;
  const form = useMemo(() => (call ? formOf(call) : null), [call]);
  const [edits, setEdits] = useState<Edits>(() => lastEdits(span, store));
  const [sent, setSent] = useState<{ busy?: boolean; error?: string }>({});
  const [at, setAt] = useState<string | null>(null);
  const spans = store.get().spans;
  const replays = spans.filter((each) => each.replay_of === span.id);
  const shown = replays.find((each) => each.id === at) ?? replays.at(-1);
  const clock = useClock(store, shown?.status === 'running');
  if (!call || !form) return null;

  const live = store.liveness() === 'live' && store.ask;
  const { ask, error } = read(span.id, call, form, edits);
  const running = sent.busy || shown?.status === 'running';
  const run = () => {
    if (!live || running || !ask) return;
    setSent({ busy: true });
    store.ask?.('replay', ask).then(
      (answer) => {
        setAt((answer as ReplayAnswer | null)?.span ?? null);
        setSent({});
      },
      (failed: Error) => setSent({ error: failed.message }),
    );
  };
  const stop = () =>
    shown && store.ask?.('replay_stop', { span: shown.id }).catch((e: Error) => setSent({ error: e.message }));
  return (
    <div
      class="nb-replay"
      role="form"
      aria-label={`Replay of ${brief(span.name)}`}
      data-run
      onKeyDown={(event) => formKeys(event, run, close)}
    >
      <div class="nb-head">
        <Icon name="play" tone="model" />
        <h3>Replay</h3>
        <div class="facts">
          <span class="cut">of {brief(label ?? span.name, 120)}</span>
        </div>
        <div class="acts">
          {edits !== NO_EDITS && (
            <Button class="line" press={() => setEdits(NO_EDITS)}>
              Reset
            </Button>
          )}
          {shown?.status === 'running' && (
            <Button class="line" press={stop}>
              Stop
            </Button>
          )}
          {live && (
            <Button class="go" disabled={Boolean(running) || !ask} press={run}>
              <Icon name="play" />
              Run <span class="mid">Ctrl Enter</span>
            </Button>
          )}
          {close && (
            <Button say="Close the form" press={close}>
              <Icon name="close" />
            </Button>
          )}
        </div>
      </div>
      {!live && <Note icon="info" text={NO_KERNEL} under />}
      <ReplayForm form={form} edits={edits} edit={setEdits} models={modelsOf(store, form.model)} disabled={!live} />
      {(error || sent.error) && (
        <div class="nb-note err" role="alert">
          <Icon name="error" />
          <span>{brief(error || sent.error || '', 600)}</span>
        </div>
      )}
      {!shown && live && ask && !isChanged(ask) && (
        <p class="nb-none m">Nothing is changed yet: Run sends the same request again.</p>
      )}
      {shown && <Sides span={span} call={call} now={shown} clock={clock} />}
      {replays.length > 1 && (
        <div class="nb-none m">
          {replays.map((each, i) => (
            <Button key={each.id} aria-pressed={each === shown} press={() => setAt(each.id)}>
              {i + 1}
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

/** How often the time of an answer that streams in goes on. */
const CLOCK_MS = 200;

/** The trace itself may have ended long ago, and its time stands still. */
function useClock(store: Store, on: boolean): number {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => again(0), CLOCK_MS);
    return () => clearInterval(timer);
  }, [on]);
  return (on && store.clock?.()) || store.now();
}

/** A form over replays that there are begins with what the last of them was sent with. */
function lastEdits(span: WireSpan, store: Store): Edits {
  const last = store.get().spans.findLast((each) => each.replay_of === span.id);
  return span.call && last?.call ? editsBetween(formOf(span.call), formOf(last.call)) : NO_EDITS;
}

function read(
  id: string,
  call: WireCall,
  form: ReturnType<typeof formOf>,
  edits: Edits,
): { ask: ReplayAsk | null; error: string } {
  try {
    return { ask: askOf(id, call, form, edits), error: '' };
  } catch (error) {
    return { ask: null, error: error instanceof Error ? error.message : String(error) };
  }
}

/** Models met in this trace, and those the kernel knows. */
function modelsOf(store: Store, own: string): string[] {
  const { spans, models } = store.get();
  const met = spans.flatMap(({ call }) => (call?.model ? [call.model] : []));
  return [...new Set([own, ...met, ...(models ?? [])])].filter(Boolean).slice(0, 100);
}

const answerOf = (call: WireCall | undefined) => (call?.answers ?? []).map(spoken).join('\n\n');

function Sides({ span, call, now, clock }: { span: WireSpan; call: WireCall; now: WireSpan; clock: number }) {
  const [whole, setWhole] = useState(false);
  const [copied, copy] = useCopy();
  const [before, after] = [answerOf(call), answerOf(now.call)];
  const running = now.status === 'running';
  // While it streams in, the end of the original is not yet "removed".
  const { changes } = useDiff(running ? '' : before, running ? '' : after);
  const words = running || now.status ? null : <DiffText changes={changes} side="b" />;
  return (
    <>
      <div class="nb-sides">
        <div>
          <SideHead tone="f-old" word="original" span={span} clock={clock} />
          <p class="nb-said">{words ? <DiffText changes={changes} side="a" /> : before.slice(0, MOST)}</p>
        </div>
        <div aria-live="polite" aria-busy={running}>
          <SideHead tone="f-new" word="new" span={now} clock={clock} strong />
          <p class="nb-said">
            {words ?? after.slice(0, MOST)}
            {running && <i class="caret" />}
            {running && !after && <span class="m">waiting for the first token</span>}
          </p>
          {now.error && <p class="err">{brief(now.error.message, 600)}</p>}
        </div>
      </div>
      <div class="nb-foot">
        <span>{deltaWords(span, now)}</span>
        <span class="sp" />
        <Button aria-expanded={whole} press={() => setWhole(!whole)}>
          Compare whole call
        </Button>
        {now.call && (
          <Button press={(button) => now.call && copy(toOpenAiPython(now.call), button)}>Copy as Python</Button>
        )}
        <CopiedNote state={copied} />
      </div>
      {whole && <ComparePane node={pairOf(span, now, clock)} close={() => setWhole(false)} />}
    </>
  );
}

const MOST = 100_000;

interface HeadProps {
  tone: string;
  word: string;
  span: WireSpan;
  clock: number;
  strong?: boolean;
}

function SideHead({ tone, word, span, clock, strong }: HeadProps) {
  const { call } = span;
  const facts = [
    duration(span.ms ?? Math.max(0, clock - span.at)),
    call?.tokens?.out === undefined ? '' : `${tokens(call.tokens.out)} tok`,
    call?.cost ? usd(call.cost.usd) : '',
  ];
  return (
    <div class="nb-side-h">
      <span class={`sw ${tone}`} /> {strong ? <b>{word}</b> : word}
      <span class="sp" />
      <span class="n m">{facts.filter(Boolean).join(' · ')}</span>
    </div>
  );
}

/** `−0.93 s · −614 tok · −80 % cost` */
function deltaWords(a: WireSpan, b: WireSpan): string {
  if (b.ms === undefined || a.ms === undefined) return '';
  const words = [signed(b.ms - a.ms, duration)];
  const [from, to] = [a.call?.tokens?.out, b.call?.tokens?.out];
  if (from !== undefined && to !== undefined) words.push(`${signed(to - from, tokens)} tok`);
  const [was, is] = [a.call?.cost?.usd, b.call?.cost?.usd];
  if (was && is !== undefined) words.push(`${signed(((is - was) / was) * 100, (x) => `${Math.round(x)} %`)} cost`);
  return words.join(' · ') || callDelta(a, b);
}

function pairOf(a: WireSpan, b: WireSpan, clock: number): DiffNode {
  return {
    id: b.id,
    mark: 'changed',
    a: soloNode(a, clock),
    b: soloNode(b, clock),
    depth: 0,
    children: [],
    words: [],
    below: { same: 0, changed: 0, added: 0, removed: 0 },
  };
}
