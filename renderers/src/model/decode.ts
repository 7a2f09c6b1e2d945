/** Data of a saved or living output, in any of its forms, to a `Wire`. Throws one clear sentence. */
import type { Payload, Wire, WireAttempt, WireCall, WireMessage, WirePart, WireSpan } from '../wire/types';
import { AGAIN, isRecord, restoreTexts } from './texts';

/** Characters a saved output may unfold to; a few kB of gzip can hold gigabytes. */
const MOST_CHARS = 300_000_000;

/** A Wire, its JSON text, one with a string table, or one that is zipped (then a promise). */
export function decode(data: unknown, mostChars = MOST_CHARS): Promise<Wire> | Wire {
  const own = typeof data === 'string';
  const value = own ? parse(data) : data;
  const head = record(value);
  if (!head) throw new Error(`This output holds ${nameOf(value)} where a trace was expected. ${AGAIN}`);
  if (head.v !== 1) throw new Error(versionError(head.v));
  return typeof head.z === 'string'
    ? unzip(head.z, mostChars).then((text) => wireOf(parse(text), true))
    : wireOf(head, own);
}

function versionError(v: unknown): string {
  return typeof v === 'number' && v > 1
    ? `This trace has format ${v}, which a newer nbext wrote; this viewer reads format 1. Update nbext.`
    : `This output is not a trace of nbext: it names no format. ${AGAIN}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The saved trace is damaged: its data is not JSON. ${AGAIN}`);
  }
}

async function unzip(z: string, mostChars: number): Promise<string> {
  let text = '';
  try {
    const reader = inflated(z).getReader();
    for (let read = await reader.read(); !read.done && text.length <= mostChars; read = await reader.read()) {
      text += read.value;
    }
    if (text.length > mostChars) await reader.cancel();
  } catch {
    throw new Error(`The saved trace is damaged: its compressed data cannot be read. ${AGAIN}`);
  }
  if (text.length > mostChars)
    throw new Error('The saved trace is too large to open here. Open it with nbext.open in Python.');
  return text;
}

function inflated(z: string): ReadableStream<string> {
  const text = atob(z);
  const raw = new Uint8Array(text.length);
  for (let i = 0; i < raw.length; i++) raw[i] = text.charCodeAt(i);
  // Not a Blob: its data takes the way through another process, and back.
  const stream = new ReadableStream<BufferSource>({
    start(controller) {
      controller.enqueue(raw);
      controller.close();
    },
  });
  return stream.pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream());
}

/** @param own the value was made here, so it may be changed in place */
function wireOf(value: unknown, own: boolean): Wire {
  const wire = record(value);
  if (wire?.v !== 1) throw new Error(versionError(wire?.v));
  if (typeof wire.uid !== 'string') throw new Error(`The saved trace is damaged: it has no id. ${AGAIN}`);
  if (wire.kind) {
    const payload = wire as unknown as Payload;
    return { v: 1, uid: wire.uid, state: 'done', start: 0, spans: [], totals: { spans: 0, calls: 0 }, payload };
  }
  if (!Array.isArray(wire.spans)) throw new Error(`The saved trace is damaged: it has no list of spans. ${AGAIN}`);
  const spans: unknown[] = Array.isArray(wire.texts) ? restoreTexts(wire.spans, wire.texts, own) : wire.spans;
  const { texts: _, ...rest } = wire;
  return {
    ...rest,
    v: 1,
    uid: wire.uid,
    state: stateOf(wire.state),
    start: finite(wire.start) ?? 0,
    ms: finite(wire.ms),
    spans: spans.map(spanOf),
    totals: { spans: spans.length, calls: 0, ...record(wire.totals) },
  };
}

function stateOf(state: unknown): Wire['state'] {
  return state === 'pending' || state === 'running' ? state : 'done';
}

function finite(x: unknown): number | undefined {
  return typeof x === 'number' && Number.isFinite(x) ? x : undefined;
}

/** What views take for granted, made true; a sound span stays the object it is. */
function spanOf(value: unknown, index: number): WireSpan {
  if (isSpan(value)) return value;
  const span = record(value);
  if (!span || typeof span.id !== 'string') {
    throw new Error(`The saved trace is damaged: span ${index + 1} has no id. ${AGAIN}`);
  }
  const call = record(span.call);
  const ms = finite(span.ms);
  const { ms: _ms, call: _call, ...rest } = span;
  return {
    ...rest,
    id: span.id,
    name: typeof span.name === 'string' ? span.name : '',
    type: typeof span.type === 'string' ? span.type : 'UNKNOWN',
    // Kept apart from 0, so that the tree can say so.
    at: finite(span.at) ?? Number.NaN,
    ...(ms === undefined ? {} : { ms }),
    ...(call ? { call: callOf(call) } : {}),
  };
}

function isSpan(value: unknown): value is WireSpan {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    typeof value.name === 'string' &&
    typeof value.type === 'string' &&
    finite(value.at) !== undefined &&
    (value.ms === undefined || finite(value.ms) !== undefined) &&
    (value.call === undefined || isCall(value.call))
  );
}

function isCall(value: unknown): value is WireCall {
  return (
    isRecord(value) &&
    typeof value.api === 'string' &&
    all(value.messages, isMessage) &&
    all(value.answers, isMessage) &&
    all(value.attempts, isAttempt)
  );
}

function callOf(call: Record<string, unknown>): WireCall {
  return {
    ...call,
    api: typeof call.api === 'string' ? call.api : 'unknown',
    messages: list(call.messages).filter(isMessage),
    answers: list(call.answers).filter(isMessage),
    attempts: list(call.attempts).filter(isAttempt),
  };
}

function all(value: unknown, fits: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isMessage(value: unknown): value is WireMessage {
  return (
    isRecord(value) &&
    typeof value.role === 'string' &&
    (value.text === undefined || typeof value.text === 'string') &&
    (value.parts === undefined || all(value.parts, isPart))
  );
}

const TEXT_PARTS = ['text', 'reasoning', 'refusal', 'tool_result'];
const OTHER_PARTS = ['image', 'audio', 'file', 'vectors', 'json'];

function isPart(value: unknown): value is WirePart {
  if (!isRecord(value) || typeof value.k !== 'string') return false;
  if (TEXT_PARTS.includes(value.k)) return typeof value.text === 'string';
  if (value.k === 'tool_call') return typeof value.name === 'string' && typeof value.args === 'string';
  return OTHER_PARTS.includes(value.k);
}

function isAttempt(value: unknown): value is WireAttempt {
  return isRecord(value) && finite(value.at) !== undefined;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return isRecord(value) ? value : undefined;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
