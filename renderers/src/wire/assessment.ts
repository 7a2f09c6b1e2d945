/** Judgements of spans, prompts of the registry, and what the view asks of a kernel to give feedback or to replay. */
import type { Json } from './types';

/** `WireSpan.assessments`: MLflow's feedback and expectations, or a judge still at work. */
export interface Assessment {
  /** Name of the judge, or of what was judged: `grounded`. */
  name: string;
  kind?: 'feedback' | 'expectation';
  /** true, 0.92, "yes", an expected answer. Absent while pending or failed. */
  value?: Json;
  /** Overrides what the value says (false, "no", "fail": bad). */
  good?: boolean;
  rationale?: string;
  source: 'HUMAN' | 'LLM_JUDGE' | 'CODE';
  /** User name, judge model, scorer. */
  source_id?: string;
  /** Epoch ms. */
  at?: number;
  /** The judge's own call. */
  judge?: { model?: string; ms?: number; usd?: number };
  /** The judge has not answered yet. */
  pending?: true;
  /** Why the judge failed. */
  error?: string;
  /** Kept here; the tracking server has not taken it yet. */
  queued?: true;
}

/** `ask: 'feedback'`. What is absent was not said; an edit of one's own feedback takes its place. */
export interface FeedbackAsk {
  /** Span id. */
  span: string;
  verdict?: 'up' | 'down';
  /** 0 to 1. */
  score?: number;
  comment?: string;
  expected?: string;
}

/** The assessments of the span as they are now; the span also comes as a delta. */
export interface FeedbackAnswer {
  assessments: Assessment[];
  /** A sentence: where it went, or that it waits. */
  note?: string;
}

/** `WireCall.prompts`: prompts of the registry that the messages were made from. */
export interface WirePrompt {
  name: string;
  version: number | string;
  alias?: string[];
  uri?: string;
  /** With `{{variable}}`; a chat prompt is a list. */
  template: string | { role: string; content: string }[];
  /** What the variables were filled with, where it is known. */
  variables?: Record<string, Json>;
  /** The version before, to be compared with. */
  previous?: { version: number | string; template: string | { role: string; content: string }[] };
  /** Positions of `WireCall.messages` that were made from it. */
  messages?: number[];
}

/** `ask: 'replay'`: send a call again through its own client. What is absent stays as it was. */
export interface ReplayAsk {
  /** Span id of the call. */
  call: string;
  model?: string;
  /** Only those that changed; null takes one away. */
  params?: Record<string, Json>;
  /** All of them, when one changed: in the shape of the request's own messages or input. */
  messages?: Json;
}

/**
 * Comes as soon as the request is on its way. The answer streams in as any other call does: a span in
 * the same store, with a trace id of its own and `replay_of` set, in deltas with `grow`.
 */
export interface ReplayAnswer {
  span: string;
  trace: string;
}

/** `ask: 'replay_stop'` with `{span}`: drop a replay that is still streaming. */
export interface ReplayStop {
  span: string;
}
