/** A JSON value as lines, made only as deep as it is open: 10 MB cost what is shown of them. */
import type { Json } from '../wire/types';
import { bytes, count, whole } from './format';
import type { JsonRow } from './types';

/** Items of a list or object shown before "more"; each press shows as many again. */
const PAGE = 100;
/** Characters of a string shown before it is cut. */
const LONG = 240;
/** Opened, a string is shown up to here: a line of 10 MB would stop the page. */
export const LONGEST = 200_000;

/** Path of the row that shows more of a list: put it in `open` (again with the next number for still more). */
export function morePath(path: string, page: number): string {
  return `${path}#${page}`;
}

type Work = { row: JsonRow } | { value: Json; path: string; depth: number; key: string | undefined };

/**
 * @param open paths (JSON pointers, '' is the value itself) of what is unfolded: lists, objects, long strings
 */
export function jsonRows(value: Json, open: ReadonlySet<string>): JsonRow[] {
  const rows: JsonRow[] = [];
  const stack: Work[] = [{ value, path: '', depth: 0, key: undefined }];
  for (let work = stack.pop(); work; work = stack.pop()) {
    if ('row' in work) rows.push(work.row);
    else if (isBranch(work.value)) branch(work.value, work.path, work.depth, work.key, open, rows, stack);
    else rows.push(leaf(work.value, work.path, work.depth, work.key, open));
  }
  return rows;
}

/** Paths to open so that the first levels are seen, at most `most` lines. */
export function openedTo(value: Json, levels: number, most = 60): Set<string> {
  const open = new Set<string>();
  let level: { value: Json; path: string }[] = [{ value, path: '' }];
  let lines = 1;
  for (let depth = 0; depth < levels; depth++) {
    const next: typeof level = [];
    for (const item of level) {
      if (!isBranch(item.value)) continue;
      const size = Math.min(sizeOf(item.value), PAGE);
      if (lines + size > most && depth > 0) continue;
      lines += size + 1;
      open.add(item.path);
      for (const [key, inner] of entries(item.value, PAGE)) next.push({ value: inner, path: child(item.path, key) });
    }
    level = next;
  }
  return open;
}

type Branch = Json[] | { [key: string]: Json };

function isBranch(value: Json): value is Branch {
  return typeof value === 'object' && value !== null;
}

function sizeOf(value: Branch): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function entries(value: Branch, most: number): [string, Json][] {
  if (Array.isArray(value)) return value.slice(0, most).map((inner, i) => [String(i), inner]);
  const keys = Object.keys(value);
  return keys.slice(0, most).map((key) => [key, value[key] ?? null]);
}

function child(path: string, key: string): string {
  return `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function branch(
  value: Branch,
  path: string,
  depth: number,
  key: string | undefined,
  open: ReadonlySet<string>,
  rows: JsonRow[],
  stack: Work[],
): void {
  const array = Array.isArray(value);
  const size = sizeOf(value);
  if (!size) {
    rows.push({ path, depth, key, k: 'value', text: array ? '[]' : '{}' });
  } else if (!open.has(path)) {
    rows.push({ path, depth, key, k: 'fold', text: array ? '[ … ]' : '{ … }', note: foldNote(value), value });
  } else {
    const note = array ? count(size, 'item') : undefined;
    rows.push({ path, depth, key, k: 'open', text: array ? '[' : '{', note, value });
    stack.push({ row: { path, depth, k: 'close', text: array ? ']' : '}' } });
    const shown = pages(path, open) * PAGE;
    if (size > shown) {
      const more = morePath(path, shown / PAGE);
      stack.push({ row: { path: more, depth: depth + 1, k: 'cut', text: `${whole(size - shown)} more` } });
    }
    const items = entries(value, shown);
    for (let i = items.length - 1; i >= 0; i--) {
      const item = items[i];
      if (item) stack.push({ value: item[1], path: child(path, item[0]), depth: depth + 1, key: item[0] });
    }
  }
}

function pages(path: string, open: ReadonlySet<string>): number {
  let n = 1;
  while (open.has(morePath(path, n))) n++;
  return n;
}

function leaf(value: Json, path: string, depth: number, key: string | undefined, open: ReadonlySet<string>): JsonRow {
  if (typeof value !== 'string') return { path, depth, key, k: 'value', text: String(value), value };
  const room = open.has(path) ? LONGEST : LONG;
  if (value.length <= room) return { path, depth, key, k: 'value', text: JSON.stringify(value), value };
  const text = `${JSON.stringify(cutAt(value, room)).slice(0, -1)}…`;
  return { path, depth, key, k: 'cut', text, note: `${whole(value.length - room)} more`, value };
}

/** Not in the middle of a character of two units. */
function cutAt(text: string, length: number): string {
  const unit = text.charCodeAt(length - 1);
  return text.slice(0, unit >= 0xd800 && unit < 0xdc00 ? length - 1 : length);
}

function foldNote(value: Branch): string {
  const weight = jsonSize(value);
  const size = weight.whole ? bytes(weight.bytes) : `over ${bytes(weight.bytes)}`;
  if (Array.isArray(value)) return `${count(value.length, 'item')} · ${size}`;
  const keys = Object.keys(value);
  const names = keys.slice(0, 3).map((key) => (key.length > 24 ? `${key.slice(0, 23)}…` : key));
  return `${names.join(', ')}${keys.length > 3 ? ' …' : ''} · ${size}`;
}

/** Values of a folded node looked at to tell its size; beyond, "over …" is enough. */
const MOST_VALUES = 20_000;
const weighed = new WeakMap<Branch, { bytes: number; whole: boolean }>();

/** About the bytes of the value as JSON. */
export function jsonSize(value: Json): { bytes: number; whole: boolean } {
  if (!isBranch(value)) return { bytes: leafSize(value), whole: true };
  const known = weighed.get(value);
  if (known) return known;
  let sum = 0;
  let left = MOST_VALUES;
  const stack: Branch[] = [value];
  for (let next = stack.pop(); next && left > 0; next = stack.pop()) {
    sum += Math.max(2, 1 + sizeOf(next));
    for (const key in next) {
      if (--left < 0) break;
      const inner = Array.isArray(next) ? next[Number(key)] : next[key];
      if (!Array.isArray(next)) sum += key.length + 3;
      if (inner !== undefined && isBranch(inner)) stack.push(inner);
      else sum += leafSize(inner ?? null);
    }
  }
  const result = { bytes: sum, whole: left > 0 };
  weighed.set(value, result);
  return result;
}

function leafSize(value: Json): number {
  return typeof value === 'string' ? value.length + 2 : String(value).length;
}
