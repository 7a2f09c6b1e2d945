/** A frame as a table: kinds of columns, histograms, conditions and the pandas text they stand for. */
import type { FrameCondition, Json, WireColumn, WireFrame } from '../wire/types';
import { duration, usd, whole } from './format';
import { own } from './own';

export type ColumnKind = 'number' | 'time' | 'category' | 'text';

export function kindOfColumn(column: WireColumn): ColumnKind {
  const dtype = column.dtype.toLowerCase();
  if (dtype.startsWith('datetime')) return 'time';
  if (/^u?int|^float|^number/.test(dtype)) return 'number';
  // More distinct values than a head has room for are found by their words.
  return dtype.startsWith('bool') || dtype === 'category' || column.categories ? 'category' : 'text';
}

const PREFERRED = [
  'status',
  'name',
  'tool',
  'role',
  'model',
  'duration_ms',
  'ttft_ms',
  'output_tokens',
  'cost_usd',
  'prompt',
  'text',
];
const MOST_COLUMNS = 9;

/** Which columns are shown at first: those that tell rows apart, else the first ones. */
export function firstColumns(frame: WireFrame): string[] {
  const names = frame.columns.map((column) => column.name);
  const known = PREFERRED.filter((name) => names.includes(name));
  const rest = names.filter((name) => !/_id$|^id$/.test(name) && !known.includes(name));
  return known.length >= 3 ? known : [...known, ...rest].slice(0, MOST_COLUMNS);
}

const LABELS: Record<string, string> = {
  duration_ms: 'duration s',
  ttft_ms: 'ttft s',
  output_tokens: 'output',
  input_tokens: 'input',
  cost_usd: 'cost $',
};

export function labelOf(column: WireColumn): string {
  return (
    own(LABELS, column.name) ??
    (column.unit === 'ms' ? `${column.name.replace(/_ms$/, '')} s` : column.name.replaceAll('_', ' '))
  );
}

/** A cell in words; units stand in the head. */
export function cellText(column: WireColumn, value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') {
    if (kindOfColumn(column) === 'time') return timeWord(value);
    if (column.unit === 'ms') return (value / 1000).toFixed(2);
    if (isMoney(column)) return value.toFixed(4);
    return Number.isInteger(value) ? whole(value) : String(Math.round(value * 1000) / 1000);
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 300).replace(/\s+/g, ' ');
}

const isMoney = (column: WireColumn) => column.unit === 'usd' || column.unit === 'US$';
const pad = (n: number) => String(n).padStart(2, '0');

function timeWord(ms: number): string {
  const at = new Date(ms);
  return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

export interface Histogram {
  edges: number[];
  counts: number[];
}

const BINS = 12;
/** Below this numbers are too small to be told apart, and their logarithm is no round step. */
const SMALLEST_STEP = 1e-12;

/** Of a column of numbers or times: as it came, else counted here. */
export function histogramOf(frame: WireFrame, at: number): Histogram | null {
  const column = frame.columns[at];
  if (!column) return null;
  if (column.histogram) return column.histogram;
  const values = frame.rows.flatMap((row) => (typeof row[at] === 'number' ? [row[at] as number] : []));
  if (!values.length) return null;
  const [least, most] = values.reduce(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const step = niceStep(Math.max((most - least) / BINS || Math.abs(most) || 1, SMALLEST_STEP));
  const first = Math.floor(least / step) * step;
  const n = Math.min(40, Math.max(1, Math.floor((most - first) / step) + 1));
  const counts = new Array<number>(n).fill(0);
  for (const value of values) {
    const i = Math.max(0, Math.min(n - 1, Math.floor((value - first) / step)));
    counts[i] = (counts[i] ?? 0) + 1;
  }
  return { edges: Array.from({ length: n + 1 }, (_, i) => tidy(first + i * step)), counts };
}

/** Edges are read in pandas text: 0.30000000000000004 is nobody's threshold. */
const tidy = (x: number) => Number(x.toPrecision(12));

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return tidy(([1, 2, 2.5, 5, 10].find((d) => d * power >= least * 0.999) ?? 10) * power);
}

export interface Category {
  value: string;
  count: number;
}

/** Values of a category column with their counts, most frequent first. */
export function categoriesOf(frame: WireFrame, at: number): Category[] {
  const column = frame.columns[at];
  if (column?.categories) return column.categories;
  const counts = new Map<string, number>();
  for (const row of frame.rows) {
    const value = row[at];
    if (value === null || value === undefined) continue;
    counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}

/** Short lists of words are categories though pandas calls them strings: models, endpoints. */
export function withCategories(frame: WireFrame): WireFrame {
  const columns = frame.columns.map((column, at) => {
    if (kindOfColumn(column) !== 'text' || /prompt|completion|text|message|url|_id$/.test(column.name)) return column;
    const found = categoriesOf(frame, at);
    return found.length > 0 && found.length <= 12 && found.length < frame.rows.length
      ? { ...column, categories: found }
      : column;
  });
  return { ...frame, columns };
}

/** Places of the rows for which all conditions hold, sorted. What is not known (NA) never holds, and comes last. */
export function rowsOfFrame(
  frame: WireFrame,
  conditions: readonly FrameCondition[],
  sort: WireFrame['sort'],
): number[] {
  const places = new Map(frame.columns.map((column, i) => [column.name, i]));
  const tests = conditions.map((condition) => ({ at: places.get(condition.column) ?? -1, holds: testOf(condition) }));
  const rows = frame.rows.flatMap((row, i) => (tests.every(({ at, holds }) => holds(row[at])) ? [i] : []));
  const by = sort && places.get(sort.column);
  if (by === undefined) return rows;
  const sign = sort?.descending ? -1 : 1;
  return rows.sort((i, j) => {
    const [a, b] = [frame.rows[i]?.[by], frame.rows[j]?.[by]];
    const [none, other] = [a === null || a === undefined, b === null || b === undefined];
    if (none || other) return none === other ? i - j : none ? 1 : -1;
    return sign * compare(a as Json, b as Json) || i - j;
  });
}

function compare(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a), String(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function testOf(condition: FrameCondition): (value: Json | undefined) => boolean {
  if ('in' in condition) {
    const wanted = new Set(condition.in.map(String));
    return (value) => value !== null && value !== undefined && wanted.has(String(value));
  }
  if ('contains' in condition) {
    const words = condition.contains.toLowerCase();
    return (value) => typeof value === 'string' && value.toLowerCase().includes(words);
  }
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = condition;
  return (value) => typeof value === 'number' && value >= from && value < to;
}

/** One condition a column: setting it anew takes the place of the old; null takes it away. */
export function withCondition(
  conditions: readonly FrameCondition[],
  column: string,
  next: FrameCondition | null,
): FrameCondition[] {
  const others = conditions.filter((condition) => condition.column !== column);
  return next ? [...others, next] : others;
}

// Names that a DataFrame has already: `calls.count` is a method.
const TAKEN = new Set([
  'all',
  'any',
  'at',
  'columns',
  'copy',
  'count',
  'describe',
  'diff',
  'dtypes',
  'filter',
  'index',
  'items',
  'iloc',
  'loc',
  'max',
  'mean',
  'min',
  'mode',
  'pop',
  'query',
  'rank',
  'size',
  'shape',
  'sum',
  'T',
  'transform',
  'value_counts',
  'values',
  'gateway',
  'name',
]);
const KEYWORDS =
  /^(?:and|as|class|def|del|for|from|global|if|import|in|is|lambda|not|or|pass|return|try|while|with|None|True|False)$/;

/** `calls[calls.duration_ms >= 2000]`: what is drawn, as pandas gives it. */
export function pandasText(frame: WireFrame, conditions: readonly FrameCondition[], sort?: WireFrame['sort']): string {
  const name = /^[A-Za-z_]\w*$/.test(frame.name) ? frame.name : 'calls';
  const column = (of: string) =>
    /^[A-Za-z_]\w*$/.test(of) && !TAKEN.has(of) && !KEYWORDS.test(of)
      ? `${name}.${of}`
      : `${name}[${JSON.stringify(of)}]`;
  const dtypes = new Map(frame.columns.map((each) => [each.name, each]));
  const terms = conditions.flatMap((condition) =>
    termsOf(condition, column(condition.column), dtypes.get(condition.column)),
  );
  const filtered =
    terms.length === 0 ? name : `${name}[${terms.length === 1 ? terms[0] : terms.map((t) => `(${t})`).join(' & ')}]`;
  if (!sort) return filtered;
  return `${filtered}.sort_values(${JSON.stringify(sort.column)}${sort.descending ? ', ascending=False' : ''})`;
}

function termsOf(condition: FrameCondition, column: string, of: WireColumn | undefined): string[] {
  if ('in' in condition) {
    if (of?.dtype.toLowerCase().startsWith('bool'))
      return condition.in.length === 1 ? [String(condition.in[0]) === 'true' ? column : `~${column}`] : [];
    const list = condition.in.map((value) => JSON.stringify(value));
    return [list.length === 1 ? `${column} == ${list[0]}` : `${column}.isin([${list.join(', ')}])`];
  }
  if ('contains' in condition)
    return [`${column}.str.contains(${JSON.stringify(condition.contains)}, case=False, regex=False)`];
  const time = of && kindOfColumn(of) === 'time';
  const value = (x: number) => (time ? JSON.stringify(new Date(x).toISOString()) : String(tidy(x)));
  return [
    ...(condition.from === undefined ? [] : [`${column} >= ${value(condition.from)}`]),
    ...(condition.to === undefined ? [] : [`${column} < ${value(condition.to)}`]),
  ];
}

/** What a bar of a histogram says: `2.0 s to 2.5 s: 16 rows`. */
export function binWord(column: WireColumn, from: number, to: number, count: number): string {
  const text = (x: number) =>
    column.unit === 'ms'
      ? duration(x)
      : isMoney(column)
        ? usd(x)
        : kindOfColumn(column) === 'time'
          ? timeWord(x)
          : whole(x);
  return `${text(from)} to ${text(to)}: ${whole(count)} ${count === 1 ? 'row' : 'rows'}`;
}
