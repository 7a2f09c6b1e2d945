import { LONGEST } from '../../model/json';
import type { JsonRow } from '../../model/types';

/** A drawn line: a row, or one of the lines an unfolded text takes. */
export interface JsonLine extends JsonRow {
  /** Line of an unfolded text; the first carries the key. */
  part?: number;
}

/** Unfolded texts are read as text: their own line breaks, wrapped at `columns`. */
export function jsonLines(rows: JsonRow[], open: ReadonlySet<string>, columns: number): JsonLine[] {
  if (!open.size) return rows;
  return rows.flatMap((row): JsonLine[] => {
    if (typeof row.value !== 'string' || !open.has(row.path)) return [row];
    const lines = wrap(row.value.slice(0, LONGEST), Math.max(20, columns - row.depth * 2));
    return lines.map((text, part) => ({
      ...row,
      k: 'value',
      text,
      part,
      note: part === lines.length - 1 ? row.note : undefined,
    }));
  });
}

/** At spaces where there are some; a word longer than a line is broken. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    let at = 0;
    while (line.length - at > columns) {
      const space = line.slice(at, at + columns).lastIndexOf(' ');
      const end = at + (space > columns / 2 ? space + 1 : columns);
      lines.push(line.slice(at, end));
      at = end;
    }
    lines.push(line.slice(at));
  }
  return lines;
}

/** What a press unfolds or folds: lists, objects, texts that do not fit a line. */
export function canToggle(row: JsonRow, columns: number): boolean {
  if (row.k === 'fold' || row.k === 'open' || row.k === 'cut') return true;
  return typeof row.value === 'string' && (row.value.length > columns - row.depth * 2 || row.value.includes('\n'));
}
