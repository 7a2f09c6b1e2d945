import { describe, expect, it } from 'vitest';
import { chatRows } from '../../src/model/chat';
import { oneLine } from '../../src/model/message';
import type { ChatRow } from '../../src/model/types';
import type { WireCall, WireMessage, WireSpan } from '../../src/wire/types';
import { call, chat, span } from './make';

const asked: WireMessage = {
  role: 'assistant',
  parts: [
    { k: 'tool_call', id: 't1', name: 'search_docs', args: '{"q":"churn"}' },
    { k: 'tool_call', id: 't2', name: 'run_sql', args: '{"sql":"SELECT 1"}' },
    { k: 'tool_call', id: 't3', name: 'run_sql', args: '{"sql":"SELECT 2"}' },
  ],
};
const result = (id: string, text: string, error?: true): WireMessage => ({
  role: 'tool',
  parts: [{ k: 'tool_result', id, text, ...(error ? { error } : {}) }],
});
const system: WireMessage = { role: 'system', text: 'You are a churn analyst.' };
const user: WireMessage = { role: 'user', text: 'Which region?' };

const plan = chat('plan', 0, 100, { parent: 'root', name: 'chat' }, { messages: [system, user], answers: [asked] });
const repair = chat(
  'repair',
  300,
  100,
  { parent: 'root', name: 'chat' },
  {
    messages: [system, user, asked, result('t1', 'docs'), result('t2', 'no table', true), result('t3', '42')],
    answers: [
      {
        role: 'assistant',
        parts: [
          { k: 'reasoning', text: 'hm' },
          { k: 'text', text: 'I ask again.' },
          { k: 'tool_call', id: 't4', name: 'run_sql', args: '{}' },
        ],
      },
    ],
    finish: ['tool_calls'],
  },
);
const spans: WireSpan[] = [
  span('root', 0, 900),
  plan,
  span('gather', 110, 150, { parent: 'root', name: 'gather' }),
  span('d', 110, 10, { parent: 'gather', name: 'search_docs', type: 'TOOL' }),
  span('q1', 120, 39, {
    parent: 'gather',
    name: 'run_sql',
    type: 'TOOL',
    status: 'error',
    error: { type: 'X', message: 'no table' },
  }),
  span('q2', 121, 20, { parent: 'gather', name: 'run_sql', type: 'TOOL' }),
  repair,
  span('q3', 410, 55, { parent: 'root', name: 'run_sql', type: 'TOOL', outputs: { rows: 2 } }),
];
const rowsOfCall = (one: WireSpan, earlier: WireCall[] = []) => chatRows(one.call ?? call(), earlier, spans);
const kinds = (rows: ChatRow[]) => rows.map((row) => row.k);

describe('chatRows', () => {
  it('folds what an earlier call showed and draws what failed there', () => {
    const rows = rowsOfCall(repair, [plan.call ?? call()]);
    expect(kinds(rows)).toEqual(['message', 'message', 'earlier', 'tool', 'rule', 'message', 'tool']);
    expect(rows[0]).toMatchObject({ folded: true, message: system });
    expect(rows[1]).toMatchObject({ folded: false, message: user });
    expect(rows[2]).toMatchObject({
      label: '3 tool calls, shown in gather',
      from: 'gather',
      span: 'gather',
      ok: 2,
      errors: 1,
    });
    expect(rows[3]).toMatchObject({ name: 'run_sql', result: 'no table', error: true, span: 'q1', ms: 39 });
    expect(rows[4]).toEqual({ k: 'rule', label: 'answer of this call · tool_calls' });
    expect(rows[6]).toMatchObject({
      name: 'run_sql',
      args: '{}',
      span: 'q3',
      ms: 55,
      result: '{\n  "rows": 2\n}',
      answer: true,
    });
  });

  it('shows tool calls with their results where no earlier call did', () => {
    const rows = rowsOfCall(repair);
    expect(kinds(rows)).toEqual(['message', 'message', 'tool', 'tool', 'tool', 'rule', 'message', 'tool']);
    expect(rows.slice(2, 5).map((row) => row.k === 'tool' && [row.id, row.result, row.span])).toEqual([
      ['t1', 'docs', 'd'],
      ['t2', 'no table', 'q1'],
      ['t3', '42', 'q2'],
    ]);
  });

  it('finds the result of its own answer in the call after', () => {
    const rows = rowsOfCall(plan);
    expect(rows.filter((row) => row.k === 'tool').map((row) => row.k === 'tool' && row.result)).toEqual([
      'docs',
      'no table',
      '42',
    ]);
  });

  it('gives parallel calls of one tool the spans with their arguments', () => {
    const ask = (id: string, n: number) => ({ k: 'tool_call' as const, id, name: 'f', args: `{"a":1,"n":${n}}` });
    const tool = (id: string, n: number) =>
      span(id, 20, 5, { name: 'f', type: 'TOOL', inputs: { n, a: 1 }, outputs: `out ${n}` });
    const asking = chat(
      'x',
      0,
      10,
      {},
      { answers: [{ role: 'assistant', parts: [ask('1', 1), ask('2', 2), ask('3', 3)] }] },
    );
    const rows = chatRows(asking.call ?? call(), [], [asking, tool('s3', 3), tool('s1', 1), tool('other', 9)]);
    const tools = rows.flatMap((row) => (row.k === 'tool' ? [[row.id, row.span, row.result]] : []));
    expect(tools).toEqual([
      ['1', 's1', 'out 1'],
      ['2', 'other', 'out 9'],
      ['3', 's3', 'out 3'],
    ]);
  });

  it('never repeats a message of an earlier turn', () => {
    const turn = (text: string): WireMessage => ({ role: 'user', text });
    const said: WireMessage = { role: 'assistant', text: 'one' };
    const first = call({ messages: [turn('a')], answers: [said] });
    const second = call({ messages: [turn('a'), said, turn('b')], answers: [{ role: 'assistant', text: 'two' }] });
    const of = [chat('x', 0, 1, { name: 'first' }), chat('y', 2, 1)].map((s, i) => ({
      ...s,
      call: i ? second : first,
    }));
    const rows = chatRows(second, [first], of);
    expect(kinds(rows)).toEqual(['earlier', 'message', 'rule', 'message']);
    expect(rows[0]).toMatchObject({ label: '2 messages, shown in first', span: 'x' });
  });

  it('hides what was sent when it may hold personal data', () => {
    const rows = chatRows(
      call({ messages: [user], verdict: { kind: 'guardrail', title: 'Blocked', hide: true } }),
      [],
      [],
    );
    expect(rows).toEqual([
      { k: 'hidden', chars: 13 },
      { k: 'rule', label: 'no answer' },
    ]);
  });

  it('numbers the choices', () => {
    const answers = [
      { role: 'assistant', text: 'a' },
      { role: 'assistant', text: 'b' },
    ];
    const rows = chatRows(call({ answers, finish: ['stop', 'length'] }), [], []);
    expect(rows.filter((row) => row.k === 'rule').map((row) => row.k === 'rule' && row.label)).toEqual([
      'answer 1 of 2 · stop',
      'answer 2 of 2 · length',
    ]);
  });

  it('keeps a result nobody asked for, and folds long messages of the past', () => {
    const rows = chatRows(
      call({ messages: [result('zz', 'lost'), { role: 'assistant', text: 'x'.repeat(5000) }, user] }),
      [],
      [],
    );
    expect(rows.slice(0, 3)).toMatchObject([
      { k: 'message', folded: false },
      { k: 'message', folded: true },
      { k: 'message', folded: false },
    ]);
  });
});

describe('oneLine', () => {
  it('says what a message holds', () => {
    expect(oneLine({ role: 'user', text: 'a\n\n b' })).toBe('a b');
    expect(
      oneLine({
        role: 'user',
        parts: [
          { k: 'image', bytes: 1_200_000 },
          { k: 'text', text: 'What is this?' },
        ],
      }),
    ).toBe('(image 1.2 MB) What is this?');
    expect(oneLine({ role: 'output', parts: [{ k: 'vectors', count: 64, dim: 1024, norm: 1 }] })).toBe(
      '64 vectors × 1,024 · norm 1.00',
    );
    expect(oneLine({ role: 'user', text: 'x'.repeat(1e6) }, 50)).toHaveLength(50);
  });
});
