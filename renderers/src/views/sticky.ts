import type { Row } from '../model/types';

const MOST = 4;

/**
 * Indexes of the parents that stick on top while their children scroll below them, when `first` is the
 * first row of which nothing is cut at the upper edge. Each takes the place of a row, so the row that is then the first decides.
 */
export function stickyRows(rows: readonly Row[], first: number): number[] {
  const chain: number[] = [];
  while (chain.length < MOST) {
    const below = first + chain.length;
    const row = rows[below];
    if (!row) break;
    const parents = ancestorsOf(rows, below);
    const next = parents[chain.length];
    // Covered rows may belong to the next branch already: its parents are another chain.
    if (next === undefined || next >= below || chain.some((index, depth) => index !== parents[depth])) break;
    chain.push(next);
  }
  return chain;
}

/** Indexes of the drawn parents of a row, the outermost first. Cheap: it looks back only as far as it must. */
function ancestorsOf(rows: readonly Row[], index: number): number[] {
  const all: number[] = [];
  let wanted = rows[index]?.node.parent ?? null;
  for (let i = index - 1; i >= 0 && wanted; i--) {
    const row = rows[i];
    if (!row || row.similar || row.node !== wanted) continue;
    all.push(i);
    wanted = wanted.parent;
  }
  return all.reverse();
}
