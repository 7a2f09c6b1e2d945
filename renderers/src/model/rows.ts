/** The tree as rows of one height, and which of them are in sight. */
import { type Grouping, keptGroups } from './similar';
import type { Node, Row, Tree } from './types';

export interface RowsOptions {
  /** Ids that match a search or filter (`keep` also holds their parents). */
  matches?: ReadonlySet<string>;
  /** Siblings alike folded to one row; see similar.ts. */
  groups?: Grouping;
  /** Ids of groups that are open. */
  opened?: ReadonlySet<string>;
}

/**
 * @param folded ids of nodes whose children are not drawn
 * @param keep when given, only these ids are drawn
 */
export function rowsOf(
  tree: Tree,
  folded: ReadonlySet<string>,
  keep?: ReadonlySet<string>,
  options: RowsOptions = {},
): Row[] {
  const { matches, opened } = options;
  const groups = options.groups && keep ? keptGroups(options.groups, keep) : options.groups;
  const rows: Row[] = [];
  const stack: Node[] = [];
  const push = (children: readonly Node[]) => {
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      if (child && (!keep || keep.has(child.span.id))) stack.push(child);
    }
  };
  push(tree.roots);
  for (let node = stack.pop(); node; node = stack.pop()) {
    const id = node.span.id;
    const group = groups?.of.get(id);
    if (group) {
      const open = opened?.has(group.id) ?? false;
      if (group.nodes[0] === node) {
        rows.push({ node, folded: !open, depth: node.depth, match: false, similar: group });
      }
      if (!open) continue;
    }
    const shut = node.children.length > 0 && folded.has(id);
    rows.push({ node, folded: shut, depth: node.depth, match: matches?.has(id) ?? false });
    if (!shut) push(node.children);
  }
  return rows;
}

/** Rows to mount: `from` inclusive, `to` exclusive, `overscan` more at each side. */
export function visibleRange(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  overscan: number,
): { from: number; to: number } {
  if (!(rowHeight > 0) || count <= 0) return { from: 0, to: 0 };
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const last = Math.ceil((Math.max(0, scrollTop) + Math.max(0, height)) / rowHeight);
  const from = Math.min(Math.max(0, first - overscan), count);
  return { from, to: Math.min(count, Math.max(from, last + overscan)) };
}

/**
 * `[` and `]`: fold the deepest open level (`delta` < 0) or unfold the topmost folded one (> 0).
 * Only what is in sight counts.
 */
export function foldLevel(tree: Tree, folded: ReadonlySet<string>, delta: number): Set<string> {
  const next = new Set(folded);
  const parents = rowsOf(tree, folded)
    .map((row) => row.node)
    .filter((node) => node.children.length > 0 && folded.has(node.span.id) === delta > 0);
  if (!parents.length || !delta) return next;
  const level = parents.reduce(
    (at, node) => (delta > 0 ? Math.min(at, node.depth) : Math.max(at, node.depth)),
    delta > 0 ? Number.POSITIVE_INFINITY : 0,
  );
  for (const node of parents) {
    if (node.depth !== level) continue;
    if (delta > 0) next.delete(node.span.id);
    else next.add(node.span.id);
  }
  return next;
}

/** Ids of a node and of all parents below it: Alt with the chevron. */
export function subtreeIds(node: Node): string[] {
  const ids: string[] = [];
  const stack = [node];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (!next.children.length) continue;
    ids.push(next.span.id);
    stack.push(...next.children);
  }
  return ids;
}

/** Ids of the parents of a node, root first. */
export function ancestors(node: Node): string[] {
  const ids: string[] = [];
  for (let parent = node.parent; parent; parent = parent.parent) ids.push(parent.span.id);
  return ids.reverse();
}

const SMALL = 60;
const FIRST_ROWS = 25;
const FIRST_ERRORS = 20;

/**
 * First paint: a small trace is open, a large one as deep as fills a view; errors are always in sight.
 */
export function initialFold(tree: Tree): Set<string> {
  const folded = new Set<string>();
  if (tree.order.length <= SMALL) return folded;
  const depth = openDepth(tree);
  for (const node of tree.order) if (node.children.length && node.depth >= depth) folded.add(node.span.id);
  for (const node of tree.failed.slice(0, FIRST_ERRORS)) for (const id of ancestors(node)) folded.delete(id);
  return folded;
}

/** How many levels can be drawn before a view is full. The first is always open. */
function openDepth(tree: Tree): number {
  const perLevel: number[] = [];
  for (const node of tree.order) perLevel[node.depth] = (perLevel[node.depth] ?? 0) + 1;
  let rows = perLevel[0] ?? 0;
  let depth = 0;
  while (depth + 1 < perLevel.length) {
    rows += perLevel[depth + 1] ?? 0;
    if (rows > FIRST_ROWS && depth > 0) break;
    depth++;
  }
  return depth;
}
