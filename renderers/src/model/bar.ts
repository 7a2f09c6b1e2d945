/** The bar of a span: one grammar for waterfall, detail, live line and compare. */
import type { WireCall } from '../wire/types';
import { duration } from './format';
import { statusOf } from './kind';
import type { Bar, Node, Segment } from './types';

/** @param now end of what still runs, ms of the capture's clock */
export function barOf(node: Node, now: number): Bar {
  const { span, kind } = node;
  const status = statusOf(span);
  const end = span.ms === undefined ? Math.max(node.end, now) : node.end;
  const torn = status === 'interrupted' || span.ms === undefined;
  if (kind === 'flow') return { kind, segments: [segment(railKind(node), span.at, end)], torn };
  const running = span.ms === undefined;
  const segments = span.call ? retries(span.call, span.at, end, running) : [];
  const from = segments.at(-1)?.to ?? span.at;
  if (running && retryPending(span.call)) return { kind, segments, torn };
  const first = firstToken(node);
  if (status === 'error' || status === 'rate_limited') {
    segments.push(segment('failed', from, end, codeLabel(span.call)));
  } else if (status === 'blocked') {
    segments.push(segment('hold', from, end));
  } else if (first !== undefined && first >= from) {
    segments.push(segment('wait', from, Math.min(first, end)), segment('work', Math.min(first, end), end));
  } else {
    segments.push(segment(waiting(node) ? 'wait' : 'work', from, end));
  }
  return first !== undefined && first <= end ? { kind, segments, first, torn } : { kind, segments, torn };
}

function segment(kind: Segment['kind'], from: number, to: number, label?: string): Segment {
  return label === undefined ? { kind, from, to } : { kind, from, to, label };
}

/** Own code that failed by itself is red; with children the red one is among them. */
function railKind(node: Node): Segment['kind'] {
  return statusOf(node.span) === 'error' && node.children.length === 0 ? 'failed' : 'rail';
}

function codeLabel(call: WireCall | undefined): string | undefined {
  return call?.code === undefined ? undefined : String(call.code);
}

/** A stream of which nothing has come yet. */
function waiting(node: Node): boolean {
  const { span } = node;
  return (
    span.call?.stream === true &&
    span.call.first === undefined &&
    (span.ms === undefined || span.status === 'interrupted')
  );
}

/** The last attempt failed; of a running call: the next has not begun. */
export function retryPending(call: WireCall | undefined): boolean {
  const last = call?.attempts.at(-1);
  return last?.ms !== undefined && (last.error !== undefined || (last.code ?? 0) >= 400);
}

/** Failed attempts and the waits after them, up to the start of the last attempt. */
function retries(call: WireCall, at: number, end: number, running: boolean): Segment[] {
  const segments: Segment[] = [];
  call.attempts.forEach((attempt, i) => {
    const next = call.attempts[i + 1];
    if (!next && !(running && retryPending(call))) return;
    const from = clip(at + attempt.at, segments.at(-1)?.to ?? at, end);
    const failed = clip(at + attempt.at + (attempt.ms ?? 0), from, end);
    const again = next ? clip(at + next.at, failed, end) : end;
    segments.push(segment('failed', from, failed, attempt.code === undefined ? attempt.error : String(attempt.code)));
    segments.push(segment('retry', failed, again, `wait ${duration(again - failed)}`));
  });
  return segments;
}

function clip(t: number, from: number, to: number): number {
  return Math.min(Math.max(t, from), Math.max(from, to));
}

/** First token on the capture's clock. */
export function firstToken(node: Node): number | undefined {
  const first = node.span.call?.first;
  return first === undefined || first < 0 ? undefined : node.span.at + first;
}

/** Tokens a second from the first token on; undefined where that says nothing. */
export function tokenRate(node: Node, now: number): number | undefined {
  const { span } = node;
  const out = span.call?.tokens?.out;
  const first = firstToken(node);
  const end = span.ms === undefined ? now : node.end;
  if (!out || first === undefined || end - first < 1) return undefined;
  return (out / (end - first)) * 1000;
}

export interface LaneLabel {
  /** ms of the capture's clock. */
  at: number;
  text: string;
  align: 'start' | 'center' | 'end';
}

/** Words under a call's own bar: `0`, `429`, `wait 1.00 s`, `first token 0.38 s`, `2.41 s`. */
export function laneLabels(node: Node, now = node.end): LaneLabel[] {
  const bar = barOf(node, now);
  const { span } = node;
  const end = bar.segments.at(-1)?.to ?? node.end;
  const labels: LaneLabel[] = [];
  for (const part of bar.segments) {
    if (part.kind === 'failed' && part.label) labels.push({ at: part.from, text: part.label, align: 'start' });
    if (part.kind === 'retry' && part.label) {
      labels.push({ at: (part.from + part.to) / 2, text: part.label, align: 'center' });
    }
  }
  if (!labels.length) labels.push({ at: span.at, text: '0', align: 'start' });
  if (bar.first !== undefined) {
    // What the reader waited for: from the start of the attempt that answered.
    const from = span.at + (span.call?.attempts.at(-1)?.at ?? 0);
    labels.push({ at: bar.first, text: `first token ${duration(bar.first - from)}`, align: 'start' });
  }
  const rate = (span.call?.attempts.length ?? 0) > 1 ? undefined : tokenRate(node, now);
  const total = duration(end - span.at);
  labels.push({ at: end, text: rate === undefined ? total : `${total} · ${Math.round(rate)} tok/s`, align: 'end' });
  return labels;
}
