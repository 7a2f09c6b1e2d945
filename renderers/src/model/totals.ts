/** The sums of a trace. `nbext/display` counts the same; the shared fixtures hold both to it. */
import type { Status, WireSpan, WireTotals } from '../wire/types';
import { criticalPath } from './critical';
import { statusOf } from './kind';
import { buildTree } from './tree';

/** @param ms length of the capture, or its clock while it runs */
export function totalsOf(spans: readonly WireSpan[], ms: number): WireTotals {
  const calls = spans.filter((span) => span.call !== undefined);
  const totals: WireTotals = { spans: spans.length, calls: calls.length };
  addStatus(totals, calls);
  addTokens(totals, calls);
  addCost(totals, calls);
  if (calls.length) totals.gateway_ms = gatewayTime(calls, ms);
  const { split } = criticalPath(buildTree(spans, ms), ms);
  if (split.length) totals.split = Object.fromEntries(split.map((part) => [part.kind, part.ms]));
  return totals;
}

function addStatus(totals: WireTotals, calls: readonly WireSpan[]): void {
  const status: Partial<Record<Status, number>> = {};
  let budget = 0;
  let retries = 0;
  for (const span of calls) {
    const word = statusOf(span);
    status[word] = (status[word] ?? 0) + 1;
    if (span.call?.verdict?.kind === 'budget') budget++;
    retries += Math.max(0, (span.call?.attempts.length ?? 0) - 1);
  }
  if (calls.length) totals.status = status;
  if (budget) totals.budget = budget;
  if (retries) totals.retries = retries;
}

function addTokens(totals: WireTotals, calls: readonly WireSpan[]): void {
  const add = (key: 'in' | 'out' | 'tokens', n: number | undefined) => {
    if (n !== undefined) totals[key] = (totals[key] ?? 0) + n;
  };
  for (const span of calls) {
    const used = span.call?.tokens;
    if (!used) continue;
    add('in', used.in);
    add('out', used.out);
    const known = used.in !== undefined || used.out !== undefined;
    add('tokens', used.total ?? (known ? (used.in ?? 0) + (used.out ?? 0) : undefined));
    if (used.est) totals.est = true;
  }
}

function addCost(totals: WireTotals, calls: readonly WireSpan[]): void {
  let usd: number | undefined;
  let partial = false;
  for (const span of calls) {
    const cost = span.call?.cost;
    if (cost) {
      usd = (usd ?? 0) + cost.usd;
      partial ||= cost.partial === true;
    } else {
      const status = statusOf(span);
      partial ||= status === 'ok' || status === 'interrupted' || (span.call?.tokens?.total ?? 0) > 0;
    }
  }
  if (usd === undefined) return;
  totals.usd = usd;
  if (partial) totals.partial = true;
}

/** Length of the union of all attempts. */
function gatewayTime(calls: readonly WireSpan[], ms: number): number {
  const parts: [number, number][] = [];
  for (const span of calls) {
    const end = span.ms === undefined ? ms : span.at + Math.max(0, span.ms);
    const attempts = span.call?.attempts ?? [];
    if (!attempts.length) parts.push([span.at, end]);
    for (const attempt of attempts) {
      const from = span.at + attempt.at;
      parts.push([from, attempt.ms === undefined ? end : from + attempt.ms]);
    }
  }
  parts.sort((a, b) => a[0] - b[0]);
  let sum = 0;
  let at = 0;
  for (const [from, to] of parts) {
    const start = Math.max(from, at);
    const stop = Math.min(to, ms);
    if (stop > start) {
      sum += stop - start;
      at = stop;
    }
  }
  return sum;
}
