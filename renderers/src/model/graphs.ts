/** Paths of the three graphs of an overview, in a box of one unit a bucket and `HEIGHT` high. */
import type { Bucket } from './overview';

export const HEIGHT = 56;

/** Bars from `low` to `high` of each bucket, with a gap between them. */
export function bars(n: number, low: (i: number) => number, high: (i: number) => number, top: number): string {
  let path = '';
  for (let i = 0; i < n; i++) {
    const [y0, y1] = [y(low(i), top), y(high(i), top)];
    if (y0 - y1 < 0.05) continue;
    path += `M${i + 0.1} ${y0}h.8V${y1}h-.8z`;
  }
  return path;
}

/** A line through the middles of the buckets; it breaks where nothing is known. */
export function line(buckets: readonly Bucket[], value: (bucket: Bucket) => number | undefined, top: number): string {
  let path = '';
  let on = false;
  buckets.forEach((bucket, i) => {
    const v = value(bucket);
    if (v === undefined) {
      on = false;
      return;
    }
    path += `${on ? 'L' : 'M'}${i + 0.5} ${y(v, top)}`;
    // A single point has no length: a dash as wide as its bucket.
    if (!on && (i + 1 >= buckets.length || value(buckets[i + 1] as Bucket) === undefined)) path += 'h.4';
    on = true;
  });
  return path;
}

/** The ground under a line, from 0 up. */
export function area(n: number, high: (i: number) => number, top: number): string {
  if (n === 0) return '';
  let path = `M0 ${HEIGHT}`;
  for (let i = 0; i < n; i++) path += `L${i + 0.5} ${y(high(i), top)}`;
  return `${path}L${n} ${HEIGHT}z`;
}

function y(value: number, top: number): number {
  const part = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
  return Math.round((1 - part) * HEIGHT * 10) / 10;
}
