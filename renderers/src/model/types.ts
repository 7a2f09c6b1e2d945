/** Shapes of the pure layer: wire data to rows, bars and words. No DOM, no framework. */
import type { Json, Status, WireCall, WireMessage, WireSpan, WireTotals } from '../wire/types';

/** What a span is drawn as. */
export type Kind = 'model' | 'tool' | 'data' | 'flow';

export interface Node {
  span: WireSpan;
  parent: Node | null;
  children: Node[];
  depth: number;
  kind: Kind;
  /** The span's own end, clipped to be ≥ at; running spans end now. */
  end: number;
  /** Of the subtree, itself included. */
  spans: number;
  errors: number;
  tokens: number;
  /** ms not covered by children. */
  own: number;
}

export interface Tree {
  roots: Node[];
  byId: Map<string, Node>;
  /** Depth-first, by start. */
  order: Node[];
  /** What was odd in the data, in words: missing parents, cycles, duplicate ids, negative durations. */
  notes: string[];
}

/** One drawn row of the tree. */
export interface Row {
  node: Node;
  folded: boolean;
  /** Shown in place of more indent from depth 8 on. */
  depth: number;
  match: boolean;
}

/** A piece of a bar, in ms of the capture's clock. The grammar of the mock's README. */
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

/** A line of the chat, ready to draw. */
export type ChatRow =
  | { k: 'message'; message: WireMessage; folded: boolean; index: number }
  | { k: 'earlier'; messages: WireMessage[]; label: string; from?: string }
  | { k: 'tool'; id?: string; name: string; args: string; result?: string; error?: true; span?: string; ms?: number; index: number }
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

/*
 * The functions, by file:
 *   decode.ts   decode(data: unknown): Promise<Wire> | Wire        (string table, cut strings, gzip; throws one clear sentence)
 *   tree.ts     buildTree(spans: WireSpan[], now: number): Tree
 *   kind.ts     kindOf(span): Kind · statusOf(span): Status · statusWord(span): string ('' for ok) · iconOf(span): IconName · shortModel(name): string
 *   rows.ts     rowsOf(tree, folded: ReadonlySet<string>, keep?: ReadonlySet<string>): Row[] · visibleRange(scrollTop, height, rowHeight, count, overscan) ·
 *               foldLevel(tree, folded, delta) · initialFold(tree): Set<string>
 *   time.ts     ticks(from, to, most): number[] · percent(t, from, to): number · tickLabel(ms, step)
 *   bar.ts      barOf(node, now): Bar · laneLabels(node): {at: number; text: string}[]
 *   critical.ts criticalPath(tree, end: number): Critical
 *   totals.ts   totalsOf(spans, ms): WireTotals      (same result as Python's; contract-tested)
 *   format.ts   duration(ms) · durationLong(ms) · tokens(n) · inOut(in, out) · usd(x) · bytes(n) · count(n, 'call') — units exactly as the mock's README
 *   chat.ts     chatRows(call, earlier: WireCall[], spans): ChatRow[]
 *   search.ts   haystack(span): string · find(tree, text): string[] (ids in order) · filterSpans(tree, {kinds?, statuses?, text?}): Set<string> (with parents)
 *   json.ts     jsonRows(value, open: ReadonlySet<string>): JsonRow[] · toOpenAiPython(call) · toCurl(call)
 *   words.ts    the sentences of the mock's README: runningLine, emptyLine, cutLine, failedLine, savedLine …
 */
export type { Status, WireCall };
