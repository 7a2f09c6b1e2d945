/** The sentences of the view. Plain words first, codes second; nothing is called missing that may still come. */
import type { Wire, WireSpan, WireTotals } from '../wire/types';
import { bytes, count, duration, durationLong, inOut, tokens, usd, whole } from './format';
import { nounOf, shortModel, statusOf, statusWord } from './kind';
import type { Progress } from './progress';
import type { Node, SplitKind } from './types';

/** Words of the legend. */
export const SPLIT_WORDS: Readonly<Record<SplitKind, string>> = {
  model: 'model',
  tool: 'tools',
  data: 'data',
  wait: 'retry wait',
  flow: 'own code',
  hold: 'held back',
  error: 'errors',
};

/** A part of a line; `bold` and `dotted` (estimated) are the view's to draw. */
export interface Piece {
  text: string;
  tone?: 'error' | 'hold' | 'strong';
  /** Not exact; `title` says how it is known. */
  dotted?: true;
  title?: string;
}

/** `37 done · 2 failed · 11 in flight · 412 tok/s · $0.031 · ~6 s left`, as pieces. */
export function runningPieces(p: Progress): Piece[] {
  const pieces: Piece[] = [{ text: `${whole(p.done)} done`, tone: 'strong' }];
  if (p.failed) pieces.push({ text: `${whole(p.failed)} failed`, tone: 'error' });
  pieces.push({ text: `${whole(p.inFlight)} in flight`, tone: 'strong' });
  if (p.rate >= 0.5) pieces.push({ text: `${whole(p.rate)} tok/s` });
  if (p.usd !== undefined)
    pieces.push({ text: (p.partial ? '≥ ' : '') + usd(p.usd), dotted: true, title: 'cost so far' });
  if (p.etaMs !== undefined) pieces.push({ text: leftWord(p.etaMs) });
  return pieces;
}

export function runningLine(p: Progress): string {
  return runningPieces(p)
    .map((piece) => piece.text)
    .join(' · ');
}

/** `~6 s left`: whole seconds, no false precision. */
function leftWord(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return `~${seconds < 60 ? `${seconds} s` : durationLong(seconds * 1000)} left`;
}

/** What is said in the place of a first token. */
export const WAITING = 'waiting for the first token';

/** `429, next try in 0.6 s`; after that time only what happened. */
export function retryLine(code: number | string | undefined, nextMs: number | undefined): string {
  const what = code === undefined ? 'failed' : String(code);
  return nextMs === undefined || nextMs <= 0
    ? `${what}, trying again`
    : `${what}, next try in ${(nextMs / 1000).toFixed(1)} s`;
}

/** `No model call in this cell. 3 other HTTP requests were left alone.` in two parts, the first bold. */
export function emptyLine(wire: Wire): [string, string] {
  const other = wire.other ?? 0;
  return [
    'No model call in this cell.',
    other ? `${count(other, 'other HTTP request')} ${other === 1 ? 'was' : 'were'} left alone.` : '',
  ];
}

/** `The first 200 of 3,412 spans are saved here, 1.0 MB. Run the cell to see all.`; not where a kernel has the rest. */
export function cutLine(wire: Wire, live = false): [string, string] | null {
  if (!wire.cut) return null;
  const size = wire.cut.bytes === undefined ? '' : `, ${bytes(wire.cut.bytes)}`;
  const total = Math.max(wire.cut.spans, wire.totals.spans);
  return [
    `The first ${whole(wire.spans.length)} of ${count(total, 'span')} are saved here`,
    `${size}.${live ? '' : ' Run the cell to see all.'}`,
  ];
}

/** `2 of 412 calls could not be recorded. Your calls were not touched. First: …` */
export function failedLine(wire: Wire): [string, string] | null {
  if (!wire.failed?.count) return null;
  const all = wire.totals.calls + wire.failed.count;
  return [
    `${whole(wire.failed.count)} of ${count(all, 'call')} could not be recorded.`,
    `Your calls were not touched. First: ${wire.failed.first}`,
  ];
}

/** `MLflow: 3 exported · 1 pending,` `sqlite:///… (experiment churn): …` */
export function exportLine(wire: Wire): [string, string] | null {
  const { export: sent } = wire;
  if (!sent) return null;
  const { exported = 0, pending = 0, failed = 0 } = sent;
  const parts = [
    exported || !(pending || failed) ? `${whole(exported)} exported` : '',
    pending ? `${whole(pending)} pending` : '',
    failed ? `${whole(failed)} failed` : '',
  ];
  return [`MLflow: ${parts.filter(Boolean).join(' · ')}`, `, ${sent.to}${sent.why ? `: ${sent.why}` : ''}`];
}

/** `saved 14 Oct, 14:02`, in the reader's own time. */
export function savedLine(wire: Wire): string {
  const at = new Date(wire.saved ?? Number.NaN);
  if (Number.isNaN(at.getTime())) return 'saved';
  // `Wed Oct 14 2026 14:02:00 …` by the standard. The first date in the words of a locale takes 5 ms.
  const [, month, day, , time] = at.toString().split(' ');
  return `saved ${Number(day)} ${month}, ${time?.slice(0, 5)}`;
}

export const UNTRUSTED: readonly [string, string] = [
  'Not a trusted notebook.',
  'You can look at everything; replay, feedback and links are off.',
];
export const NO_KERNEL = 'Replay and feedback need a kernel. Run the cell to make this view live.';
export const NO_MATCH = 'No match. Esc clears.';
export const ROW_NOT_HERE = 'Gateway row not here yet. The table lags 5 to 30 minutes, at times an hour.';
export const PENDING = 'Waiting for the first model call.';

/** `All 25 spans are filtered out. Clear.` */
export function filteredLine(spans: number): string {
  return spans === 1 ? 'The only span is filtered out. Clear.' : `All ${count(spans, 'span')} are filtered out. Clear.`;
}

/** `93 rows stand for 10,000 spans` */
export function foldedLine(rows: number, spans: number): string {
  return `${count(rows, 'row')} ${rows === 1 ? 'stands' : 'stand'} for ${count(spans, 'span')}`;
}

/** `14 of 212`, or `212` while none is chosen. */
export function matchLine(place: number | null, total: number): string {
  if (!total) return NO_MATCH;
  return place === null ? count(total, 'match', 'matches') : `${whole(place + 1)} of ${whole(total)}`;
}

/** Tokens of a header: `15.1k → 1,674 tokens`, `1,920 tokens`; null when none are known. */
export function tokensPiece(totals: WireTotals, unit = 'tokens'): Piece | null {
  if (totals.in === undefined && totals.out === undefined && totals.tokens === undefined) return null;
  const text =
    totals.in === undefined && totals.out === undefined
      ? tokens(totals.tokens ?? 0)
      : totals.out || totals.in === undefined
        ? inOut(totals.in, totals.out)
        : tokens(totals.in);
  return totals.est ? { text: `${text} ${unit}`, dotted: true, title: 'estimated' } : { text: `${text} ${unit}` };
}

/** Cost of a header: `$0.044` dotted since prices are lists, `≥ $0.057` when a part is unknown. */
export function costPiece(totals: Pick<WireTotals, 'usd' | 'partial'>, title = 'list price × tokens'): Piece | null {
  if (totals.usd === undefined) return null;
  return {
    text: totals.partial ? `≥ ${usd(totals.usd)}` : usd(totals.usd),
    dotted: true,
    title: totals.partial ? `${title}; a part has no known price` : title,
  };
}

/** Tooltip where a cost should be: `no price for support-ft`. */
export function noPrice(name: string | undefined): string {
  return `no price for ${name ? shortModel(name) : 'this model'}`;
}

/** Name of a row for a screen reader: "run_sql, tool, error, 0.39 s, from 1.63 s". */
export function rowLabel(node: Node): string {
  const { span } = node;
  const time = span.ms === undefined ? 'not ended' : duration(node.end - span.at);
  return [span.name || 'no name', nounOf(span), spokenStatus(span), time, `from ${(span.at / 1000).toFixed(2)} s`].join(
    ', ',
  );
}

function spokenStatus(span: WireSpan): string {
  const retries = (span.call?.attempts.length ?? 1) - 1;
  const word = statusWord(span) || 'ok';
  return statusOf(span) === 'ok' && retries > 0 ? `ok after ${count(retries, 'retry', 'retries')}` : word;
}

/** What stands after the name: the hint, or how many are in parallel below. */
export function rowHint(node: Node): string {
  if (node.span.hint) return node.span.hint;
  const parallel = inParallel(node);
  return parallel > 1 ? `${whole(parallel)} in parallel` : '';
}

/** Most children at work at one time, if all of them were. */
function inParallel(node: Node): number {
  const { children } = node;
  if (node.kind !== 'flow' || children.length < 2) return 0;
  const last = children.at(-1);
  const firstEnd = children.reduce((at, child) => Math.min(at, child.end), Number.POSITIVE_INFINITY);
  // Children are sorted by start: all overlap if the last began before the first ended.
  return last && last.span.at < firstEnd ? children.length : 0;
}

/** `2 attempts`, empty for one. */
export function attemptsWord(span: WireSpan): string {
  const n = span.call?.attempts.length ?? 0;
  return n > 1 ? count(n, 'attempt') : '';
}
