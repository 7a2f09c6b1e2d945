/**
 * Markdown of model text to plain nodes: a view makes elements of them by `textContent`. There is no
 * node for HTML, so a tag in the text stays text. One pass over lines, then one over characters
 * (inline.ts); no expression that can run away.
 */
import { type Inline, inlines } from './inline';
import { runOf } from './pairs';

export type Block =
  | { k: 'paragraph'; inline: Inline[] }
  | { k: 'heading'; level: number; inline: Inline[] }
  | { k: 'code'; lang: string; text: string }
  | { k: 'quote'; blocks: Block[] }
  | { k: 'list'; ordered: boolean; start: number; items: ListItem[] }
  | { k: 'table'; head: Inline[][]; align: Align[]; rows: Inline[][][] }
  | { k: 'rule' };

export interface ListItem {
  /** A task list's box. */
  checked?: boolean;
  blocks: Block[];
}

export type Align = 'left' | 'right' | 'center' | '';

/** Quotes and lists nest to here; deeper marks stay text. */
const DEEPEST = 12;

export function markdown(text: string): Block[] {
  return blocksOf(text.replace(/\r\n?/g, '\n').split('\n'), 0);
}

function blocksOf(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length) blocks.push({ k: 'paragraph', inline: inlines(paragraph.join('\n')) });
    paragraph = [];
  };
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] ?? '';
    const taken = paragraph.length && indentOf(line) >= 4 ? null : takeBlock(lines, i, depth, paragraph.length > 0);
    if (taken) {
      flush();
      blocks.push(taken.block);
      i = taken.next;
      continue;
    }
    if (isBlank(line)) flush();
    else paragraph.push(line.trimStart());
    i++;
  }
  flush();
  return blocks;
}

interface Taken {
  block: Block;
  next: number;
}

function takeBlock(lines: readonly string[], i: number, depth: number, inParagraph: boolean): Taken | null {
  const line = lines[i] ?? '';
  if (isBlank(line)) return null;
  return (
    takeFence(lines, i) ??
    takeHeading(line, i) ??
    takeRule(line, i) ??
    takeTable(lines, i) ??
    (depth < DEEPEST ? (takeQuote(lines, i, depth) ?? takeList(lines, i, depth, inParagraph)) : null)
  );
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}

function indentOf(line: string): number {
  let n = 0;
  for (const c of line) {
    if (c === ' ') n++;
    else if (c === '\t') n += 4 - (n % 4);
    else break;
  }
  return n;
}

function takeFence(lines: readonly string[], i: number): Taken | null {
  const line = lines[i] ?? '';
  const open = line.trimStart();
  const mark = open.startsWith('```') ? '`' : open.startsWith('~~~') ? '~' : '';
  if (!mark) return null;
  const length = runOf(open, 0, mark);
  const info = open.slice(length).trim();
  if (mark === '`' && info.includes('`')) return null;
  const indent = indentOf(line);
  const text: string[] = [];
  let next = i + 1;
  for (; next < lines.length; next++) {
    const inner = lines[next] ?? '';
    const end = inner.trim();
    if (end.startsWith(mark) && runOf(end, 0, mark) >= length && end.length === runOf(end, 0, mark)) {
      next++;
      break;
    }
    text.push(dedent(inner, indent));
  }
  return { block: { k: 'code', lang: info.split(/\s/, 1)[0] ?? '', text: text.join('\n') }, next };
}

function dedent(line: string, by: number): string {
  let n = 0;
  while (n < by && line[n] === ' ') n++;
  return line.slice(n);
}

function takeHeading(line: string, i: number): Taken | null {
  const text = line.trimStart();
  const level = runOf(text, 0, '#');
  const after = text[level];
  if (level < 1 || level > 6 || (after !== undefined && after !== ' ' && after !== '\t')) return null;
  let title = text.slice(level).trim();
  let tail = title.length;
  while (title[tail - 1] === '#') tail--;
  if (tail === 0 || title[tail - 1] === ' ') title = title.slice(0, tail).trimEnd();
  return { block: { k: 'heading', level, inline: inlines(title) }, next: i + 1 };
}

function takeRule(line: string, i: number): Taken | null {
  const bare = line.replaceAll(' ', '').replaceAll('\t', '');
  const mark = bare[0] ?? '';
  if (bare.length < 3 || !'-*_'.includes(mark) || runOf(bare, 0, mark) !== bare.length) return null;
  return { block: { k: 'rule' }, next: i + 1 };
}

function takeQuote(lines: readonly string[], i: number, depth: number): Taken | null {
  const inner: string[] = [];
  let next = i;
  for (; next < lines.length; next++) {
    const line = (lines[next] ?? '').trimStart();
    if (!line.startsWith('>')) break;
    inner.push(line.slice(line[1] === ' ' ? 2 : 1));
  }
  return next > i ? { block: { k: 'quote', blocks: blocksOf(inner, depth + 1) }, next } : null;
}

interface Marker {
  ordered: boolean;
  number: number;
  /** Columns up to the text of the item. */
  width: number;
  mark: string;
}

function markerOf(line: string): Marker | null {
  const indent = indentOf(line);
  const text = line.trimStart();
  const bullet = text[0] ?? '';
  const after = (n: number) => text[n] === undefined || text[n] === ' ' || text[n] === '\t';
  if ('-*+'.includes(bullet) && bullet && after(1))
    return { ordered: false, number: 1, width: indent + 2, mark: bullet };
  let digits = 0;
  while (digits < 9 && (text[digits] ?? '') >= '0' && (text[digits] ?? '') <= '9') digits++;
  const mark = text[digits] ?? '';
  if (!digits || !mark || !'.)'.includes(mark) || !after(digits + 1)) return null;
  return { ordered: true, number: Number(text.slice(0, digits)), width: indent + digits + 2, mark };
}

function takeList(lines: readonly string[], i: number, depth: number, inParagraph: boolean): Taken | null {
  const first = markerOf(lines[i] ?? '');
  // "1986. A great year" inside a paragraph is no list.
  if (!first || (inParagraph && first.ordered && first.number !== 1)) return null;
  const items: ListItem[] = [];
  let inner: string[] = [];
  let width = 0;
  let next = i;
  const close = () => {
    if (width) items.push(itemOf(inner, depth));
    inner = [];
  };
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    const marker = markerOf(line);
    const nested = width > 0 && indentOf(line) >= width;
    if (marker && !nested && marker.ordered === first.ordered && marker.mark === first.mark && !takeRule(line, next)) {
      close();
      width = marker.width;
      inner.push(afterMarker(line, marker));
    } else if (nested) inner.push(dedentTo(line, width));
    else if (isBlank(line)) {
      if (!continues(lines, next, width, first)) break;
      inner.push('');
    } else if (marker || isBlank(inner.at(-1) ?? '') || takeBlock(lines, next, DEEPEST, true)) break;
    else inner.push(line.trimStart());
  }
  close();
  return { block: { k: 'list', ordered: first.ordered, start: first.number, items }, next };
}

/** After blank lines: does the list go on? */
function continues(lines: readonly string[], blank: number, width: number, first: Marker): boolean {
  // Two blank lines at most, so that a long gap is not walked again for each of its lines.
  for (let i = blank + 1; i < Math.min(lines.length, blank + 3); i++) {
    const line = lines[i] ?? '';
    if (isBlank(line)) continue;
    const marker = markerOf(line);
    return (
      indentOf(line) >= width || (marker !== null && marker.ordered === first.ordered && marker.mark === first.mark)
    );
  }
  return false;
}

function afterMarker(line: string, marker: Marker): string {
  const text = line.trimStart();
  return text.slice(marker.width - indentOf(line)).trimStart();
}

function dedentTo(line: string, width: number): string {
  return ' '.repeat(Math.max(0, indentOf(line) - width)) + line.trimStart();
}

function itemOf(lines: readonly string[], depth: number): ListItem {
  const [first = '', ...rest] = lines;
  const box = first.slice(0, 4).toLowerCase();
  if (box === '[ ] ' || box === '[x] ') {
    return { checked: box === '[x] ', blocks: blocksOf([first.slice(4), ...rest], depth + 1) };
  }
  return { blocks: blocksOf(lines, depth + 1) };
}

function takeTable(lines: readonly string[], i: number): Taken | null {
  const head = lines[i] ?? '';
  const under = lines[i + 1];
  if (!head.includes('|') || under === undefined || !under.includes('-')) return null;
  const align = alignOf(under);
  const titles = cells(head);
  if (!align || align.length !== titles.length) return null;
  const rows: Inline[][][] = [];
  let next = i + 2;
  for (; next < lines.length; next++) {
    const line = lines[next] ?? '';
    if (isBlank(line) || !line.includes('|')) break;
    const row = cells(line);
    rows.push(align.map((_, c) => inlines(row[c] ?? '')));
  }
  return { block: { k: 'table', head: titles.map((title) => inlines(title)), align, rows }, next };
}

function alignOf(line: string): Align[] | null {
  const align: Align[] = [];
  for (const cell of cells(line)) {
    const left = cell.startsWith(':');
    const right = cell.length > 1 && cell.endsWith(':');
    const dashes = cell.slice(left ? 1 : 0, right ? -1 : undefined);
    if (!dashes || runOf(dashes, 0, '-') !== dashes.length) return null;
    align.push(left && right ? 'center' : right ? 'right' : left ? 'left' : '');
  }
  return align.length ? align : null;
}

/** Cells of a line; `\|` and bars in code are text. */
function cells(line: string): string[] {
  const text = line.trim();
  const found: string[] = [];
  let cell = '';
  let code = false;
  for (let i = text.startsWith('|') ? 1 : 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (c === '\\' && text[i + 1] === '|') {
      cell += '|';
      i++;
    } else if (c === '|' && !code) {
      found.push(cell.trim());
      cell = '';
    } else {
      if (c === '`') code = !code;
      cell += c;
    }
  }
  if (cell.trim()) found.push(cell.trim());
  return found;
}
