/** The model call of a span: messages, attempts, what the gateway said. */
import type { WirePrompt } from './assessment';
import type { WireServer } from './server';
import type { Json } from './span';

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
  /** Of a logged row only: served entity or destination. */
  entity?: string;
  requester?: string;
  /** Of the rows that are kept: 1 is all. */
  sampling?: number;
  /** `logging_error_codes`: bodies too big to be logged, for one. */
  truncated?: string[];
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
