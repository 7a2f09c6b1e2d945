/** A running cell: messages of the kernel to a Wire whose unchanged spans stay the same objects. */
import type { Delta, Snapshot, Wire, WireMessage, WireSpan } from '../wire/types';
import { clock } from './format';

export interface Live {
  wire: Wire;
  rev: number;
  now: number;
  planned?: number;
  /** A message is lost: ask for a snapshot. */
  stale: boolean;
  /** Place of each id in `wire.spans`. */
  places: ReadonlyMap<string, number>;
}

export function fromSnapshot(message: Snapshot, planned?: number): Live {
  const { rev, now } = message;
  // Decoded by the store, whatever its stored form was.
  const wire = message.wire as Wire;
  const live: Live = { wire, rev, now, stale: false, places: placesOf(wire.spans) };
  if (planned !== undefined) live.planned = planned;
  return live;
}

function placesOf(spans: readonly WireSpan[]): Map<string, number> {
  return new Map(spans.map((span, i) => [span.id, i]));
}

/** The state after a message; the old one is not changed. Old messages are left out, a gap marks it stale. */
export function reduce(live: Live, message: Delta | Snapshot): Live {
  if (message.kind === 'snapshot')
    return message.rev < live.rev && !live.stale ? live : fromSnapshot(message, live.planned);
  if (message.rev <= live.rev) return live;
  if (message.rev > live.rev + 1 || live.stale) return { ...live, stale: true };
  const spans = [...live.wire.spans];
  const places = takeIn(spans, live.places, message.spans ?? []);
  for (const more of message.grow ?? []) {
    const place = places.get(more.id);
    const span = place === undefined ? undefined : spans[place];
    if (place !== undefined && span) spans[place] = grown(span, more);
  }
  const wire: Wire = { ...live.wire, spans, state: message.state };
  if (message.totals) wire.totals = message.totals;
  if (message.ms !== undefined) wire.ms = message.ms;
  if (message.export) wire.export = message.export;
  const planned = message.planned ?? live.planned;
  return {
    wire,
    rev: message.rev,
    now: message.now,
    stale: false,
    places,
    ...(planned === undefined ? {} : { planned }),
  };
}

/** Replaces spans in place, adds new ones in order of start; the map is copied only when places move. */
function takeIn(
  spans: WireSpan[],
  known: ReadonlyMap<string, number>,
  changed: readonly WireSpan[],
): ReadonlyMap<string, number> {
  const added: WireSpan[] = [];
  let moved = false;
  for (const span of changed) {
    const place = known.get(span.id);
    if (place === undefined) added.push(span);
    else {
      moved ||= spans[place]?.at !== span.at;
      spans[place] = span;
    }
  }
  if (!added.length && !moved) return known;
  const last = spans.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  spans.push(...new Map(added.map((span) => [span.id, span])).values());
  if (moved || added.some((span) => span.at < last) || added.length > 1) spans.sort((a, b) => a.at - b.at);
  return placesOf(spans);
}

type Grow = NonNullable<Delta['grow']>[number];

function grown(span: WireSpan, more: Grow): WireSpan {
  const { call } = span;
  if (!call) return span;
  const [first, ...others] = call.answers;
  const next = { ...call, answers: [longer(first, more), ...others] };
  if (more.first !== undefined) next.first = more.first;
  if (more.out !== undefined) next.tokens = { ...call.tokens, out: more.out };
  return { ...span, call: next };
}

/** The span may have told more of the text than growth has: what grows says where it goes on. */
function longer(message: WireMessage | undefined, { text, from }: Grow): WireMessage {
  if (!message) return { role: 'assistant', text };
  const { parts } = message;
  if (!parts) return { ...message, text: (message.text ?? '').slice(0, from) + text };
  const last = parts.at(-1);
  if (last?.k !== 'text') return { ...message, parts: [...parts, { k: 'text' as const, text }] };
  const only = parts.filter((part) => part.k === 'text').length === 1;
  const whole = only ? last.text.slice(0, from) : last.text;
  return { ...message, parts: [...parts.slice(0, -1), { ...last, text: whole + text }] };
}

/** Ends of the band's axis: it grows in steps, so that bars do not creep. */
const AXIS_STEPS = [10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600].map((s) => s * 1000);

export function axisEnd(now: number): number {
  const step = AXIS_STEPS.find((end) => now <= end);
  return step ?? Math.ceil(now / 3_600_000) * 3_600_000;
}

export interface BandLine {
  id: string;
  /** Pixels from the top. */
  y: number;
  height: number;
  from: number;
  to: number;
  tone: 'done' | 'running' | 'error' | 'hold';
}

/** Lines of the band drawn at most: more than pixels cannot be seen. */
const BAND_CALLS = 50;
const BAND_LINE = 3;

/** All calls in a fixed height: to 50 a line each, beyond that the lines get thinner. */
export function bandLayout(spans: readonly WireSpan[], now: number, height = BAND_CALLS * BAND_LINE): BandLine[] {
  const calls = spans.filter((span) => span.call !== undefined);
  const pitch = height / Math.max(BAND_CALLS, calls.length);
  // Beyond four lines a pixel only every n-th is drawn, and all that went wrong.
  const stride = Math.max(1, Math.floor(calls.length / (height * 4)));
  return calls.flatMap((span, i) => {
    const tone = toneOf(span);
    if (i % stride && (tone === 'done' || tone === 'running')) return [];
    const to = span.ms === undefined ? now : span.at + span.ms;
    return [{ id: span.id, y: i * pitch, height: Math.min(1, pitch), from: span.at, to: Math.max(span.at, to), tone }];
  });
}

function toneOf(span: WireSpan): BandLine['tone'] {
  switch (span.status) {
    case 'error':
      return 'error';
    case 'blocked':
    case 'rate_limited':
      return 'hold';
    case 'running':
      return 'running';
    default:
      return 'done';
  }
}

/** `8.5 s` */
export function runningClock(now: number): string {
  return clock(now);
}
