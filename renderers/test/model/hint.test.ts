import { describe, expect, it } from 'vitest';
import { callWords } from '../../src/model/callWords';
import { hintOf } from '../../src/model/hint';
import { buildTree } from '../../src/model/tree';
import type { WireSpan } from '../../src/wire/types';
import { call, chat, span } from './make';

const asked = (id: string, text: string, model = 'databricks-claude-haiku-4-5', more: Partial<WireSpan> = {}) =>
  chat(
    id,
    0,
    10,
    { name: 'chat', hint: 'claude-haiku-4-5', ...more },
    { model, messages: [{ role: 'user', text }], answers: [{ role: 'assistant', text: 'ok' }] },
  );
const hints = (...spans: WireSpan[]) => buildTree(spans, 100).order.map(hintOf);

describe('what stands after a name', () => {
  it('is the question where siblings share name and model', () => {
    expect(hints(asked('a', 'Ticket\n 1'), asked('b', 'Ticket 2'))).toEqual(['Ticket 1', 'Ticket 2']);
  });

  it('is the model where that tells them apart, or where a call is alone', () => {
    expect(hints(asked('a', 'Ticket 1'), asked('b', 'Ticket 2', 'other', { hint: 'other' }))).toEqual([
      'claude-haiku-4-5',
      'other',
    ]);
    expect(hints(span('p', 0, 10), asked('a', 'x', undefined, { parent: 'p' }), asked('b', 'y'))).toContain(
      'claude-haiku-4-5',
    );
  });

  it('stays the error of what failed', () => {
    expect(hints(asked('a', 'x', undefined, { status: 'error', hint: 'error 500' }), asked('b', 'y'))[0]).toBe(
      'error 500',
    );
  });
});

describe('a call in words', () => {
  const tool = { k: 'tool_call', name: 'find_customer', args: '{}' } as const;

  it('names the tools it asked for', () => {
    const answers = [{ role: 'assistant', parts: [tool, { ...tool, name: 'search' }] }];
    expect(callWords(call({ messages: [{ role: 'user', text: 'x' }], answers }))).toBe('find_customer, search');
  });

  it('is the answer after tool results, and the question while there is none', () => {
    const messages = [
      { role: 'user', text: 'asked' },
      { role: 'tool', parts: [{ k: 'tool_result', text: 'found' } as const] },
    ];
    expect(callWords(call({ messages, answers: [{ role: 'assistant', text: 'done' }] }))).toBe('done');
    expect(callWords(call({ messages }))).toBe('asked');
  });

  it('does not tell what is hidden', () => {
    const verdict = { kind: 'guardrail', title: 'Blocked', hide: true } as const;
    expect(callWords(call({ messages: [{ role: 'user', text: 'card 4111' }], verdict }))).toBe('');
  });
});
