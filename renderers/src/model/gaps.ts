/** A time axis with the idle gaps pressed together, and back again. */
import type { Tree } from './types';

/** ms of the capture's clock. */
export interface Gap {
  from: number;
  to: number;
}

/** A growing, piecewise linear map of the capture's clock to the axis and back, both in ms. */
export interface Squeeze {
  place(t: number): number;
  time(x: number): number;
  /** What was pressed together, by time. */
  gaps: readonly Gap[];
}

export const NO_SQUEEZE: Squeeze = { place: (t) => t, time: (x) => x, gaps: [] };

/** Shorter gaps, as a part of the whole, are left alone. */
const LEAST = 0.05;
/** What a gap becomes, as a part of the whole. */
const WIDTH = 0.015;

/**
 * Times in which nothing but own code that waits for others was there: no call, tool or retriever,
 * and no step without children.
 */
export function idleGaps(tree: Tree, end: number): Gap[] {
  const gaps: Gap[] = [];
  const least = end * LEAST;
  let busy = 0;
  for (const { from, to } of busyTimes(tree, end)) {
    if (from - busy > least) gaps.push({ from: busy, to: from });
    busy = Math.max(busy, to);
  }
  if (end - busy > least) gaps.push({ from: busy, to: end });
  return gaps;
}

function busyTimes(tree: Tree, end: number): Gap[] {
  const times: Gap[] = [];
  for (const node of tree.order) {
    if (node.kind === 'flow' && node.children.length) continue;
    times.push({ from: Math.max(0, node.span.at), to: Math.min(end, node.end) });
  }
  return times.sort((a, b) => a.from - b.from);
}

/** A corner of the map: from `t` on, up to the next corner, the axis runs at `slope`. */
interface Corner {
  t: number;
  x: number;
  slope: number;
}

/** @param gaps apart from each other, by time */
export function squeeze(gaps: readonly Gap[], end: number): Squeeze {
  const width = end * WIDTH;
  const pressed = gaps.filter((gap) => gap.to - gap.from > width && width > 0);
  if (!pressed.length) return NO_SQUEEZE;
  const corners: Corner[] = [{ t: 0, x: 0, slope: 1 }];
  for (const { from, to } of pressed) {
    const last = corners.at(-1);
    const x = last ? last.x + (from - last.t) * last.slope : from;
    corners.push({ t: from, x, slope: width / (to - from) }, { t: to, x: x + width, slope: 1 });
  }
  return {
    gaps: pressed,
    place(t) {
      const corner = before(corners, (c) => c.t <= t);
      return corner.x + (t - corner.t) * corner.slope;
    },
    time(x) {
      const corner = before(corners, (c) => c.x <= x);
      return corner.t + (x - corner.x) / corner.slope;
    },
  };
}

/** The last corner that is not after, by halving; before all of them, the first. */
function before(corners: readonly Corner[], reached: (corner: Corner) => boolean): Corner {
  let low = 0;
  let high = corners.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    const corner = corners[mid];
    if (corner && reached(corner)) low = mid;
    else high = mid - 1;
  }
  return corners[low] ?? { t: 0, x: 0, slope: 1 };
}
