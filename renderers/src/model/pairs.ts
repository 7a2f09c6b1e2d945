/** Partners of marks in a text, found in one pass: a million brackets cost as much as a million letters. */
/** Places where each run of backticks stands, by its length: a run is closed by the next of its length. */
export function backticksOf(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (let at = text.indexOf('`'); at >= 0; ) {
    const run = runOf(text, at, '`');
    const known = runs.get(run);
    if (known) known.push(at);
    else runs.set(run, [at]);
    at = text.indexOf('`', at + run);
  }
  return runs;
}

/** Places where a mark of emphasis can close, in order. */
export function closersOf(text: string, mark: string): number[] {
  const c = mark.charAt(0);
  const places: number[] = [];
  for (let at = text.indexOf(c); at >= 0; ) {
    const run = runOf(text, at, c);
    if (closes(text, at, run, c, mark.length)) places.push(at);
    at = text.indexOf(c, at + run);
  }
  return places;
}

/** The first of the sorted places from `from` on, or −1. */
export function firstFrom(places: readonly number[], from: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((places[mid] ?? 0) < from) low = mid + 1;
    else high = mid;
  }
  return places[low] ?? -1;
}

function closes(text: string, at: number, run: number, c: string, length: number): boolean {
  // A single mark closes by itself or as the third of three; of two it is a strong one's.
  const fits = length === 1 ? run === 1 || run === 3 : run >= 2;
  if (!fits || isSpace(text[at - 1]) || text[at - 1] === '\\') return false;
  return c !== '_' || !isWord(text[at + run]);
}

/** For each `[` and `(` the place of its partner, 0 if it has none. Round brackets do not reach over lines. */
export function matchesOf(text: string): Int32Array {
  const partner = new Int32Array(text.length);
  const square: number[] = [];
  let round: number[] = [];
  for (let i = 0; i < text.length; i++) {
    switch (text[i]) {
      case '\\':
        i++;
        break;
      case '[':
        square.push(i);
        break;
      case ']':
        pair(partner, square.pop(), i);
        break;
      case '(':
        round.push(i);
        break;
      case ')':
        pair(partner, round.pop(), i);
        break;
      case '\n':
        round = [];
        break;
      default:
    }
  }
  return partner;
}

function pair(partner: Int32Array, open: number | undefined, close: number): void {
  if (open !== undefined) partner[open] = close;
}

export function runOf(text: string, at: number, mark: string): number {
  let n = 0;
  while (text[at + n] === mark) n++;
  return n;
}

export function isSpace(c: string | undefined): boolean {
  return c === undefined || c === ' ' || c === '\n' || c === '\t' || c === '\u00a0';
}

export function isWord(c: string | undefined): boolean {
  return c !== undefined && /[\p{L}\p{N}]/u.test(c);
}
