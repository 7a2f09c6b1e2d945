/** Shapes of the pure layer: wire data to rows, bars and words. No DOM, no framework. */
import type { Json, WireMessage, WireSpan, WireTotals } from '../wire/types';

/** What a span is drawn as. */
export type Kind = 'model' | 'tool' | 'data' | 'flow';

export interface Node {
  span: WireSpan;
  parent: Node | null;
  children: Node[];
  depth: number;
  kind: Kind;
  /** A sibling call has the same name and model: they tell nothing apart. */
  twin: boolean;
  /** The span's own end, clipped to be ≥ at; running spans end now. */
  end: number;
  /** Of the subtree: a stream may outlive the span that opened it. */
  from: number;
  to: number;
  /** Of the subtree, itself included. */
  spans: number;
  /** What failed, and what was held back, by itself: a parent that failed with its child is not counted again. */
  errors: number;
  held: number;
  tokens: number;
  /** ms not covered by children. */
  own: number;
}

export interface Tree {
  roots: Node[];
  byId: Map<string, Node>;
  /** Depth-first, by start. */
  order: Node[];
  /** Those of `order` that went wrong or were held back by themselves. */
  failed: Node[];
  /** What was odd in the data, in words: missing parents, cycles, duplicate ids, negative durations. */
  notes: string[];
}

/** One drawn row of the tree. */
export interface Row {
  node: Node;
  folded: boolean;
  /** Shown as a number in place of more indent from depth 8 on. */
  depth: number;
  match: boolean;
  /** The row stands for these siblings; `node` is the first of them and `folded` says whether they are drawn below. */
  similar?: Similar;
}

/** Siblings alike that are drawn as one row. */
export interface Similar {
  id: string;
  nodes: Node[];
  /** Their common name, without the numbers in it. */
  name: string;
  kind: Kind;
  from: number;
  to: number;
  /** Half took less. */
  median: number;
  slowest: number;
  errors: number;
  held: number;
  tokens: number;
}

/** A piece of a bar, in ms of the capture's clock. Rail: own code; wait: for the
 * first token; work; retry: between attempts; failed: attempt or span; hold: blocked. */
export interface Segment {
  kind: 'rail' | 'wait' | 'work' | 'retry' | 'failed' | 'hold';
  from: number;
  to: number;
  label?: string;
}

export interface Bar {
  kind: Kind;
  segments: Segment[];
  /** First token, if there is a mark to draw. */
  first?: number;
  torn: boolean;
}

export type SplitKind = keyof NonNullable<WireTotals['split']>;

export interface Critical {
  /** Ids on the path. */
  ids: Set<string>;
  split: { kind: SplitKind; ms: number }[];
}

/** A line of the chat, ready to draw. `index` counts messages, then answers. */
export type ChatRow =
  | { k: 'message'; message: WireMessage; folded: boolean; index: number; answer?: true }
  | {
      k: 'earlier';
      messages: WireMessage[];
      /** `3 tool calls, shown in gather`. */
      label: string;
      /** The name at the end of the label, to be set off. */
      from?: string;
      /** Where they were shown. */
      span?: string;
      /** Of the tool calls among them. */
      ok?: number;
      errors?: number;
    }
  | {
      k: 'tool';
      id?: string;
      name: string;
      args: string;
      result?: string;
      error?: true;
      span?: string;
      ms?: number;
      index: number;
      answer?: true;
    }
  | { k: 'rule'; label: string }
  | { k: 'hidden'; chars: number };

/** A line of the JSON view. */
export interface JsonRow {
  path: string;
  depth: number;
  key?: string;
  /** `open` and `close` are brackets, `fold` a folded node with its size. */
  k: 'open' | 'close' | 'fold' | 'value' | 'cut';
  text: string;
  note?: string;
  value?: Json;
}
