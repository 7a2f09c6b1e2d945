/** What two runs cost and took, side by side. */
import type { Wire, WireSpan } from '../wire/types';
import type { DiffNode } from './diff';
import { duration, durationLong, signed, tokens, usd, whole } from './format';
import { isBad } from './kind';

export interface TotalDelta {
  name: string;
  a: string;
  b: string;
  /** `−2.41 s`, `−15 %`; empty where one of them is not known. */
  delta: string;
}

/** Differences of a row from here on are worth a bold figure. */
const BOLD_MS = 300;

/** Time, tokens, cost, first token (median), errors, attempts. */
export function totalDeltas(a: Wire, b: Wire): TotalDelta[] {
  return [
    row('Time', a.ms, b.ms, durationLong, inUnits(duration)),
    row('Tokens', a.totals.tokens, b.totals.tokens, tokens, inPercent),
    row('Cost', a.totals.usd, b.totals.usd, usd, inPercent),
    row('First token, median', medianFirst(a.spans), medianFirst(b.spans), duration, inUnits(duration)),
    row('Errors', countOf(a.spans, failures), countOf(b.spans, failures), whole, inUnits(whole)),
    row('Attempts', countOf(a.spans, attempts), countOf(b.spans, attempts), whole, inUnits(whole)),
  ];
}

type Difference = (a: number, b: number) => string;

function row(
  name: string,
  a: number | undefined,
  b: number | undefined,
  text: (x: number) => string,
  delta: Difference,
): TotalDelta {
  return {
    name,
    a: a === undefined ? '–' : text(a),
    b: b === undefined ? '–' : text(b),
    delta: a === undefined || b === undefined ? '' : delta(a, b),
  };
}

function inUnits(text: (x: number) => string): Difference {
  return (a, b) => signed(b - a, text);
}

/** `−15 %`; from nothing there is no percentage. */
function inPercent(a: number, b: number): string {
  return a > 0 ? signed(((b - a) / a) * 100, (x) => `${Math.round(x)} %`) : '';
}

function medianFirst(spans: readonly WireSpan[]): number | undefined {
  const firsts = spans
    .flatMap((span) => (span.call?.first === undefined ? [] : [span.call.first]))
    .sort((x, y) => x - y);
  const mid = firsts.length >> 1;
  const upper = firsts[mid];
  if (upper === undefined || firsts.length % 2) return upper;
  return ((firsts[mid - 1] ?? upper) + upper) / 2;
}

function countOf(spans: readonly WireSpan[], each: (span: WireSpan) => number): number {
  return spans.reduce((n, span) => n + each(span), 0);
}

function failures(span: WireSpan): number {
  return isBad(span) ? 1 : 0;
}

function attempts(span: WireSpan): number {
  return span.call ? Math.max(1, span.call.attempts.length) : 0;
}

export interface RowDelta {
  /** Seconds, no unit: the column's head has it. */
  a: string;
  b: string;
  delta: string;
  bold: boolean;
}

/** The three figures of a row of the comparison. */
export function rowDelta(node: DiffNode): RowDelta {
  const a = node.a ? node.a.end - node.a.span.at : undefined;
  const b = node.b ? node.b.end - node.b.span.at : undefined;
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  const by = a === undefined || b === undefined ? undefined : b - a;
  return {
    a: a === undefined ? '' : seconds(a),
    b: b === undefined ? '' : seconds(b),
    // Below 50 ms two runs of the same code differ by chance.
    delta: by === undefined ? '' : Math.abs(by) < 45 ? '0' : signed(by, seconds),
    bold: by !== undefined && Math.abs(by) >= BOLD_MS,
  };
}

/** The line under the name: `1.49 → 1.54 s · 5,120 → 4,388 in · 702 → 655 out`. */
export function callDelta(a: WireSpan, b: WireSpan): string {
  const parts: string[] = [];
  if (a.ms !== undefined && b.ms !== undefined) parts.push(`${duration(a.ms).replace(/ s$/, '')} → ${duration(b.ms)}`);
  const [from, to] = [a.call?.tokens, b.call?.tokens];
  if (from?.in !== undefined && to?.in !== undefined) parts.push(`${tokens(from.in)} → ${tokens(to.in)} in`);
  if (from?.out !== undefined && to?.out !== undefined) parts.push(`${tokens(from.out)} → ${tokens(to.out)} out`);
  const [was, is] = [a.call?.cost, b.call?.cost];
  if (was && is) parts.push(`${usd(was.usd)} → ${usd(is.usd)}`);
  return parts.join(' · ');
}
