/** What a running cell has done so far, and the few lines worth a look: failed first, then in flight. */
import type { WireSpan } from '../wire/types';
import { retryPending } from './bar';
import { callWords } from './callWords';
import { isBad, statusOf, statusWord } from './kind';
import { oneLine } from './message';
import { retryLine, WAITING } from './words';

export interface Progress {
  done: number;
  failed: number;
  inFlight: number;
  /** Output tokens a second of what is in flight, together. */
  rate: number;
  usd?: number;
  partial?: true;
  /** Only when the number of calls is known. */
  etaMs?: number;
  /** Half of the finished calls took less. */
  median?: number;
}

export function progressOf(spans: readonly WireSpan[], now: number, planned?: number): Progress {
  const p: Progress = { done: 0, failed: 0, inFlight: 0, rate: 0 };
  const lengths: number[] = [];
  for (const span of spans) {
    const { call } = span;
    if (!call) continue;
    if (call.cost) p.usd = (p.usd ?? 0) + call.cost.usd;
    if (call.cost?.partial) p.partial = true;
    if (statusOf(span) === 'running') {
      p.inFlight++;
      p.rate += rateOf(span, now) ?? 0;
      continue;
    }
    if (statusOf(span) === 'ok') p.done++;
    else p.failed++;
    if (statusOf(span) === 'ok' && span.ms !== undefined) lengths.push(span.ms);
  }
  lengths.sort((a, b) => a - b);
  const median = lengths[(lengths.length - 1) >> 1];
  if (median !== undefined) p.median = median;
  const eta = etaOf(p, spans, now, planned);
  if (eta !== undefined) p.etaMs = eta;
  return p;
}

/** By the pace so far; not before three calls ended, and never less than what is in flight still needs. */
function etaOf(p: Progress, spans: readonly WireSpan[], now: number, planned: number | undefined): number | undefined {
  const finished = p.done + p.failed;
  const left = (planned ?? 0) - finished;
  if (planned === undefined || finished < 3 || left <= 0) return undefined;
  const first = spans.find((span) => span.call)?.at ?? 0;
  return (left * Math.max(0, now - first)) / finished;
}

/** Tokens a second since the first one. */
function rateOf(span: WireSpan, now: number): number | undefined {
  const { call } = span;
  const out = call?.tokens?.out;
  if (!out || call?.first === undefined) return undefined;
  const ms = (span.ms ?? now - span.at) - call.first;
  return ms < 100 ? undefined : (out / ms) * 1000;
}

export interface LiveRow {
  span: WireSpan;
  /** Of the call in order of start, from 1. */
  number: number;
  /** The end of what arrived, or what happened in words. */
  text: string;
  tone: 'text' | 'faint' | 'error' | 'hold';
  ms: number;
  tokens?: number;
  rate?: number;
  /** Finished, but still in its place. */
  leaving: boolean;
}

/** Lines of the live list: fixed, so that nothing below it moves. */
export const LIVE_ROWS = 13;

/** Failed calls (the latest few), then those in flight by start. */
export function liveRows(spans: readonly WireSpan[], now: number, most = LIVE_ROWS): LiveRow[] {
  return nextLiveList(null, spans, now, new Set(), most).rows;
}

export interface LiveList {
  rows: LiveRow[];
  /** When finished rows last left. */
  sweptAt: number;
}

/** Finished rows leave together, at most this often. */
const SWEEP_MS = 2000;

/**
 * The list after a change. Rows keep their place; finished ones leave every 2 s and not while held
 * (pointer or focus on them); new ones come at the end.
 */
export function nextLiveList(
  before: LiveList | null,
  spans: readonly WireSpan[],
  now: number,
  held: ReadonlySet<string>,
  most = LIVE_ROWS,
): LiveList {
  const calls = spans.filter((span) => span.call !== undefined);
  const numbered = new Map(calls.map((span, i) => [span.id, { span, number: i + 1 }]));
  const sweep = !before || now - before.sweptAt >= SWEEP_MS;
  const stays = (span: WireSpan) => isBad(span) || statusOf(span) === 'running';
  // More than half for failures would hide what is in flight.
  const failed = calls.filter((span) => isBad(span)).slice(-Math.floor(most / 2));
  const shown = new Set<string>(failed.map((span) => span.id));
  for (const row of before?.rows ?? []) {
    const span = numbered.get(row.span.id)?.span;
    if (span && !isBad(span) && (stays(span) || !sweep || held.has(span.id))) shown.add(span.id);
  }
  for (const span of calls) {
    if (shown.size >= most) break;
    if (statusOf(span) === 'running') shown.add(span.id);
  }
  const rows = [...shown].flatMap((id) => {
    const known = numbered.get(id);
    return known ? [liveRow(known.span, known.number, now)] : [];
  });
  const rank = (row: LiveRow) => (isBad(row.span) ? 0 : 1);
  rows.sort((a, b) => rank(a) - rank(b) || a.number - b.number);
  return { rows: rows.slice(0, most), sweptAt: sweep ? now : before.sweptAt };
}

function liveRow(span: WireSpan, number: number, now: number): LiveRow {
  const running = statusOf(span) === 'running';
  const ms = span.ms ?? Math.max(0, now - span.at);
  const row: LiveRow = { span, number, ms, leaving: !running && !isBad(span), ...textOf(span, now) };
  const out = span.call?.tokens?.out;
  if (running && out) row.tokens = out;
  const rate = running ? rateOf(span, now) : undefined;
  if (rate !== undefined) row.rate = rate;
  return row;
}

function textOf(span: WireSpan, now: number): Pick<LiveRow, 'text' | 'tone'> {
  const { call } = span;
  if (isBad(span)) {
    const text = span.error?.message ?? call?.verdict?.title ?? span.hint ?? statusWord(span);
    return { text, tone: statusOf(span) === 'error' ? 'error' : 'hold' };
  }
  const last = call?.attempts.at(-1);
  if (span.ms === undefined && last && retryPending(call)) {
    const next =
      last.retry_after === undefined ? undefined : span.at + last.at + (last.ms ?? 0) + last.retry_after * 1000 - now;
    return { text: retryLine(last.code ?? last.error, next), tone: 'hold' };
  }
  const [answer] = call?.answers ?? [];
  const text = answer ? oneLine(answer, 100_000) : '';
  return text
    ? { text, tone: 'text' }
    : { text: [WAITING, call && callWords(call)].filter(Boolean).join(' · '), tone: 'faint' };
}
