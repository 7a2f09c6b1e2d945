import type { Json } from '../../wire/types';

const MOST_CHARS = 400;

/** Any value as one line of words: the only text in it where there is just one, else its JSON. */
export function asText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value.slice(0, MOST_CHARS).replace(/\s+/g, ' ').trim();
  if (typeof value !== 'object') return String(value);
  const inner = Array.isArray(value) ? value : Object.values(value);
  const [only] = inner;
  if (inner.length === 1 && only !== undefined) return asText(only);
  return JSON.stringify(value).slice(0, MOST_CHARS);
}
