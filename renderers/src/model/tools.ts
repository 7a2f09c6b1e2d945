/** Tool calls of a conversation with their results and with the spans that ran them. */
import type { Json, WireCall, WireMessage, WirePart, WireSpan } from '../wire/types';
import { canonical } from './canonical';
import { kindOf, statusOf } from './kind';
import { partsOf, type ToolCall, toolCallsOf } from './message';

/** Later calls that are read for results of this call's answer. */
const LATER_CALLS = 50;
/** Characters of a span's output taken as the result. */
const MOST_CHARS = 100_000;

export interface ToolResult {
  text?: string;
  error?: true;
  span?: WireSpan;
}

export interface ToolIndex {
  resultOf(call: ToolCall): ToolResult;
  /** The message holds only results that are drawn with their calls. */
  isPairedResult(message: WireMessage): boolean;
  /** The common parent of these spans. */
  placeOf(spanIds: readonly (string | undefined)[]): WireSpan | undefined;
}

type ResultPart = Extract<WirePart, { k: 'tool_result' }>;

export function toolIndex(call: WireCall, spans: readonly WireSpan[]): ToolIndex {
  const own = spans.find((span) => span.call === call);
  const asked = new Set<string>();
  for (const message of call.messages) for (const part of toolCallsOf(message)) if (part.id) asked.add(part.id);
  const results = resultsOf(call, own, spans);
  const ran = matchSpans(call, own, spans);

  return {
    resultOf(part) {
      const result = part.id ? results.get(part.id) : undefined;
      const span = ran.get(part);
      const failed = result?.error ?? (span && statusOf(span) === 'error');
      const text = result?.text ?? (span ? outcome(span) : undefined);
      return {
        ...(text === undefined ? {} : { text }),
        ...(failed ? { error: true as const } : {}),
        ...(span ? { span } : {}),
      };
    },
    isPairedResult(message) {
      const parts = partsOf(message);
      return parts.length > 0 && parts.every((part) => part.k === 'tool_result' && !!part.id && asked.has(part.id));
    },
    placeOf(ids) {
      const known = new Set(ids.filter((id) => id !== undefined));
      const parents = new Set(spans.filter((span) => known.has(span.id)).map((span) => span.parent));
      const [parent] = parents;
      return parents.size === 1 && parent !== undefined ? spans.find((span) => span.id === parent) : undefined;
    },
  };
}

/** By tool call id: of this call's own messages, then of calls after it that send its answer's results. */
function resultsOf(call: WireCall, own: WireSpan | undefined, spans: readonly WireSpan[]): Map<string, ResultPart> {
  const results = new Map<string, ResultPart>();
  const read = (messages: readonly WireMessage[]) => {
    for (const message of messages) {
      for (const part of message.parts ?? []) {
        if (part.k === 'tool_result' && part.id && !results.has(part.id)) results.set(part.id, part);
      }
    }
  };
  read(call.messages);
  const open = new Set(call.answers.flatMap(toolCallsOf).map((part) => part.id));
  if (!open.size || !own) return results;
  let left = LATER_CALLS;
  for (const span of spans) {
    if (!span.call || span.call === call || span.at < own.at || span.trace !== own.trace) continue;
    read(span.call.messages);
    if (--left <= 0 || [...open].every((id) => id !== undefined && results.has(id))) break;
  }
  return results;
}

/** Spans by the id the model gave the call, where instrumentation keeps it (OpenTelemetry GenAI). */
const ID_KEYS = ['gen_ai.tool.call.id', 'tool_call_id', 'tool_call.id', 'mlflow.toolCallId'];

/**
 * Which span ran which tool call. By id, else by name in order: among tool spans that begin after the
 * call that asked (this one for its answer) and, for what it was sent, before this one began.
 */
function matchSpans(call: WireCall, own: WireSpan | undefined, spans: readonly WireSpan[]): Map<ToolCall, WireSpan> {
  const pairs = new Map<ToolCall, WireSpan>();
  const sent = call.messages.flatMap(toolCallsOf);
  const answered = call.answers.flatMap(toolCallsOf);
  if (!own || !(sent.length + answered.length)) return pairs;
  const tools = spans.filter((span) => kindOf(span) === 'tool' && span.trace === own.trace);
  const end = own.at + (own.ms ?? 0);
  pairUp(
    sent,
    tools.filter((span) => span.at < own.at),
    pairs,
    true,
  );
  pairUp(
    answered,
    tools.filter((span) => span.at >= end - 1),
    pairs,
    false,
  );
  return pairs;
}

/**
 * By id; else by name and arguments; else by name in order. Latest first when looking back, so that
 * the calls just before this one get their own spans.
 */
function pairUp(
  calls: readonly ToolCall[],
  tools: readonly WireSpan[],
  pairs: Map<ToolCall, WireSpan>,
  back: boolean,
): void {
  const byId = new Map<string, WireSpan>();
  const byName = new Map<string, WireSpan[]>();
  for (const span of back ? [...tools].reverse() : tools) {
    const id = ID_KEYS.map((key) => span.attributes?.[key]).find((value) => typeof value === 'string');
    const known = byName.get(span.name);
    if (typeof id === 'string') byId.set(id, span);
    else if (known) known.push(span);
    else byName.set(span.name, [span]);
  }
  const inOrder = back ? [...calls].reverse() : calls;
  const left: ToolCall[] = [];
  for (const part of inOrder) {
    const list = byName.get(part.name) ?? [];
    const place = list.findIndex((span) => sameArguments(span.inputs, part.args));
    const span = (part.id ? byId.get(part.id) : undefined) ?? (place < 0 ? undefined : list.splice(place, 1)[0]);
    if (span) pairs.set(part, span);
    else left.push(part);
  }
  for (const part of left) {
    const span = byName.get(part.name)?.shift();
    if (span) pairs.set(part, span);
  }
}

function sameArguments(inputs: Json | undefined, args: string): boolean {
  if (inputs === undefined || args.length > MOST_CHARS) return false;
  try {
    return canonical(inputs) === canonical(JSON.parse(args));
  } catch {
    return inputs === args;
  }
}

function outcome(span: WireSpan): string | undefined {
  if (span.error) return span.error.type ? `${span.error.type}: ${span.error.message}` : span.error.message;
  return span.outputs === undefined ? undefined : plain(span.outputs);
}

function plain(value: Json): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
  return text.slice(0, MOST_CHARS);
}
