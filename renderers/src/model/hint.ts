/** What stands after a span's name: that which tells it from its siblings. */

import { callWords } from './callWords';
import { count } from './format';
import { shortModel, statusOf, statusWord } from './kind';
import { liveRows } from './progress';
import type { Node } from './types';
import { rowHint } from './words';

/** A count of spans says more of a big parent than what it did in parallel. */
const MANY = 100;

export function hintOf(node: Node): string {
  const { span } = node;
  const status = statusOf(span);
  const word = statusWord(span);
  if (status === 'error' || status === 'blocked' || status === 'rate_limited') {
    return span.hint ?? span.error?.message ?? span.call?.verdict?.title ?? word;
  }
  const apart = node.twin && span.call ? callWords(span.call) : '';
  const text = apart || (span.hint ?? callHint(node) ?? parentHint(node));
  return status === 'interrupted' ? [word, text].filter(Boolean).join(' · ') : text;
}

function callHint({ span }: Node): string | undefined {
  const { call } = span;
  const model = call?.served ?? call?.model ?? call?.endpoint;
  return model === undefined ? undefined : shortModel(model);
}

function parentHint(node: Node): string {
  if (node.spans > MANY) {
    const errors = node.errors > 0 && node.parent ? `, ${count(node.errors, 'error')}` : '';
    return `${count(node.spans, 'span')}${errors}`;
  }
  return node.parent ? rowHint(node) : '';
}

/** About what a line holds. */
const LINE_CHARS = 90;

/** The piece of a text that is being written: it fills its line, then starts over. No ticker. */
export function lineOf(text: string): string {
  const from = Math.floor(Math.max(0, text.length - 1) / LINE_CHARS) * LINE_CHARS;
  // Not in the middle of a word.
  const start = from === 0 ? 0 : text.lastIndexOf(' ', from) + 1;
  return text.slice(start);
}

/** Of a call that runs: the text that arrives, or what it waits for. */
export function liveHint(
  { span }: Node,
  now: number,
): { text: string; tone: '' | 'hold'; writing: boolean } | undefined {
  const [row] = span.call && statusOf(span) === 'running' ? liveRows([span], now, 1) : [];
  if (!row) return undefined;
  const writing = row.tone === 'text';
  return { text: writing ? lineOf(row.text) : row.text, tone: row.tone === 'hold' ? 'hold' : '', writing };
}
