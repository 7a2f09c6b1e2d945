/**
 * What crosses from Python to the page: the data of `application/vnd.nbext.trace.v1+json`
 * and the messages of a living view. Written by `nbext/display/wire.py`; the fixtures in
 * `tests/contract/fixtures/` are read by pytest and vitest alike.
 *
 * Times are milliseconds. A key that has nothing to say is left out.
 */

import type { WireCompare } from './compare';
import type { WireFrame } from './frame';
import type { WireOverview } from './overview';
import type { WireJoined } from './server';
import type { Status, WireSpan } from './span';

export type * from './assessment';
export type * from './call';
export type * from './compare';
export type * from './frame';
export type * from './messages';
export type * from './overview';
export type * from './server';
export type * from './span';

export interface Wire {
  v: 1;
  /** Capture id; also the id of the live model. */
  uid: string;
  name?: string;
  cell?: number;
  /** `pending`: reserved, nothing to draw yet. */
  state: 'pending' | 'running' | 'done';
  /** Start of the capture, epoch ms. */
  start: number;
  /** Wall time of the capture; absent while it runs. */
  ms?: number;
  /** When this bundle was made, ISO 8601. */
  saved?: string;
  /** Sorted by `at`. */
  spans: WireSpan[];
  /** String table: `{"$": i}` anywhere under `spans` stands for `texts[i]`; see decode.ts. */
  texts?: string[];
  /** HTTP requests of the cell that are no model calls and were left alone. */
  other?: number;
  /** Calls we could not record: ours, never the user's. */
  failed?: { count: number; first: string };
  /** Its way to an MLflow tracking store: how many traces are there, on the way, refused, and why. */
  export?: WireExport;
  /** Of a loaded trace: its page in the pages of MLflow. http or https. */
  page?: string;
  /** Set when fewer spans are here than there were. */
  cut?: { spans: number; bytes?: number };
  totals: WireTotals;
  /** Of a capture joined with an inference table. */
  joined?: WireJoined;
  /** Where feedback goes: `["journal", "MLflow experiment churn"]`. */
  feedback_to?: string[];
  /** Models or endpoints a replay can be sent to, beside those met in the calls. */
  models?: string[];
  /**
   * `call.replay()`: drawn as the form with the original and its replays, which are spans here with
   * `replay_of`. `call` is the span id of the original, `label` where it ran: `chat in write, run 4`.
   */
  replay?: { call: string; label?: string };
  /** Never sent: where the page keeps what is no trace (then there are no spans). */
  payload?: Payload;
}

/** The form used above some tens of kB: everything else is in `z`, base64 of gzip of the JSON of a Wire. */
export interface WireZipped {
  v: 1;
  uid: string;
  name?: string;
  state: 'done';
  start: number;
  ms?: number;
  totals: WireTotals;
  z: string;
}

/** What is no trace has a `kind`. All are of one MIME type; the page chooses by `kind`. */
export type Payload = WireCompare | WireOverview | WireFrame;

/** A Payload above some tens of kB: `z` is base64 of gzip of its JSON. */
export interface PayloadZipped {
  v: 1;
  kind: Payload['kind'];
  uid: string;
  state: 'done';
  z: string;
}

export interface WireExport {
  /** Store and experiment. */
  to: string;
  exported?: number;
  pending?: number;
  failed?: number;
  why?: string;
  /** The page of what was exported, or of the experiment it is in. http or https. */
  page?: string;
}

export interface WireTotals {
  spans: number;
  calls: number;
  /** Calls by status; only those that occur. */
  status?: Partial<Record<Status, number>>;
  /** Calls over budget are also in status.blocked. */
  budget?: number;
  /** Attempts beyond the first, over all calls. */
  retries?: number;
  in?: number;
  out?: number;
  tokens?: number;
  /** True: at least one count was estimated. */
  est?: true;
  usd?: number;
  /** True: at least one call has no known price, so usd is a lower bound. */
  partial?: true;
  /** Wall time in which at least one call was at the gateway. */
  gateway_ms?: number;
  /** Where the time went along the critical path; adds up to `ms`. */
  split?: Partial<Record<'model' | 'tool' | 'data' | 'wait' | 'flow' | 'hold' | 'error', number>>;
}
