/** Spans to a tree, whatever is wrong with them: every span is drawn, and what was odd is said in words. */
import type { WireSpan } from '../wire/types';
import { count } from './format';
import { isBad, kindOf, statusOf } from './kind';
import type { Node, Tree } from './types';

/** Clocks of two threads may differ by this much before it counts as skew. */
const SKEW_MS = 1;

/**
 * All in loops: traces 1,400 levels deep and 50,000 spans wide exist.
 *
 * @param now end of spans that still run, ms of the capture's clock
 */
export function buildTree(spans: readonly WireSpan[], now: number): Tree {
  const odd = { missing: 0, cycles: 0, twice: 0, negative: 0, endless: 0, skew: 0, untimed: 0 };
  const byId = new Map<string, Node>();
  const nodes = sorted(spans).map((span) => nodeOf(span, now, byId, odd));
  const roots = link(nodes, byId, odd);
  const order = walk(roots);
  markTwins(roots);
  for (const node of order) if (node.children.length > 1) markTwins(node.children);
  sumUp(order);
  for (const node of nodes) if (node.parent && node.span.at < node.parent.span.at - SKEW_MS) odd.skew++;
  return { roots, byId, order, failed: order.filter(failedItself), notes: notesOf(odd) };
}

type Odd = Record<'missing' | 'cycles' | 'twice' | 'negative' | 'endless' | 'skew' | 'untimed', number>;

function sorted(spans: readonly WireSpan[]): readonly WireSpan[] {
  let last = -Infinity;
  for (const span of spans) {
    if (!(span.at >= last)) return [...spans].sort((a, b) => finite(a.at) - finite(b.at));
    last = span.at;
  }
  return spans;
}

function finite(x: number): number {
  return Number.isFinite(x) ? x : 0;
}

function nodeOf(given: WireSpan, now: number, byId: Map<string, Node>, odd: Odd): Node {
  let span = given;
  if (!Number.isFinite(span.at)) {
    odd.untimed++;
    span = { ...span, at: 0 };
  }
  if (byId.has(span.id)) {
    odd.twice++;
    span = { ...span, id: freeId(span.id, byId) };
  }
  let end = span.at + (span.ms ?? 0);
  if (span.ms === undefined) {
    if (span.status !== 'running') odd.endless++;
    end = Math.max(span.at, now);
  } else if (!(span.ms >= 0)) {
    odd.negative++;
    end = span.at;
  }
  const node: Node = {
    span,
    parent: null,
    children: [],
    depth: 0,
    kind: kindOf(span),
    twin: false,
    end,
    from: span.at,
    to: end,
    spans: 1,
    errors: 0,
    held: 0,
    tokens: tokensOf(span),
    own: end - span.at,
  };
  byId.set(span.id, node);
  return node;
}

function freeId(id: string, byId: Map<string, Node>): string {
  let n = 2;
  while (byId.has(`${id}#${n}`)) n++;
  return `${id}#${n}`;
}

function tokensOf(span: WireSpan): number {
  const used = span.call?.tokens;
  return used ? (used.total ?? (used.in ?? 0) + (used.out ?? 0)) : 0;
}

function link(nodes: readonly Node[], byId: Map<string, Node>, odd: Odd): Node[] {
  const roots: Node[] = [];
  for (const node of nodes) {
    const id = node.span.parent;
    const parent = id === undefined || id === '' ? undefined : byId.get(id);
    if (parent && parent !== node) node.parent = parent;
    else if (parent) odd.cycles++;
    else if (id) odd.missing++;
  }
  cutCycles(nodes, odd);
  for (const node of nodes) (node.parent ? node.parent.children : roots).push(node);
  return roots;
}

/** Each circle of parents is opened at its first span, which becomes a root. */
function cutCycles(nodes: readonly Node[], odd: Odd): void {
  const seenBy = new Map<Node, Node>();
  let rank: Map<Node, number> | undefined;
  for (const start of nodes) {
    let node: Node | null = start;
    while (node && !seenBy.has(node)) {
      seenBy.set(node, start);
      node = node.parent;
    }
    if (!node || seenBy.get(node) !== start) continue;
    odd.cycles++;
    rank ??= new Map(nodes.map((other, i) => [other, i]));
    firstOfCycle(node, rank).parent = null;
  }
}

function firstOfCycle(start: Node, rank: ReadonlyMap<Node, number>): Node {
  let first = start;
  for (let node = start.parent; node && node !== start; node = node.parent) {
    if ((rank.get(node) ?? 0) < (rank.get(first) ?? 0)) first = node;
  }
  return first;
}

function walk(roots: readonly Node[]): Node[] {
  const order: Node[] = [];
  const stack = [...roots].reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    node.depth = node.parent ? node.parent.depth + 1 : 0;
    order.push(node);
    for (let i = node.children.length - 1; i >= 0; i--) {
      const child = node.children[i];
      if (child) stack.push(child);
    }
  }
  return order;
}

function markTwins(siblings: readonly Node[]): void {
  const known = new Map<string, Node>();
  for (const node of siblings) {
    const { call, name } = node.span;
    if (!call) continue;
    const key = `${name}\n${call.model ?? call.endpoint}`;
    const other = known.get(key);
    if (other) other.twin = node.twin = true;
    else known.set(key, node);
  }
}

/** Children come after their parent in `order`, so one pass from the end sums subtrees. */
function sumUp(order: readonly Node[]): void {
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i];
    if (!node) continue;
    if (node.children.length) node.own = ownTime(node);
    if (node.errors + node.held === 0 && isBad(node.span)) {
      if (statusOf(node.span) === 'error') node.errors = 1;
      else node.held = 1;
    }
    const parent = node.parent;
    if (!parent) continue;
    parent.spans += node.spans;
    parent.errors += node.errors;
    parent.held += node.held;
    parent.tokens += node.tokens;
    parent.from = Math.min(parent.from, node.from);
    parent.to = Math.max(parent.to, node.to);
  }
}

function failedItself(node: Node): boolean {
  return isBad(node.span) && node.children.every((child) => child.errors + child.held === 0);
}

function ownTime(node: Node): number {
  let covered = 0;
  let at = node.span.at;
  // Children are sorted by start: the union of their times in one pass.
  for (const child of node.children) {
    const from = Math.max(child.span.at, at);
    const to = Math.min(child.end, node.end);
    if (to > from) {
      covered += to - from;
      at = to;
    }
  }
  return Math.max(0, node.end - node.span.at - covered);
}

function notesOf(odd: Odd): string[] {
  const notes: string[] = [];
  const say = (n: number, one: string, many: string) => {
    if (n) notes.push(`${count(n, 'span')} ${n === 1 ? one : many}`);
  };
  say(
    odd.missing,
    'has a parent that is not here; it is drawn at the top.',
    'have a parent that is not here; they are drawn at the top.',
  );
  if (odd.cycles)
    notes.push(`${count(odd.cycles, 'circle')} of parents ${odd.cycles === 1 ? 'was' : 'were'} cut open.`);
  say(odd.twice, 'has the id of another; both are drawn.', 'have the id of another; all are drawn.');
  say(
    odd.negative,
    'ends before it starts; it is drawn without length.',
    'end before they start; they are drawn without length.',
  );
  say(
    odd.endless,
    'has no end; it is drawn up to the end of the trace.',
    'have no end; they are drawn up to the end of the trace.',
  );
  say(odd.untimed, 'has no start; it is drawn from 0.', 'have no start; they are drawn from 0.');
  say(odd.skew, 'starts before its parent; clocks differ.', 'start before their parents; clocks differ.');
  return notes;
}
