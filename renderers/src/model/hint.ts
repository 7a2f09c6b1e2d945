/** What stands after a span's name: that which tells it from its siblings. */

import { count } from './format';
import { shortModel, statusOf, statusWord } from './kind';
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
  const text = span.hint ?? callHint(node) ?? parentHint(node);
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
