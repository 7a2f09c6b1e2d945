/** Two texts compared word by word. */
import { type Edit, scriptOf } from './edits';

export interface Change {
  k: Edit['k'];
  text: string;
}

export interface TextDiff {
  changes: Change[];
  /** Words removed or added (the larger of the two), and words of the new text. */
  changed: number;
  words: number;
}

/** Words, numbers, spaces and single marks: of "Q3," only the comma is marked when only it changed; 1,600 is one word. */
export function wordsOf(text: string): string[] {
  return text.match(/\p{N}+(?:[.,]\p{N}+)+|[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

export function diffWords(a: string, b: string): TextDiff {
  const byWord = listDiff(wordsOf(a), wordsOf(b));
  const changes = smooth(byWord.shortest ? byWord.changes : byLines(a, b));
  const count = (k: Change['k']) => changes.reduce((n, change) => n + (change.k === k ? realWords(change.text) : 0), 0);
  return { changes, changed: Math.max(count('removed'), count('added')), words: realWords(b) };
}

function realWords(text: string): number {
  return wordsOf(text).filter((word) => /[\p{L}\p{N}_]/u.test(word)).length;
}

/** For texts far apart: lines first, then words within lines that took each other's place. */
function byLines(a: string, b: string): Change[] {
  const { changes } = listDiff(a.split(/(?<=\n)/), b.split(/(?<=\n)/));
  return changes.flatMap((change, i) => {
    const [before, after] = [changes[i - 1], changes[i + 1]];
    if (change.k === 'removed' && after?.k === 'added')
      return listDiff(wordsOf(change.text), wordsOf(after.text)).changes;
    return change.k === 'added' && before?.k === 'removed' ? [] : [change];
  });
}

function listDiff(a: readonly string[], b: readonly string[]): { changes: Change[]; shortest: boolean } {
  const { edits, shortest } = scriptOf(a, b);
  let [i, j] = [0, 0];
  const changes = edits.map(({ k, n }) => {
    const words = k === 'added' ? b.slice(j, j + n) : a.slice(i, i + n);
    if (k !== 'added') i += n;
    if (k !== 'removed') j += n;
    return { k, text: words.join('') };
  });
  return { changes, shortest };
}

/** A space or mark left the same between two changes reads as part of them; removed comes before added. */
function smooth(changes: readonly Change[]): Change[] {
  const out: Change[] = [];
  let removed = '';
  let added = '';
  const flush = () => {
    if (removed) out.push({ k: 'removed', text: removed });
    if (added) out.push({ k: 'added', text: added });
    removed = added = '';
  };
  changes.forEach((change, i) => {
    const between = (removed || added) && i + 1 < changes.length && /^[^\p{L}\p{N}\n]{1,2}$/u.test(change.text);
    if (change.k === 'removed' || (change.k === 'same' && between)) removed += change.text;
    if (change.k === 'added' || (change.k === 'same' && between)) added += change.text;
    if (change.k !== 'same' || between) return;
    flush();
    if (change.text) out.push(change);
  });
  flush();
  return out;
}
