import { useState } from 'preact/hooks';
import { whole } from '../../model/format';
import { Button } from './Button';

/** A text this much over the cut is shown whole: a button for nine characters helps nobody. */
const SLACK = 1.25;
/** Shown at a press; more would stop the page. */
const STEP = 100_000;

/** The length at which `text` is cut: near `most`, at a space if there is one. */
export function cutAt(text: string, most: number): number {
  if (text.length <= most * SLACK) return text.length;
  const space = text.lastIndexOf(' ', most);
  let cut = space > most * 0.8 ? space : most;
  // Never between the halves of a surrogate pair.
  const code = text.charCodeAt(cut - 1);
  if (code >= 0xd800 && code <= 0xdbff) cut -= 1;
  return cut;
}

/**
 * A class for text with a long run and no space in it (base64, attacks). With kerning some fonts are
 * shaped again for every line of such a run: 60,000 characters took seconds.
 */
export const solid = (text: string) => (/\S{300}/.test(text) ? ' solid' : '');

/** Keeps the cut of one text: what is shown, how much is left, and a way to more. */
export function useCut(text: string, most: number) {
  const [shown, setShown] = useState(most);
  const cut = cutAt(text, shown);
  return {
    text: cut < text.length ? text.slice(0, cut) : text,
    left: text.length - cut,
    more: () => setShown(cut + STEP),
  };
}

/** "1,204 more": the rest of a cut text. */
export function MoreText({ left, more }: { left: number; more: () => void }) {
  if (left <= 0) return null;
  return (
    <Button class="nb-more" press={more} aria-label={`Show ${whole(left)} more characters`}>
      {whole(left)} more
    </Button>
  );
}

/** Plain text, line breaks kept, cut with what is left. */
export function LongText({ text, most = 2000, class: name }: { text: string; most?: number; class?: string }) {
  const cut = useCut(text, most);
  return (
    <div class={`nb-text ${name ?? ''}${solid(cut.text)}`}>
      {cut.text}
      {cut.left > 0 && '… '}
      <MoreText left={cut.left} more={cut.more} />
    </div>
  );
}
