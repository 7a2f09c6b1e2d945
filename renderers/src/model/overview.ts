/** Numbers of an overview: places on its axes, sums of a window, words. Times of day are the reader's own. */
import type { OverviewFilter, WireCounts, WireGrain, WireGroup, WireOverview } from '../wire/types';
import { tokens, usd, whole } from './format';

export type Bucket = WireCounts & { start: number };

/** One bucket for each step of the window; those that were left out have no requests. */
export function allBuckets(overview: Pick<WireOverview, 'from' | 'to' | 'step' | 'buckets'>): Bucket[] {
  const { from, to, step } = overview;
  const n = Math.min(MOST_BUCKETS, Math.max(1, Math.ceil((to - from) / Math.max(step, 1) - 1e-6)));
  const all: Bucket[] = Array.from({ length: n }, (_, i) => ({ start: from + i * step, requests: 0 }));
  for (const bucket of overview.buckets) {
    const i = Math.round((bucket.start - from) / step);
    if (i >= 0 && i < n) all[i] = bucket;
  }
  return all;
}

const MOST_BUCKETS = 2000;

/** Graphs of one group, from the numbers it brought; null when it brought none. */
export function bucketsOf(overview: WireOverview, group: WireGroup): Bucket[] | null {
  const { series } = group;
  if (!series?.requests) return null;
  return overview.buckets.map((bucket, i) => {
    const at: Bucket = { start: bucket.start, requests: series.requests?.[i] ?? 0 };
    for (const key of ['errors', 'limited', 'blocked', 'in', 'out', 'usd', 'p50', 'p95', 'p99'] as const) {
      const value = series[key]?.[i];
      if (value !== undefined && value !== null) at[key] = value;
    }
    return at;
  });
}

/** A group in a window, from the numbers it brought; counts only: percentiles do not add. */
export function groupIn(overview: WireOverview, group: WireGroup, from: number, to: number): WireGroup | null {
  const buckets = bucketsOf(overview, group);
  if (!buckets) return null;
  const { name, hint, series, cost_basis } = group;
  return { ...sumOf(buckets.filter(({ start }) => start >= from && start < to)), name, hint, series, cost_basis };
}

/** Counts of several buckets as one. The worst percentile stands for all: at least so slow it was. */
export function sumOf(buckets: readonly WireCounts[]): WireCounts {
  const sum: WireCounts = { requests: 0 };
  for (const bucket of buckets) {
    sum.requests += bucket.requests;
    for (const key of ['errors', 'limited', 'blocked', 'in', 'out', 'usd'] as const) {
      const value = bucket[key];
      if (value !== undefined) sum[key] = (sum[key] ?? 0) + value;
    }
    if (bucket.p95 !== undefined) sum.p95 = Math.max(sum.p95 ?? 0, bucket.p95);
    if (bucket.partial) sum.partial = true;
  }
  return sum;
}

export function isFiltered(filter: OverviewFilter): boolean {
  return filter.from !== undefined || filter.value !== undefined || filter.status !== undefined;
}

export const GRAIN_WORDS: Readonly<Record<WireGrain, string>> = {
  endpoint: 'Endpoint',
  entity: 'Served entity',
  requester: 'Requester',
  tag: 'Tag',
};

export const STATUS_WORDS = { errors: 'errors', limited: '429', blocked: 'blocked' } as const;

/** `5.6`: percent with one figure behind the point; `–` where nothing was counted. */
export function rate(part: number | undefined, all: number): string {
  return part === undefined || all <= 0 ? '–' : ((part / all) * 100).toFixed(1);
}

/** From here on a rate takes the colour of its status. */
const LOUD = { limited: 1, blocked: 0.5, errors: 1 } as const;

export function rateTone(status: keyof typeof LOUD, part: number | undefined, all: number): string {
  const percent = part === undefined || all <= 0 ? 0 : (part / all) * 100;
  if (percent < LOUD[status]) return percent < 0.05 ? 'm' : '';
  return status === 'errors' ? 'err' : 'hold';
}

/** Seconds of a column that says so in its head. */
export const seconds = (ms: number | undefined) => (ms === undefined ? '–' : (ms / 1000).toFixed(2));

/** Of sums: `$612`, no cents from ten on. */
export function money(counts: WireCounts): string {
  if (counts.usd === undefined || counts.cost_basis === 'unknown') return '–';
  const text = counts.usd >= 9.95 ? `$${whole(counts.usd)}` : usd(counts.usd);
  return counts.partial ? `≥ ${text}` : text;
}

export const BASIS_WORDS = {
  listed: 'list price × tokens',
  custom: 'your price table × tokens',
  allocated: 'the bill, shared out by tokens',
  unknown: 'no price is known',
} as const;

/** `1,234`, `1.28M` */
export const amount = (n: number) => (n < 1e6 ? whole(n) : tokens(n));

/** The end of a y axis: the least round number that is no smaller. */
export function roundUp(x: number): number {
  if (!(x > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(x));
  const digit = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((d) => d * power >= x * 0.9999) ?? 10;
  return digit * power;
}

/** `17k`, `250`, `1.2M` */
export function short(n: number): string {
  const trim = (x: number) => String(Math.round(x * 10) / 10);
  if (n >= 1e6) return `${trim(n / 1e6)}M`;
  return n >= 1000 ? `${trim(n / 1000)}k` : trim(n);
}

/** The ends of a log ruler that holds all values: 1, 2 or 5 times a power of ten. */
export function rulerEnds(values: readonly number[]): { from: number; to: number } {
  const known = values.filter((value) => value > 0);
  if (!known.length) return { from: 10, to: 10_000 };
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const power = 10 ** Math.floor(Math.log10(least));
  const from = ([5, 2, 1].find((d) => d * power <= least * 1.0001) ?? 1) * power;
  return { from, to: Math.max(ceil125(most), from * 10) };
}

function ceil125(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  return ([1, 2, 5, 10].find((d) => d * power >= x * 0.9999) ?? 10) * power;
}

/** Place on a log ruler, 0 to 100. */
export function logPlace(value: number, ends: { from: number; to: number }): number {
  if (!(value > 0)) return 0;
  const place = (Math.log(value / ends.from) / Math.log(ends.to / ends.from)) * 100;
  return Math.min(100, Math.max(0, place));
}

const DAY = 86_400_000;
const pad = (n: number) => String(n).padStart(2, '0');
const hm = (at: Date) => `${pad(at.getHours())}:${pad(at.getMinutes())}`;
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const dayOf = (at: Date) => `${DAYS[at.getDay()]} ${at.getDate()}`;

export interface TimeTick {
  at: number;
  text: string;
}

/** Starts of days, or of hours where there are few days; at most about `most`. */
export function timeTicks(from: number, to: number, most = 8): TimeTick[] {
  const days = (to - from) / DAY;
  const list: TimeTick[] = [];
  const at = new Date(from);
  if (days > 2) {
    const step = Math.max(1, Math.ceil(days / most));
    at.setHours(0, 0, 0, 0);
    while (at.getTime() < to && list.length < 100) {
      const text = days > 60 ? `${at.getDate()} ${MONTHS[at.getMonth()]}` : dayOf(at);
      if (at.getTime() >= from) list.push({ at: at.getTime(), text });
      // Days are not all 24 hours long.
      at.setDate(at.getDate() + step);
    }
    return list;
  }
  const hours = (to - from) / 3_600_000;
  const step = [1 / 60, 1 / 12, 0.25, 0.5, 1, 2, 3, 6, 12].find((h) => hours / h <= most) ?? 12;
  at.setHours(0, 0, 0, 0);
  const midnight = at.getTime();
  for (let t = midnight; t < to; t += step * 3_600_000) {
    if (t >= from && list.length < 100) list.push({ at: t, text: hm(new Date(t)) });
  }
  return list;
}

/** `13 to 19 Oct`: whole days in the window. */
export function rangeWord(from: number, to: number): string {
  const [a, b] = [new Date(from), new Date(Math.max(from, to - 1))];
  // Two ends in different years say them.
  const year = (at: Date) => (a.getFullYear() === b.getFullYear() ? '' : ` ${at.getFullYear()}`);
  const month = (at: Date) => `${MONTHS[at.getMonth()]}${year(at)}`;
  if (a.toDateString() === b.toDateString()) return `${a.getDate()} ${month(a)}, ${hm(a)} to ${hm(new Date(to))}`;
  const same = a.getMonth() === b.getMonth() && a.getFullYear() === b.getFullYear();
  return same
    ? `${a.getDate()} to ${b.getDate()} ${month(b)}`
    : `${a.getDate()} ${month(a)} to ${b.getDate()} ${month(b)}`;
}

/** `Tue 14, 12:00 to 16:00` */
export function windowWord(from: number, to: number): string {
  const [a, b] = [new Date(from), new Date(to)];
  const end = a.toDateString() === new Date(to - 1).toDateString() ? hm(b) : `${dayOf(b)}, ${hm(b)}`;
  return `${dayOf(a)}, ${hm(a)} to ${end}`;
}

/** `an hour`, `15 minutes` */
export function stepWord(step: number): string {
  const known: [number, string, string][] = [
    [DAY, 'a day', 'days'],
    [3_600_000, 'an hour', 'hours'],
    [60_000, 'a minute', 'minutes'],
    [1000, 'a second', 'seconds'],
  ];
  for (const [size, one, many] of known) {
    if (step >= size * 0.999) return Math.round(step / size) === 1 ? one : `${Math.round(step / size)} ${many}`;
  }
  return `${Math.round(step)} ms`;
}

/** `38 min old` */
export function ageWord(at: number, now: number): string {
  const minutes = Math.round((now - at) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 90) return `${minutes} min old`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h old` : `${Math.round(hours / 24)} days old`;
}
