import { oneLine, partsOf } from '../../model/message';
import { WAITING } from '../../model/words';
import type { WireCall, WirePart, WireSpan } from '../../wire/types';
import { argsText } from '../detail/chat/args';
import { flat, MOST, textsLine } from '../detail/chat/oneLine';

/** Tool calls as they would be written; the rest as everywhere. */
function partWords(part: WirePart): string {
  if (part.k === 'tool_call') return `${part.name}(${flat(argsText(part.args))})`;
  return oneLine({ role: '', parts: [part] }, MOST);
}

const TEXT_LAST = (a: WirePart, b: WirePart) => Number(a.k === 'text') - Number(b.k === 'text');

export interface AskedLine {
  who: string;
  text: string;
  masked?: true;
}

/** The last thing the user said; files before the words about them. */
export function questionLine(call: WireCall): AskedLine {
  const { verdict } = call;
  if (verdict?.masked !== undefined) return { who: 'user', text: flat(verdict.masked), masked: true };
  if (verdict?.hide) return { who: 'user', text: 'hidden: it may hold personal data' };
  if (call.api === 'embeddings') return { who: 'input', text: textsLine(call.messages) };
  const asked = call.messages.findLast((m) => m.role === 'user' || m.role === 'input') ?? call.messages.at(-1);
  if (!asked) return { who: 'user', text: '' };
  return { who: asked.role, text: partsOf(asked).toSorted(TEXT_LAST).map(partWords).filter(Boolean).join(' ') };
}

export interface CameLine {
  who: string;
  text: string;
  tone: 'fg' | 'hold' | 'err' | '';
  growing?: true;
}

/** The answer, or in words why there is none. */
export function answerLine(span: WireSpan, call: WireCall): CameLine {
  const held = heldLine(span, call);
  if (held) return held;
  const answer = call.answers[0];
  const who = call.api === 'embeddings' ? 'output' : (answer?.role ?? 'assistant');
  const text = answer ? partsOf(answer).map(partWords).filter(Boolean).join(' ') : '';
  const running = span.status === 'running';
  if (!text && running) return { who, text: WAITING, tone: '' };
  if (!text && call.body !== undefined)
    return { who: 'gateway', text: flat(call.body) || 'an empty body', tone: 'hold' };
  return { who, text: text || 'no text', tone: text ? 'fg' : '', ...(running && { growing: true as const }) };
}

function heldLine(span: WireSpan, call: WireCall): CameLine | null {
  const { verdict } = call;
  switch (span.status) {
    case 'blocked':
    case 'rate_limited':
      return { who: 'gateway', text: heldWords(span, call), tone: 'hold' };
    case 'error':
      return { who: 'error', text: errorWords(span, call), tone: 'err' };
    case 'interrupted':
      // What had arrived says more than that it stopped: that stands in the facts.
      return call.answers.length ? null : { who: 'assistant', text: verdict?.title ?? 'nothing had arrived', tone: '' };
    default:
      return null;
  }
}

function heldWords(span: WireSpan, call: WireCall): string {
  const title = call.verdict?.title ?? 'Held back by the gateway';
  const why = /^(?:blocked|rate limited): (.+)$/.exec(span.hint ?? '')?.[1];
  if (why) return `${title}: ${why}.`;
  return call.verdict?.text?.[0] ? `${title}. ${plain(call.verdict.text[0])}` : `${title}.`;
}

const plain = (sentence: string) => sentence.replace(/[`]|\*\*/g, '');

function errorWords(span: WireSpan, call: WireCall): string {
  const message = span.error?.message ?? call.verdict?.text?.[0] ?? call.verdict?.title ?? 'It failed';
  const head = [call.code !== undefined && call.code >= 400 ? call.code : undefined, span.error?.type]
    .filter(Boolean)
    .join(' ');
  return flat(head && !message.startsWith(head) ? `${head}: ${message}` : message);
}

/** The text of the answer, for the clipboard. */
export function answerText(call: WireCall): string {
  return call.answers
    .map((m) =>
      partsOf(m)
        .flatMap((p) => (p.k === 'text' || p.k === 'refusal' ? [p.text] : []))
        .join(''),
    )
    .filter(Boolean)
    .join('\n\n');
}
