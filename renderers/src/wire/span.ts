/** One span of a `Wire`. */
import type { Assessment } from './assessment';
import type { WireCall } from './call';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Status = 'ok' | 'error' | 'blocked' | 'rate_limited' | 'interrupted' | 'running';

/** MLflow SpanType. Anything unknown is drawn as own code. */
export type SpanType = string;

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
  /** Long texts of it are cut, and counted at their end; a kernel gives them whole: ask `whole`. */
  cut?: true;
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
