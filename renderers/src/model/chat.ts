/** The conversation of a call as lines: what is new is found at once, what was seen before is one line. */
import type { WireCall, WireMessage, WirePart, WireSpan } from '../wire/types';
import { count } from './format';
import { messageText, toolCallsOf } from './message';
import { type ToolIndex, toolIndex } from './tools';
import type { ChatRow } from './types';

/** Characters of a message that is not of this turn before it is folded. */
const LONG = 2_000;

/**
 * @param earlier calls of the same trace that began before this one, in any order
 * @param spans all spans of the trace: tool calls are matched with the spans that ran them
 */
export function chatRows(call: WireCall, earlier: readonly WireCall[], spans: readonly WireSpan[]): ChatRow[] {
  const tools = toolIndex(call, spans);
  const rows: ChatRow[] = [];
  const seen = seenBefore(call, earlier);
  if (call.verdict?.hide)
    rows.push({ k: 'hidden', chars: call.messages.reduce((n, m) => n + messageText(m).length, 0) });
  else rows.push(...promptRows(call, seen, tools, spans));
  const answers = call.answers;
  answers.forEach((answer, i) => {
    rows.push({
      k: 'rule',
      label: ruleLabel(
        call,
        i,
        rows.some((row) => row.k === 'earlier'),
      ),
    });
    rows.push(...messageRows(answer, call.messages.length + i, tools, false, true));
  });
  if (!answers.length) rows.push({ k: 'rule', label: 'no answer' });
  return rows;
}

function ruleLabel(call: WireCall, i: number, later: boolean): string {
  const n = call.answers.length;
  const name = later ? 'answer of this call' : 'answer';
  const finish = call.finish?.[i];
  return `${name}${n > 1 ? ` ${i + 1} of ${n}` : ''}${finish ? ` · ${finish}` : ''}`;
}

interface Seen {
  /** How many of the first messages were in that call or its answer. */
  length: number;
  call?: WireCall;
}

/** The earlier call that shares the longest beginning. */
function seenBefore(call: WireCall, earlier: readonly WireCall[]): Seen {
  let best: Seen = { length: 0 };
  for (const other of earlier) {
    if (other === call) continue;
    const first = other.answers[0];
    const shown = first ? [...other.messages, first] : other.messages;
    let n = 0;
    while (n < shown.length && n < call.messages.length && same(shown[n], call.messages[n])) n++;
    if (n > best.length) best = { length: n, call: other };
  }
  return best;
}

function same(a: WireMessage | undefined, b: WireMessage | undefined): boolean {
  if (!a || !b || a.role !== b.role || a.name !== b.name) return false;
  return a === b || fingerprint(a) === fingerprint(b);
}

/** Reasoning is not sent back, so it does not count. */
function fingerprint(message: WireMessage): string {
  if (message.text !== undefined && !message.parts) return JSON.stringify([message.text]);
  const parts = (message.parts ?? []).filter((part) => part.k !== 'reasoning');
  return JSON.stringify(parts.map((part) => (part.k === 'text' ? part.text : part)));
}

function promptRows(call: WireCall, seen: Seen, tools: ToolIndex, spans: readonly WireSpan[]): ChatRow[] {
  const rows: ChatRow[] = [];
  const last = call.messages.findLastIndex((message) => message.role === 'user');
  let old: { message: WireMessage; index: number }[] = [];
  const flush = () => {
    if (old.length) rows.push(...earlierRows(old, seen, tools, spans));
    old = [];
  };
  call.messages.forEach((message, index) => {
    const isSystem = message.role === 'system' || message.role === 'developer';
    // Results of tool calls that fold are part of what folds with them.
    const result = old.length > 0 && tools.isPairedResult(message);
    if (!isSystem && index !== last && (index < seen.length || result)) {
      old.push({ message, index });
      return;
    }
    flush();
    const long = messageText(message).length > LONG && index !== last;
    rows.push(...messageRows(message, index, tools, isSystem || long, false));
  });
  flush();
  return rows;
}

/** One line for messages shown before; tool calls among them that failed are drawn below it. */
function earlierRows(
  old: { message: WireMessage; index: number }[],
  seen: Seen,
  tools: ToolIndex,
  spans: readonly WireSpan[],
): ChatRow[] {
  const messages = old.map((item) => item.message);
  const calls = old.flatMap(({ message, index }) => toolCallsOf(message).map((part) => toolRow(part, index, tools)));
  const failed = calls.filter((row) => row.error);
  const where = calls.length ? tools.placeOf(calls.map((row) => row.span)) : undefined;
  const from = where ?? spans.find((span) => span.call !== undefined && span.call === seen.call);
  const what = calls.length ? count(calls.length, 'tool call') : count(messages.length, 'message');
  const label = from ? `${what}, shown in ${from.name}` : `${what}, shown before`;
  const line: ChatRow = { k: 'earlier', messages, label };
  if (from) {
    line.from = from.name;
    line.span = from.id;
  }
  if (calls.length) {
    line.errors = failed.length;
    line.ok = calls.length - failed.length;
  }
  return [line, ...failed];
}

/** A message, then one box for each tool call with its result; a paired result has no line of its own. */
function messageRows(
  message: WireMessage,
  index: number,
  tools: ToolIndex,
  folded: boolean,
  answer: boolean,
): ChatRow[] {
  if (tools.isPairedResult(message)) return [];
  const calls = toolCallsOf(message);
  const rest = calls.length
    ? { ...message, parts: (message.parts ?? []).filter((part) => part.k !== 'tool_call') }
    : message;
  const rows: ChatRow[] = [];
  if (!calls.length || rest.text !== undefined || rest.parts?.length) {
    rows.push({ k: 'message', message: rest, folded, index, ...(answer ? { answer: true as const } : {}) });
  }
  for (const part of calls) rows.push({ ...toolRow(part, index, tools), ...(answer ? { answer: true as const } : {}) });
  return rows;
}

type ToolRow = Extract<ChatRow, { k: 'tool' }>;

function toolRow(part: Extract<WirePart, { k: 'tool_call' }>, index: number, tools: ToolIndex): ToolRow {
  const row: ToolRow = { k: 'tool', name: part.name, args: part.args, index };
  if (part.id) row.id = part.id;
  const found = tools.resultOf(part);
  if (found.text !== undefined) row.result = found.text;
  if (found.error) row.error = true;
  if (found.span) {
    row.span = found.span.id;
    if (found.span.ms !== undefined) row.ms = found.span.ms;
  }
  return row;
}
