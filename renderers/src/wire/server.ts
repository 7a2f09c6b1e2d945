/** The gateway's half of a call: what an inference table and the usage tables say of it. Times are milliseconds. */
import type { WireTokens } from './types';

/** `WireCall.server`: on every call of a joined capture. */
export interface WireServer {
  /** `pending`: looked for and not here yet; the tables lag. */
  state: 'matched' | 'pending';
  /** Where the row was looked for: `main.llm.support_payload`. */
  table?: string;
  /** When it was last looked for, epoch ms. */
  looked_at?: number;
  /** Pending, and more is known than the lag: a sentence ("The table keeps 10 % of the calls."). */
  note?: string;
  /** What the two halves have in common: `x-request-id` here is `request_id` of `table` there. */
  key?: { client: string; column: string; table?: string };
  /** Rows that carry the key; retries have one each. */
  rows?: number;
  /** From the call to the row being readable, as far as it can be told. */
  lag_ms?: number;

  request_id?: string;
  /** HTTP status the gateway logged. */
  status_code?: number;
  /** The gateway's clock at the request's arrival, from the span start; skew is possible. */
  at?: number;
  duration_ms?: number;
  /** Route B: `time_to_first_byte_ms`. */
  ttfb_ms?: number;
  /** Served entity or destination, by name where it is known. */
  entity?: string;
  entity_id?: string;
  /** `destination_model`, or the model of the served entity. */
  model?: string;
  fallback?: true;
  /** `routing_information.attempts`; absent without access to `system.ai_gateway.usage`. */
  attempts?: WireServerAttempt[];
  /** `endpoint_metadata.destinations` and `fallbacks`, or `traffic_config.routes`. */
  shares?: { name: string; percent?: number; type?: string; fallback?: true }[];
  requester?: string;
  /** `USER`, `SERVICE_PRINCIPAL`. */
  requester_type?: string;
  tags?: Record<string, string>;
  tokens?: WireTokens;
  /** Of the rows that are kept: 1 is all. */
  sampling?: number;
  /** `logging_error_codes`: bodies too big to be logged, for one. */
  truncated?: string[];
  /** The rows of the earlier attempts of a retried call, in their order. */
  earlier?: { request_id?: string; status_code?: number; duration_ms?: number; at?: number }[];
  /** What could not be read, and how it could: which grant is missing. */
  missing?: string[];
}

export interface WireServerAttempt {
  priority?: string;
  /** `INITIAL_ATTEMPT`, `FALLBACK`, as logged. */
  action?: string;
  destination?: string;
  destination_id?: string;
  status_code?: number;
  error_code?: string;
  ms?: number;
  /** From the gateway's receipt of the request. */
  at?: number;
}

/** `Wire.joined`: what a join as a whole found. */
export interface WireJoined {
  table: string;
  matched: number;
  pending: number;
  /** Rows of the table in the time of the capture that belong to no call of it. */
  unmatched_rows?: number;
  looked_at?: number;
  /** How many calls each key matched: `{"x-request-id": 480}`. */
  keys?: Record<string, number>;
}

/** `ask: 'look'`: join again. The calls come as deltas; the answer is the new count. */
export type LookAnswer = WireJoined;
