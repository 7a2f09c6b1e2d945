/** The shortest way from one list of texts to another. */

export interface Edit {
  k: 'same' | 'removed' | 'added';
  /** How many items in a row. */
  n: number;
}

/** Steps of the search: time and memory grow with their square. */
const FURTHEST = 1500;

export interface Script {
  /** Runs of items that stay, go and come, in order. */
  edits: Edit[];
  /** False where the lists differ in too many places: then all between what they share at the ends is replaced. */
  shortest: boolean;
}

export function scriptOf(a: readonly string[], b: readonly string[]): Script {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let [x, y] = [a.length, b.length];
  while (x > start && y > start && a[x - 1] === b[y - 1]) {
    x--;
    y--;
  }
  const middle = myers(a.slice(start, x), b.slice(start, y));
  const edits: Edit[] = [];
  put(edits, { k: 'same', n: start });
  for (const edit of middle ?? replaced(x - start, y - start)) put(edits, edit);
  put(edits, { k: 'same', n: a.length - x });
  return { edits, shortest: middle !== null };
}

function replaced(removed: number, added: number): Edit[] {
  return [
    { k: 'removed', n: removed },
    { k: 'added', n: added },
  ];
}

function put(script: Edit[], edit: Edit): void {
  const last = script.at(-1);
  if (!edit.n) return;
  if (last?.k === edit.k) last.n += edit.n;
  else script.push({ ...edit });
}

/**
 * E. Myers, "An O(ND) difference algorithm and its variations" (1986); the furthest points of each
 * step are kept to walk back.
 */
function myers(a: readonly string[], b: readonly string[]): Edit[] | null {
  if (!a.length || !b.length) return replaced(a.length, b.length);
  const most = Math.min(a.length + b.length, FURTHEST);
  const far = new Int32Array(2 * most + 3);
  const point = (k: number) => far[most + 1 + k] ?? 0;
  const history: Int32Array[] = [];
  for (let d = 0; d <= most; d++) {
    history.push(far.slice(most - d, most + d + 3));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && point(k - 1) < point(k + 1));
      let x = down ? point(k + 1) : point(k - 1) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x++;
        y++;
      }
      far[most + 1 + k] = x;
      if (x >= a.length && y >= b.length) return walkBack(a.length, b.length, history, d);
    }
  }
  return null;
}

/** `history[d]` holds the furthest points before step d, from diagonal −d−1 to d+1. */
function walkBack(aLength: number, bLength: number, history: readonly Int32Array[], steps: number): Edit[] {
  const back: Edit[] = [];
  let [x, y] = [aLength, bLength];
  for (let d = steps; d > 0; d--) {
    const far = history[d] ?? new Int32Array(0);
    const point = (k: number) => far[k + d + 1] ?? 0;
    const k = x - y;
    const down = k === -d || (k !== d && point(k - 1) < point(k + 1));
    const from = down ? point(k + 1) : point(k - 1) + 1;
    put(back, { k: 'same', n: x - from });
    put(back, { k: down ? 'added' : 'removed', n: 1 });
    x = down ? from : from - 1;
    y = x - (down ? k + 1 : k - 1);
  }
  put(back, { k: 'same', n: x });
  return back.reverse();
}
