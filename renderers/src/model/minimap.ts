/** The whole trace small: bars in a few pixel rows, or columns when there are more spans than pixels. */
import { isBad, statusOf } from './kind';
import type { Column } from './similar';
import type { Kind, Node, Tree } from './types';

export interface MiniBar {
  /** Pixel row. */
  row: number;
  /** 0 to 1 of the whole. */
  from: number;
  to: number;
  fill: Kind | 'error' | 'hold';
}

/** Spans looked at for bars; beyond, every n-th, and those that failed. */
const MOST = 4000;
/** From this many spans on, columns say more than bars. */
export const MINIMAP_COLUMNS_FROM = 400;

/** Where a time stands on the axis: idle time may be pressed together. */
type Place = (t: number) => number;
const AS_IT_IS: Place = (t) => t;

/** Bars in the order of the tree, `rows` pixel rows high; neighbours of one kind in one row are joined. */
export function minimapBars(tree: Tree, end: number, rows: number, columns = 400, place = AS_IT_IS): MiniBar[] {
  const count = tree.order.length;
  if (!(end > 0) || rows < 1 || !count) return [];
  const bars: MiniBar[] = [];
  const open = new Map<number, MiniBar>();
  const pixel = 1 / Math.max(1, columns);
  const perRow = Math.max(count, rows);
  const draw = (node: Node, index: number) => {
    const row = Math.min(rows - 1, Math.floor((index * rows) / perRow));
    const from = clip(place(node.span.at) / end);
    const to = Math.max(from, clip(place(node.end) / end));
    const fill = fillOf(node);
    const last = open.get(row);
    if (last && last.fill === fill && from <= last.to + pixel && to >= last.from - pixel) {
      last.from = Math.min(last.from, from);
      last.to = Math.max(last.to, to);
      return;
    }
    const bar: MiniBar = { row, from, to, fill };
    bars.push(bar);
    open.set(row, bar);
  };
  const stride = Math.max(1, Math.ceil(count / MOST));
  for (let i = 0; i < count; i += stride) {
    const node = tree.order[i];
    if (node && !isBad(node.span)) draw(node, i);
  }
  if (tree.failed.length) drawFailed(tree, draw);
  return bars;
}

/** Last, so that red lies on top; beyond the cap every n-th of them. */
function drawFailed(tree: Tree, draw: (node: Node, index: number) => void): void {
  const rank = new Map<Node, number>();
  const stride = Math.max(1, Math.ceil(tree.failed.length / MOST));
  for (let i = 0; i < tree.failed.length; i += stride) {
    const node = tree.failed[i];
    if (node) rank.set(node, -1);
  }
  tree.order.forEach((node, i) => {
    if (rank.has(node)) draw(node, i);
  });
}

function fillOf(node: Node): MiniBar['fill'] {
  if (!isBad(node.span)) return node.kind;
  return statusOf(node.span) === 'blocked' ? 'hold' : 'error';
}

function clip(x: number): number {
  return Math.min(1, Math.max(0, x));
}

/** How many leaves were at work in each of `columns` slices of time, and where something failed. */
export function minimapColumns(tree: Tree, end: number, columns: number, place = AS_IT_IS): Column[] {
  if (!(end > 0) || columns < 1) return [];
  const change = new Int32Array(columns + 1);
  const failed = new Uint8Array(columns);
  const slice = (t: number) => Math.min(columns - 1, Math.max(0, Math.floor((place(t) / end) * columns)));
  for (const node of tree.order) {
    if (node.children.length) continue;
    const from = slice(node.span.at);
    const to = slice(node.end);
    change[from] = (change[from] ?? 0) + 1;
    change[to + 1] = (change[to + 1] ?? 0) - 1;
    if (isBad(node.span)) failed[from] = 1;
  }
  const heights: number[] = [];
  let at = 0;
  for (let i = 0; i < columns; i++) {
    at += change[i] ?? 0;
    heights.push(at);
  }
  const most = heights.reduce((a, b) => Math.max(a, b), 0);
  return heights.map((n, i) => ({ height: most ? n / most : 0, error: failed[i] === 1 }));
}
