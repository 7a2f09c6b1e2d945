/** The rows of a comparison: what is folded, what is filtered, and what is said after each name. */
import { type DiffNode, type DiffTree, type Mark, markOf } from './diff';
import { count } from './format';
import { hintOf as hintOfNode } from './hint';

export interface CompareRow {
  node: DiffNode;
  folded: boolean;
  mark: Mark;
  hint: string;
}

const MARKS: Readonly<Record<Mark, string>> = { same: '', changed: '~', added: '+', removed: '−' };

export const markSign = (mark: Mark) => MARKS[mark];

/** @param only keep these marks, with their parents */
export function compareRows(tree: DiffTree, folded: ReadonlySet<string>, only?: Mark): CompareRow[] {
  const keep = only && kept(tree, only);
  const rows: CompareRow[] = [];
  let hiddenBelow = Number.POSITIVE_INFINITY;
  for (const node of tree.order) {
    if (node.depth > hiddenBelow) continue;
    hiddenBelow = Number.POSITIVE_INFINITY;
    if (keep && !keep.has(node)) continue;
    // A filter opens what it looks into.
    const closed = !keep && folded.has(node.id) && node.children.length > 0;
    if (closed) hiddenBelow = node.depth;
    rows.push({ node, folded: closed, mark: markOf(node, closed), hint: hintOf(node, closed) });
  }
  return rows;
}

function kept(tree: DiffTree, only: Mark): Set<DiffNode> {
  const keep = new Set<DiffNode>();
  const path: DiffNode[] = [];
  for (const node of tree.order) {
    path.length = node.depth;
    path.push(node);
    if (node.mark === only) for (const one of path) keep.add(one);
  }
  return keep;
}

function hintOf(node: DiffNode, closed: boolean): string {
  const { same, changed, added, removed } = node.below;
  if (closed && node.mark === 'same') {
    const other = changed + added + removed;
    return other ? `${count(other, 'difference')} below` : `${count(same, 'span')} the same`;
  }
  if (node.mark === 'changed') return node.words.join(', ');
  const drawn = node.b ?? node.a;
  return drawn ? hintOfNode(drawn) : '';
}

/** Name of a row for a screen reader. */
export function compareLabel({ node, mark }: CompareRow, a: string, b: string, delta: string): string {
  const inside = mark === 'changed' && node.mark === 'same' ? 'changed inside' : mark;
  const times = [a && `A ${a} s`, b && `B ${b} s`, delta && `difference ${delta} s`].filter(Boolean);
  return [(node.b ?? node.a)?.span.name || 'no name', inside, ...node.words, ...times].join(', ');
}
