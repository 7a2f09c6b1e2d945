/**
 * Where the time went. From the end of the trace backwards, each moment belongs to one span: among
 * the children of a span the one that ended last before the moment, or, if none just ended, one that
 * was under way; moments in which no child was at work are the span's own. So the parts add up to the
 * whole. `nbext/display` counts the same way; the shared fixtures hold both to it.
 */
import { statusOf } from './kind';
import type { Critical, Node, SplitKind, Tree } from './types';

/** A child that ended this shortly before is what the next one waited for. */
const HANDOVER_MS = 5;

/** The order of the legend. */
const KINDS: readonly SplitKind[] = ['model', 'tool', 'data', 'wait', 'flow', 'hold', 'error'];

interface Work {
  node: Node | null;
  kids: readonly Node[];
  lo: number;
  hi: number;
}

/** @param end length of the capture in ms; the split adds up to it */
export function criticalPath(tree: Tree, end: number): Critical {
  const ids = new Set<string>();
  const sums = new Map<SplitKind, number>();
  const spend = (kind: SplitKind, ms: number) => {
    if (ms > 0) sums.set(kind, (sums.get(kind) ?? 0) + ms);
  };
  const own = (node: Node | null, from: number, to: number) => {
    if (to > from) ownTime(node, from, to, spend);
  };
  const work: Work[] = [{ node: null, kids: tree.roots, lo: 0, hi: Math.max(0, end) }];
  for (let item = work.pop(); item; item = work.pop()) {
    const { node, lo, hi } = item;
    let cursor = hi;
    for (const step of stepsBack(item.kids, lo, hi)) {
      own(node, step.hi, cursor);
      cursor = step.lo;
      ids.add(step.node.span.id);
      work.push({ node: step.node, kids: step.node.children, lo: step.lo, hi: step.hi });
    }
    own(node, lo, cursor);
  }
  const split = KINDS.flatMap((kind) => {
    const ms = sums.get(kind);
    return ms === undefined ? [] : [{ kind, ms }];
  });
  return { ids, split };
}

interface Step {
  node: Node;
  lo: number;
  hi: number;
}

/** The children the path goes through between `lo` and `hi`, last first. */
function stepsBack(kids: readonly Node[], lo: number, hi: number): Step[] {
  const steps: Step[] = [];
  const ended = kids.length > 1 ? [...kids].sort((a, b) => b.to - a.to) : kids;
  let i = 0;
  let open: Node | undefined;
  let cursor = hi;
  while (cursor > lo) {
    for (let node = ended[i]; node && node.to > cursor; node = ended[++i]) {
      if (!open || node.from < open.from) open = node;
    }
    const next = ended[i];
    const closed = next && next.to > lo ? next : undefined;
    const still = open && open.from < cursor ? open : undefined;
    const causal = closed && (!still || cursor - closed.to <= HANDOVER_MS);
    const node = causal ? closed : still;
    if (!node) break;
    if (causal) i++;
    const bottom = Math.max(node.from, lo);
    steps.push({ node, lo: bottom, hi: Math.min(node.to, cursor) });
    cursor = bottom;
  }
  return steps;
}

type Spend = (kind: SplitKind, ms: number) => void;

function ownTime(node: Node | null, from: number, to: number, spend: Spend): void {
  if (!node) {
    spend('flow', to - from);
    return;
  }
  const a = Math.min(Math.max(from, node.span.at), to);
  const b = Math.max(Math.min(to, node.end), a);
  spend('flow', a - from + (to - b));
  const waited = overlap(waits(node), a, b);
  spend('wait', waited);
  spend(baseOf(node), b - a - waited);
}

function baseOf(node: Node): SplitKind {
  if (node.kind === 'flow') return 'flow';
  const status = statusOf(node.span);
  if (status === 'error' || status === 'rate_limited') return 'error';
  return status === 'blocked' ? 'hold' : node.kind;
}

/** Times between attempts, on the capture's clock; the last may reach to now. */
function waits(node: Node): [number, number][] {
  const { call, at, ms } = node.span;
  const all: [number, number][] = [];
  call?.attempts.forEach((attempt, i) => {
    if (attempt.ms === undefined) return;
    const from = at + attempt.at + attempt.ms;
    const next = call.attempts[i + 1];
    if (next) all.push([from, at + next.at]);
    else if (ms === undefined) all.push([from, node.end]);
  });
  return all;
}

function overlap(parts: readonly [number, number][], from: number, to: number): number {
  let sum = 0;
  let at = from;
  for (const [a, b] of parts) {
    const start = Math.max(a, at);
    const stop = Math.min(b, to);
    if (stop > start) {
      sum += stop - start;
      at = stop;
    }
  }
  return sum;
}
