/** Messages between the kernel and a living view. */
import type { Json, WireSpan } from './span';
import type { Payload, PayloadZipped, Wire, WireExport, WireTotals } from './types';

/** Kernel to page, at most ten a second. Spans are whole and take the place of the one with their id. */
export interface Delta {
  kind: 'delta';
  /** Counts up by one; a gap means: ask for a snapshot. */
  rev: number;
  /** Capture clock, ms from its start. */
  now: number;
  state: 'running' | 'done';
  spans?: WireSpan[];
  /** Text that arrived for running calls since the last delta, and how many characters it goes on from. */
  grow?: { id: string; from?: number; text: string; first?: number; out?: number }[];
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
    /** A span with its long texts, by its id: answered once it was told as a delta. */
    | 'whole'
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
