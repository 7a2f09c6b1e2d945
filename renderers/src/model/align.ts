/** Pairs the items of two lists in their order: the longest common subsequence by weight. */
import { scriptOf } from './edits';

export type Pair<T> = [T, T] | [T, null] | [null, T];

/** Cells of the table; larger lists are paired by key alone. */
const MOST_CELLS = 1_000_000;

/**
 * @param weight how well two items fit; 0 = not at all
 * @param key items of different keys never fit
 */
export function align<T>(
  a: readonly T[],
  b: readonly T[],
  weight: (x: T, y: T) => number,
  key: (x: T) => string,
): Pair<T>[] {
  return a.length * b.length <= MOST_CELLS
    ? alignByTable(a, b, weight)
    : (alignByEdits(a, b, key) ?? alignByPlace(a, b, key));
}

function alignByTable<T>(a: readonly T[], b: readonly T[], weight: (x: T, y: T) => number): Pair<T>[] {
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  const at = (i: number, j: number) => best[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [x, y] = [a[i], b[j]];
      const fit = x === undefined || y === undefined ? 0 : weight(x, y);
      best[i * width + j] = Math.max(at(i + 1, j), at(i, j + 1), fit > 0 ? fit + at(i + 1, j + 1) : 0);
    }
  }
  const pairs: Pair<T>[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    const fit = x === undefined || y === undefined ? 0 : weight(x, y);
    if (x !== undefined && y !== undefined && fit > 0 && at(i, j) === fit + at(i + 1, j + 1)) {
      pairs.push([x, y]);
      i++;
      j++;
    } else if (x !== undefined && at(i, j) === at(i + 1, j) && (y === undefined || i < a.length)) {
      pairs.push([x, null]);
      i++;
    } else if (y !== undefined) {
      pairs.push([null, y]);
      j++;
    }
  }
  return pairs;
}

function alignByEdits<T>(a: readonly T[], b: readonly T[], key: (x: T) => string): Pair<T>[] | null {
  const { edits, shortest } = scriptOf(a.map(key), b.map(key));
  if (!shortest) return null;
  const [left, right] = [a.values(), b.values()];
  const pairs: Pair<T>[] = [];
  for (const { k, n } of edits) {
    for (let i = 0; i < n; i++) {
      const x = k === 'added' ? undefined : left.next().value;
      const y = k === 'removed' ? undefined : right.next().value;
      if (x !== undefined && y !== undefined) pairs.push([x, y]);
      else if (x !== undefined) pairs.push([x, null]);
      else if (y !== undefined) pairs.push([null, y]);
    }
  }
  return pairs;
}

/** Linear, for lists that have little in common: the n-th of a key with the n-th of the key, as long as the order holds. */
function alignByPlace<T>(a: readonly T[], b: readonly T[], key: (x: T) => string): Pair<T>[] {
  const places = new Map<string, number[]>();
  b.forEach((item, j) => {
    const name = key(item);
    const known = places.get(name);
    if (known) known.push(j);
    else places.set(name, [j]);
  });
  const taken = new Map<string, number>();
  const pairs: Pair<T>[] = [];
  let done = 0;
  const addUpTo = (j: number) => {
    for (; done < j; done++) {
      const item = b[done];
      if (item !== undefined) pairs.push([null, item]);
    }
  };
  for (const item of a) {
    const name = key(item);
    const list = places.get(name) ?? [];
    let n = taken.get(name) ?? 0;
    while (n < list.length && (list[n] ?? 0) < done) n++;
    const j = list[n];
    const other = j === undefined ? undefined : b[j];
    taken.set(name, n + 1);
    if (j === undefined || other === undefined) {
      pairs.push([item, null]);
      continue;
    }
    addUpTo(j);
    pairs.push([item, other]);
    done = j + 1;
  }
  addUpTo(b.length);
  return pairs;
}
