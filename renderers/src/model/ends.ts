/** The two ends of a call: what this kernel waited for, part by part, as far as the gateway's row tells. */
import type { WireCall, WireServer, WireSpan } from '../wire/types';
import { duration } from './format';
import { shortModel } from './kind';
import { own } from './own';

export interface EndPart {
  kind: 'failed' | 'retry' | 'net' | 'gate' | 'wait' | 'work';
  word: string;
  ms: number;
  /** How it is known. */
  source: string;
}

export interface EndMark {
  kind: EndPart['kind'];
  /** From the span start. */
  from: number;
  to: number;
}

export interface Ends {
  waited: number;
  /** Adds up to `waited`. */
  parts: EndPart[];
  /** The gateway's lane. */
  lane: EndMark[];
  /** First byte on that lane, from the span start. */
  firstByte?: number;
  labels: { at: number; text: string; align: 'start' | 'end' }[];
  /** The gateway's clock says more than was waited. */
  odd?: string;
}

const KERNEL = 'this kernel’s clock';
const LOG = 'gateway log';
const DIFFERENCE = 'kernel minus gateway';

/** Null while the gateway's duration is not known. */
export function endsOf(span: WireSpan): Ends | null {
  const { call } = span;
  const server = call?.server;
  if (!call || server?.duration_ms === undefined || span.ms === undefined) return null;
  const parts = retriesBefore(call);
  const begin = parts.reduce((sum, part) => sum + part.ms, 0);
  const waited = span.ms;
  const network = waited - begin - server.duration_ms;
  const inside = insideOf(server, server.duration_ms);
  const lane: EndMark[] = [];
  const half = Math.max(0, network) / 2;
  let at = begin;
  const put = (kind: EndMark['kind'], ms: number) => {
    if (ms > 0) lane.push({ kind, from: at, to: at + ms });
    at += ms;
  };
  put('net', half);
  const labels: Ends['labels'] = half > 0 ? [{ at: begin, text: 'network', align: 'start' }] : [];
  let firstByte: number | undefined;
  for (const part of inside) {
    if (part.kind === 'failed') labels.push({ at, text: part.label ?? '', align: 'start' });
    if (part.kind === 'work' && part.after) {
      firstByte = at;
      labels.push({
        at,
        text: [`first byte ${duration(part.after)}`, nameOf(server)].filter(Boolean).join(', '),
        align: 'start',
      });
    }
    put(part.kind, part.ms);
  }
  put('net', half);
  if (half > 0) labels.push({ at: waited, text: 'network', align: 'end' });
  const net: EndPart = {
    kind: 'net',
    word: 'network and queue, both ways',
    ms: Math.max(0, network),
    source: DIFFERENCE,
  };
  return {
    waited,
    parts: [...parts, net, ...inside.map(({ kind, word, ms, source }) => ({ kind, word, ms, source }))],
    lane,
    labels,
    ...(firstByte === undefined ? {} : { firstByte }),
    ...(network < -1
      ? { odd: `The gateway logged ${duration(server.duration_ms)}, more than was waited here: the two clocks differ.` }
      : {}),
  };
}

/** Attempts of this kernel before the one the row is of, and the waits between. */
function retriesBefore(call: WireCall): EndPart[] {
  const parts: EndPart[] = [];
  call.attempts.slice(0, -1).forEach((attempt, i) => {
    const next = call.attempts[i + 1]?.at ?? attempt.at;
    const ms = Math.min(attempt.ms ?? 0, Math.max(0, next - attempt.at));
    const what = attempt.code ?? attempt.error?.slice(0, 40) ?? 'failed';
    parts.push({ kind: 'failed', word: `sent ${i + 1}, ${what}`, ms, source: KERNEL });
    parts.push({
      kind: 'retry',
      word: 'wait before sending again',
      ms: Math.max(0, next - attempt.at - ms),
      source: KERNEL,
    });
  });
  const first = call.attempts.length > 1 ? (call.attempts[0]?.at ?? 0) : 0;
  if (first > 0 && parts[0]) parts[0].ms += first;
  return parts;
}

interface Inside extends EndPart {
  label?: string;
  /** Of the work after the first byte: how long that took. */
  after?: number;
}

function insideOf(server: WireServer, all: number): Inside[] {
  const attempts = server.attempts?.filter((attempt) => attempt.ms !== undefined) ?? [];
  const last = attempts.at(-1);
  if (!last) return answered('gateway and model', all, server.ttfb_ms);
  const spent = attempts.reduce((sum, attempt) => sum + (attempt.ms ?? 0), 0);
  const own = Math.max(0, all - spent);
  const failed = attempts.slice(0, -1).map((attempt, i): Inside => {
    const label = [attempt.status_code, attempt.destination && shortModel(attempt.destination)]
      .filter(Boolean)
      .join(' ');
    return {
      kind: 'failed',
      word: `attempt ${i + 1}, ${attempt.status_code ?? attempt.error_code ?? 'failed'}`,
      ms: attempt.ms ?? 0,
      source: LOG,
      label,
    };
  });
  const before = own + failed.reduce((sum, part) => sum + part.ms, 0);
  const ttfb = server.ttfb_ms === undefined ? undefined : Math.max(0, server.ttfb_ms - before);
  const gate: Inside = { kind: 'gate', word: 'gateway: policies, routing', ms: own, source: 'gateway minus attempts' };
  return [gate, ...failed, ...answered('model', Math.min(last.ms ?? 0, all), ttfb)];
}

function answered(who: string, ms: number, ttfb: number | undefined): Inside[] {
  // Rows of calls that did not stream say that the first byte came with the last.
  if (ttfb === undefined || ttfb >= ms - 0.5) return [{ kind: 'work', word: who, ms, source: LOG }];
  return [
    { kind: 'wait', word: `${who}, until the first byte`, ms: ttfb, source: LOG },
    { kind: 'work', word: `${who}, stream`, ms: ms - ttfb, source: LOG, after: ttfb },
  ];
}

function nameOf(server: WireServer): string {
  return shortModel(server.model ?? server.entity ?? '');
}

/** Whole percents of `total` that add up to 100. */
export function shares(parts: readonly number[], total: number): number[] {
  if (!(total > 0)) return parts.map(() => 0);
  const exact = parts.map((part) => (part / total) * 100);
  const floors = exact.map(Math.floor);
  const rest = Math.round(exact.reduce((sum, x) => sum + x, 0)) - floors.reduce((sum, x) => sum + x, 0);
  const byRest = exact.map((x, i) => ({ i, rest: x - Math.floor(x) })).sort((x, y) => y.rest - x.rest);
  for (const { i } of byRest.slice(0, Math.max(0, rest))) floors[i] = (floors[i] ?? 0) + 1;
  return floors;
}

const ACTIONS: Record<string, string> = { INITIAL_ATTEMPT: 'initial', FALLBACK: 'fallback' };

/** `INITIAL_ATTEMPT` reads `initial`; what is not known stays as it was logged. */
export function actionWord(action: string | undefined): string {
  return action === undefined ? '' : (own(ACTIONS, action) ?? action.toLowerCase().replaceAll('_', ' '));
}

/** Configured share of a destination, `–` for a fallback that gets no traffic of its own. */
export function shareWord(server: WireServer, destination: string | undefined): string {
  const found = server.shares?.find((share) => share.name === destination);
  return found?.percent === undefined ? '–' : `${Math.round(found.percent * 10) / 10} %`;
}

/** `6 min after the call` */
export function lagWord(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'within a minute of the call';
  const hours = Math.round(ms / 360_000) / 10;
  return minutes < 90 ? `${minutes} min after the call` : `${hours} h after the call`;
}

/** Of a table that keeps some of the calls only. */
export const samplingWord = (share: number) => `the table keeps ${Math.round(share * 1000) / 10} % of the calls`;

const CUTS: Record<string, string> = {
  MAX_REQUEST_SIZE_EXCEEDED: 'the request was too long to be logged',
  MAX_RESPONSE_SIZE_EXCEEDED: 'the answer was too long to be logged',
};

/** What a code of `logging_error_codes` says; one that is not known as it came. */
export const cutWord = (code: string) => own(CUTS, code) ?? code;
