import type { ComponentChildren } from 'preact';
import { occurrences } from '../model/search';

/** A text with every place that matches set off. */
export function Marked({ text, query }: { text: string; query: string }): ComponentChildren {
  const places = query ? occurrences(text, query) : [];
  if (places.length === 0) return text;
  let from = 0;
  const pieces = places.flatMap(([start, end]) => {
    const before = text.slice(from, start);
    from = end;
    return [before, <mark key={start}>{text.slice(start, end)}</mark>];
  });
  return (
    <>
      {pieces}
      {text.slice(from)}
    </>
  );
}
