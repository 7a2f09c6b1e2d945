import type { Json } from '../../../wire/types';

export interface Table {
  columns: { name: string; numeric: boolean }[];
  rows: string[][];
}

/** More columns than this do not fit a pane: they read better as a tree. */
const MOST_COLUMNS = 6;

const isRow = (value: Json): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFlat = (value: Json) => typeof value !== 'object' || value === null;

const cellText = (value: Json | undefined) => {
  if (value === undefined || value === null) return '';
  return typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 6 }) : String(value);
};

/** Rows of equal, flat objects (also under one key such as `rows`), or null. */
export function tableOf(value: Json): Table | null {
  const list = Array.isArray(value) ? value : onlyList(value);
  if (!list || list.length < 2 || !list.every(isRow)) return null;
  const names = Object.keys(list[0] ?? {});
  if (!names.length || names.length > MOST_COLUMNS) return null;
  const same = list.every(
    (row) => Object.keys(row).length === names.length && names.every((n) => n in row && isFlat(row[n] ?? null)),
  );
  if (!same) return null;
  return {
    columns: names.map((name) => ({
      name,
      numeric: list.every((row) => typeof row[name] === 'number' || row[name] === null),
    })),
    rows: list.map((row) => names.map((name) => cellText(row[name]))),
  };
}

function onlyList(value: Json): Json[] | null {
  if (!isRow(value)) return null;
  const values = Object.values(value);
  return values.length === 1 && Array.isArray(values[0]) ? values[0] : null;
}
