/** Numbers over an inference table: over time, and by who or what. Written by `table.overview()`. */
import type { StoredWire } from './compare';

/** Epoch ms for times of day, ms for durations. What a table cannot say is left out, never 0. */
export interface WireOverview {
  v: 1;
  kind: 'overview';
  uid: string;
  state: 'done';
  /** Full name of the table, path or frame. */
  table: string;
  /** What the window covers, start and end. */
  from: number;
  to: number;
  /** Width of a bucket. */
  step: number;
  totals: WireCounts;
  /** By start; those without requests may be left out. */
  buckets: (WireCounts & { start: number })[];
  groups: Partial<Record<WireGrain, WireGroup[]>>;
  engine?: { name: string; seconds?: number; queries?: number; rows?: number; sql?: string };
  /** Time of the newest row read. */
  newest?: number;
  /** Rows stand for more than themselves: counts are weighted by 1/sampling_fraction. */
  sampled?: true;
  /** What the menu offers: `{key: '7d', label: '7 days'}`, and which of them this is. */
  ranges?: { key: string; label: string }[];
  range?: string;
  /** The Python that makes this: `nbext.inference_table("main.llm.t").overview(days=7)`. */
  code?: string;
  /** What could not be read, in sentences: which grant is missing. */
  notes?: string[];
  /** The filter these numbers are of, when they are the answer to `ask: 'overview'`. */
  filter?: OverviewFilter;
  saved?: string;
}

export type WireGrain = 'endpoint' | 'entity' | 'requester' | 'tag';

export interface WireCounts {
  requests: number;
  errors?: number;
  /** HTTP 429. */
  limited?: number;
  /** Guardrail, service policy, budget. */
  blocked?: number;
  /** Durations. */
  p50?: number;
  p95?: number;
  p99?: number;
  ttfb_p50?: number;
  ttfb_p95?: number;
  ttfb_p99?: number;
  in?: number;
  out?: number;
  usd?: number;
  cost_basis?: 'listed' | 'custom' | 'allocated' | 'unknown';
  /** usd is a lower bound: some requests have no known price. */
  partial?: true;
}

export interface WireGroup extends WireCounts {
  /** Endpoint, served entity, requester, `key=value` of a tag. */
  name: string;
  /** What answers there, or another word that tells it apart: `claude-haiku-4-5`. */
  hint?: string;
  /** One number for each of `buckets`: lets a page without a kernel filter. */
  series?: Partial<Record<'requests' | 'errors' | 'limited' | 'blocked' | 'in' | 'out' | 'usd', number[]>> &
    Partial<Record<'p50' | 'p95' | 'p99', (number | null)[]>>;
}

/** What a brush and presses on marks stand for; all of it holds. */
export interface OverviewFilter {
  from?: number;
  to?: number;
  grain?: WireGrain;
  value?: string;
  status?: 'errors' | 'limited' | 'blocked';
}

/** `ask: 'overview'`: the numbers of a filter or of another range; answered with a WireOverview. */
export interface OverviewAsk extends OverviewFilter {
  range?: string;
}

/** `ask: 'calls'` with an OverviewFilter: the calls behind a mark, newest first, as many as fit. */
export interface CallsAnswer {
  wire: StoredWire;
  /** How many the filter matches in all; `wire` may hold fewer. */
  total?: number;
  /** Python that gives them as a frame. */
  code?: string;
}
