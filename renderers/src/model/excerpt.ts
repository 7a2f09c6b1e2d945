/** A long comparison cut to what changed, with some words around it. */
import type { Change } from './worddiff';

export interface Excerpt extends Omit<Change, 'k'> {
  /** `gap` stands for text that is the same and not shown. */
  k: Change['k'] | 'gap';
}

/** @param around characters of unchanged text that stay beside a change, at least */
export function excerpt(changes: readonly Change[], around = 80): Excerpt[] {
  const out: Excerpt[] = [];
  changes.forEach((change, i) => {
    const [first, last] = [i === 0, i === changes.length - 1];
    // Cutting out a word or two only makes it harder to read.
    const worth = around * (first || last ? 1 : 2) + 40;
    if (change.k !== 'same' || change.text.length <= worth) {
      out.push(change);
      return;
    }
    const head = first ? '' : upTo(change.text, around);
    const tail = last ? '' : from(change.text, around);
    if (head) out.push({ k: 'same', text: head });
    out.push({ k: 'gap', text: `${first ? '' : ' '}…${last ? '' : ' '}` });
    if (tail) out.push({ k: 'same', text: tail });
  });
  return out;
}

/** The first words, to the end of the word or line that is reached. */
function upTo(text: string, length: number): string {
  const end = text.slice(length).search(/\s/);
  return end < 0 || end > 40 ? wholePairs(text.slice(0, length)) : text.slice(0, length + end);
}

function from(text: string, length: number): string {
  const start = text.slice(0, text.length - length);
  const space = start.search(/\s\S{0,40}$/);
  return space < 0 ? text.slice(text.length - length).replace(/^[\udc00-\udfff]/, '') : text.slice(space + 1);
}

/** Never half a character. */
function wholePairs(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}
