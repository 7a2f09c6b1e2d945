/** A frame of calls or spans as a table that filters, sorts and opens. Written by `frame.gateway.show()`. */
import type { StoredWire } from './compare';
import type { Json } from './types';

export interface WireFrame {
  v: 1;
  kind: 'frame';
  uid: string;
  state: 'done';
  /** Name of the variable, for the pandas text: `calls`. */
  name: string;
  grain: 'calls' | 'spans' | 'messages' | 'tool_calls' | 'attempts';
  columns: WireColumn[];
  /** One list of values per row, in the order of the columns; times are epoch ms. */
  rows: Json[][];
  /** Span id of each row, to open it in `wire`. */
  ids: (string | null)[];
  /** The spans of the rows, for the detail beside the table. */
  wire?: StoredWire;
  /** Rows of the frame; `rows` may be fewer. */
  total: number;
  sort?: { column: string; descending?: true };
  filter?: FrameCondition[];
  saved?: string;
}

export interface WireColumn {
  name: string;
  /** pandas: `float64`, `Int64`, `category`, `string`, `datetime64[ns, UTC]`, `boolean`. */
  dtype: string;
  /** `ms` is shown in seconds; `usd`, `tokens`. */
  unit?: string;
  /** Counts over all rows of the frame: `counts[i]` lie from `edges[i]` to `edges[i + 1]`. Absent: the page counts. */
  histogram?: { edges: number[]; counts: number[] };
  /** Most frequent first. */
  categories?: { value: string; count: number }[];
}

/** All conditions hold. `to` is exclusive, `from` inclusive, as the pandas text says it. */
export type FrameCondition =
  | { column: string; from?: number; to?: number }
  | { column: string; in: (string | boolean)[] }
  | { column: string; contains: string };

/** `ask: 'filter'`: tells Python; `.gateway.filtered` and `.gateway.selected` follow. */
export interface FrameFilterAsk {
  conditions: FrameCondition[];
  /** `calls[calls.duration_ms > 2000]` */
  code: string;
}
