/**
 * What crosses from Python to the page: the data of `application/vnd.nbext.trace.v1+json`
 * and the messages of a living view. Written by `nbext/display/wire.py`; the fixtures in
 * `tests/contract/fixtures/` are read by pytest and vitest alike.
 *
 * Times are milliseconds. A key that has nothing to say is left out.
 */

import type { Assessment, WirePrompt } from './assessment';
import type { WireCompare } from './compare';
import type { WireFrame } from './frame';
import type { WireOverview } from './overview';
import type { WireJoined, WireServer } from './server';

export type * from './assessment';
export type * from './compare';
export type * from './frame';
export type * from './overview';
export type * from './server';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Status = 'ok' | 'error' | 'blocked' | 'rate_limited' | 'interrupted' | 'running';

/** MLflow SpanType. Anything unknown is drawn as own code. */
export type SpanType = string;

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

export interface WireSpan {
  id: string;
  parent?: string;
  trace?: string;
  name: string;
  type: SpanType;
  /** From the start of the capture. */
  at: number;
  /** Absent while running. */
  ms?: number;
  /** Absent: ok. */
  status?: Status;
  /** What tells siblings apart: model, query, error. */
  hint?: string;
  error?: { type?: string; message: string; stack?: string };
  attributes?: Record<string, Json>;
  inputs?: Json;
  outputs?: Json;
  events?: { name: string; at: number; attributes?: Record<string, Json> }[];
  links?: { trace: string; span: string }[];
  call?: WireCall;
  assessments?: Assessment[];
  /** Span id of the call that this one repeats, changed or not. */
  replay_of?: string;
}

export interface WireCall {
  /** chat.completions, completions, embeddings, responses, messages, generate_content, images, audio, rerank, unknown */
  api: string;
  url?: string;
  /** HTTP status of the last attempt. */
  code?: number;
  endpoint?: string;
  model?: string;
  /** What answered, when it is not what was asked for. */
  served?: string;
  stream?: true;
  /** Span start to first token (streams: first content; else absent). */
  first?: number;
  /** Arrival of each body piece from the span start; thinned out above 500. */
  chunks?: number[];
  /** One per choice. */
  finish?: string[];
  tokens?: WireTokens;
  cost?: { usd: number; basis: 'listed' | 'custom' | 'allocated'; source?: string; partial?: true };
  /** Request parameters but for messages and tools: temperature, max_tokens … */
  params?: Record<string, Json>;
  messages: WireMessage[];
  /** One per choice, with what had arrived if interrupted. */
  answers: WireMessage[];
  tools?: Json[];
  attempts: WireAttempt[];
  facts?: WireFacts;
  verdict?: WireVerdict;
  request?: Json;
  /** Streams assembled. */
  response?: Json;
  /** Response text when it was not JSON (HTML, empty, broken). */
  body?: string;
  /** Sizes on the wire. */
  bytes?: { request?: number; response?: number };
  /** Oddities met while reading: broken SSE, missing [DONE] … */
  notes?: string[];
  /** The gateway's half, once joined. */
  server?: WireServer;
  prompts?: WirePrompt[];
}

export interface WireTokens {
  in?: number;
  out?: number;
  total?: number;
  cached?: number;
  cache_write?: number;
  reasoning?: number;
  est?: true;
}

export interface WireMessage {
  role: string;
  /** Short form of one text part. */
  text?: string;
  parts?: WirePart[];
  name?: string;
  /** Estimated size, for the fold line of long messages. */
  tokens?: number;
}

export type WirePart =
  | { k: 'text' | 'reasoning' | 'refusal'; text: string }
  | { k: 'tool_call'; id?: string; name: string; args: string }
  | { k: 'tool_result'; id?: string; text: string; error?: true }
  | { k: 'image' | 'audio' | 'file'; mime?: string; bytes?: number; url?: string; name?: string }
  | { k: 'vectors'; count: number; dim?: number; norm?: number }
  | { k: 'json'; value: Json };

export interface WireAttempt {
  /** From the span start. */
  at: number;
  ms?: number;
  /** To the response headers, from the attempt's start. */
  head?: number;
  code?: number;
  error?: string;
  /** Seconds, as the gateway said. */
  retry_after?: number;
  request_id?: string;
  /** Kept response headers (allow-list). */
  headers?: Record<string, string>;
}

export interface WireFacts {
  /** serving = /serving-endpoints (route A), unity = /ai-gateway (route B), mlflow = its own gateway, other. */
  route?: 'serving' | 'unity' | 'mlflow' | 'other';
  request_id?: string;
  client_request_id?: string;
  /** Trace id from `traceresponse`. */
  gateway_trace_id?: string;
  served_model?: string;
  fallback?: true;
  workspace_id?: string;
  provider?: string;
  server_ms?: number;
  tags?: Record<string, string>;
  /** Rate-limit headers as they came. */
  limits?: Record<string, string>;
}

/** Why a call was held back or failed, in words. */
export interface WireVerdict {
  kind: 'guardrail' | 'policy' | 'rate_limit' | 'budget' | 'provider' | 'error' | 'interrupted' | 'connection';
  title: string;
  /** Sentences. */
  text?: string[];
  next?: string;
  /** The gateway's masked copy of what was sent. */
  masked?: string;
  /** May quote personal data: hidden until asked for. */
  reason?: string;
  /** The sent text is hidden until asked for. */
  hide?: true;
}

// ── messages of a living view ──────────────────────────────────────────────

/** Kernel to page, at most ten a second. Spans are whole and take the place of the one with their id. */
export interface Delta {
  kind: 'delta';
  /** Counts up by one; a gap means: ask for a snapshot. */
  rev: number;
  /** Capture clock, ms from its start. */
  now: number;
  state: 'running' | 'done';
  spans?: WireSpan[];
  /** Text that arrived for running calls since the last delta. */
  grow?: { id: string; text: string; first?: number; out?: number }[];
  totals?: WireTotals;
  ms?: number;
  export?: WireExport;
  /** Planned number of calls, when known. */
  planned?: number;
}

/** Kernel to page: everything so far; also the answer to `ask: snapshot`. */
export interface Snapshot {
  kind: 'snapshot';
  id?: string;
  rev: number;
  now: number;
  /** Of a model that is no trace: its Payload, stored as it is saved. */
  wire: Wire | Payload | PayloadZipped;
}

/** Page to kernel. */
export interface Ask {
  kind: 'ask';
  id: string;
  /** `more`: the code of the second chunk; the others are described beside their shapes. */
  what:
    | 'snapshot'
    /** Bytes of an image or a sound: a `MediaAsk`, answered by a data URL. */
    | 'media'
    | 'viewer'
    | 'bundle'
    | 'more'
    | 'look'
    | 'feedback'
    | 'replay'
    | 'replay_stop'
    | 'overview'
    | 'calls'
    | 'filter';
  value?: Json;
}

/** `ask: 'media'`: which part of which message. */
export interface MediaAsk {
  /** Span id. */
  span: string;
  of: 'messages' | 'answers';
  message: number;
  part: number;
}

/** Kernel to page: the answer to any other ask, with the same id. */
export interface Answer {
  kind: 'answer';
  id: string;
  error?: string;
  value?: Json;
}
