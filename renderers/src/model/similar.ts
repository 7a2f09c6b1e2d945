/** Many siblings alike become one row; what a reader would look for stays out of it. */
import { count, duration, whole } from './format';
import { isBad } from './kind';
import type { Node, Similar, Tree } from './types';

export interface Grouping {
  groups: Similar[];
  /** Group by the id of each member. */
  of: Map<string, Similar>;
  /** Ids of the slowest of siblings alike, with how many those are: `slowest of 1,251`. */
  slowest: Map<string, number>;
}

/** From this many siblings of one name and type on. */
const LEAST = 20;
/** When hundreds fail alike, the first stay out and the rest are counted in the row. */
const FAILED_OUT = 20;

/**
 * Runs of siblings alike (name without its numbers, type, parent) between those that stay out:
 * errors, `stay` (matches, the selected span) and the slowest of all.
 */
export function groupSimilar(tree: Tree, stay: ReadonlySet<string> = new Set()): Grouping {
  const grouping: Grouping = { groups: [], of: new Map(), slowest: new Map() };
  const lists = [tree.roots];
  for (const node of tree.order) if (node.children.length >= LEAST) lists.push(node.children);
  for (const siblings of lists) if (siblings.length >= LEAST) groupSiblings(siblings, stay, grouping);
  return grouping;
}

function groupSiblings(siblings: readonly Node[], stay: ReadonlySet<string>, grouping: Grouping): void {
  const alike = new Map<string, Node[]>();
  for (const node of siblings) {
    const key = `${node.span.type}\n${plainName(node.span.name)}`;
    const known = alike.get(key);
    if (known) known.push(node);
    else alike.set(key, [node]);
  }
  for (const set of alike.values()) if (set.length >= LEAST) cutIntoRuns(set, stay, grouping);
}

function cutIntoRuns(set: readonly Node[], stay: ReadonlySet<string>, grouping: Grouping): void {
  const slowest = set.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));
  grouping.slowest.set(slowest.span.id, set.length);
  let failed = 0;
  let run: Node[] = [];
  const close = () => {
    if (run.length > 1) add(run, grouping);
    run = [];
  };
  for (const node of set) {
    const out = node === slowest || stay.has(node.span.id) || (isBad(node.span) && ++failed <= FAILED_OUT);
    if (out) close();
    else run.push(node);
  }
  close();
}

function add(nodes: Node[], grouping: Grouping): void {
  const group = similarOf(nodes);
  if (!group) return;
  grouping.groups.push(group);
  for (const node of nodes) grouping.of.set(node.span.id, group);
}

function similarOf(nodes: Node[]): Similar | null {
  const [first] = nodes;
  if (!first) return null;
  const lengths = nodes.map(lengthOf).sort((a, b) => a - b);
  return {
    id: `~${first.span.id}`,
    nodes,
    name: plainName(first.span.name),
    kind: first.kind,
    from: nodes.reduce((at, node) => Math.min(at, node.span.at), first.span.at),
    to: nodes.reduce((at, node) => Math.max(at, node.end), first.end),
    median: lengths[(lengths.length - 1) >> 1] ?? 0,
    slowest: lengths.at(-1) ?? 0,
    errors: nodes.reduce((sum, node) => sum + node.errors, 0),
    held: nodes.reduce((sum, node) => sum + node.held, 0),
    tokens: nodes.reduce((sum, node) => sum + node.tokens, 0),
  };
}

/** The groups of what a filter lets through; one that is left alone is a row like any other. */
export function keptGroups(grouping: Grouping, keep: ReadonlySet<string>): Grouping {
  const kept: Grouping = { groups: [], of: new Map(), slowest: grouping.slowest };
  for (const group of grouping.groups) {
    const nodes = group.nodes.filter((node) => keep.has(node.span.id));
    if (nodes.length > 1) add(nodes, kept);
  }
  return kept;
}

function lengthOf(node: Node): number {
  return node.end - node.span.at;
}

/** "item 4,112" and "item 4,113" are alike. */
function plainName(name: string): string {
  return (
    name
      .replace(/\d[\d,._]*/g, '')
      .replace(/[\s#:/-]+$/, '')
      .trim() || name
  );
}

/** `+ 212 similar`. */
export function similarTitle(group: Similar): string {
  return `+ ${count(group.nodes.length, 'similar', 'similar')}`;
}

/** `item · half under 1.18 s, slowest 4.90 s, 3 errors`. */
export function similarHint(group: Similar): string {
  const errors = group.errors ? `, ${count(group.errors, 'error')}` : '';
  const held = group.held ? `, ${whole(group.held)} held back` : '';
  return `${group.name} · half under ${duration(group.median)}, slowest ${duration(group.slowest)}${errors}${held}`;
}

export interface Column {
  /** 0 to 1 of the tallest. */
  height: number;
  error: boolean;
}

/** How many of them began where, in columns over the window; the width of a column is the caller's. */
export function density(nodes: readonly Node[], from: number, to: number, columns: number): Column[] {
  const counts = new Float64Array(Math.max(0, columns));
  const errors = new Uint8Array(counts.length);
  let most = 0;
  for (const node of nodes) {
    const i = Math.floor(((node.span.at - from) / (to - from)) * columns);
    if (!(i >= 0 && i < columns)) continue;
    const n = (counts[i] ?? 0) + 1;
    counts[i] = n;
    if (node.errors + node.held) errors[i] = 1;
    if (n > most) most = n;
  }
  return Array.from(counts, (n, i) => ({ height: most ? n / most : 0, error: errors[i] === 1 }));
}
