import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ancestors } from '../../src/model/rows';
import { filterTree, find, haystack, isEmptyFilter, modelsOf, nextOf, occurrences } from '../../src/model/search';
import { buildTree } from '../../src/model/tree';
import { anySpans, chat, span } from './make';

const spans = [
  span('11aa22bb33cc44dd', 0, 900, { name: 'agent', type: 'AGENT' }),
  chat(
    'b',
    0,
    300,
    { parent: '11aa22bb33cc44dd', name: 'chat', hint: 'sonnet' },
    {
      model: 'databricks-claude-sonnet-4-5',
      messages: [{ role: 'user', text: 'Where is the Refund POLICY?' }],
      answers: [
        {
          role: 'assistant',
          parts: [
            { k: 'reasoning', text: 'let me think' },
            { k: 'tool_call', id: 'call_9', name: 'lookup', args: '{"query":"returns"}' },
          ],
        },
      ],
      attempts: [{ at: 0, ms: 300, code: 200, request_id: '58db0e4d-1111' }],
      params: { temperature: 0.25 },
    },
  ),
  span('c', 400, 100, {
    parent: '11aa22bb33cc44dd',
    name: 'lookup',
    type: 'TOOL',
    status: 'error',
    error: { type: 'KeyError', message: 'no table' },
    inputs: { query: ['returns', { deep: 'ünïcode' }] },
  }),
];
const tree = buildTree(spans, 900);

describe('find', () => {
  it.each([
    ['refund policy', ['b']],
    ['RETURNS', ['b', 'c']],
    ['let me think', ['b']],
    ['lookup', ['b', 'c']],
    ['keyerror', ['c']],
    ['ÜNÏCODE', ['c']],
    ['0.25', ['b']],
    ['claude-sonnet', ['b']],
    ['58db0e4d', ['b']],
    ['22bb33cc', ['11aa22bb33cc44dd']],
    ['error', ['c']],
    ['aa', []],
    ['  ', []],
    ['nowhere', []],
  ])('%s', (text, ids) => expect(find(tree, text)).toEqual(ids));

  it('finds every span by any word of its haystack, in the order of the tree', () => {
    fc.assert(
      fc.property(anySpans, (list) => {
        const any = buildTree(list, 100);
        for (const node of any.order.slice(0, 5))
          expect(find(any, haystack(node.span).split('\n')[0] ?? '')).toContain(node.span.id);
        const rank = new Map(any.order.map((node, i) => [node.span.id, i]));
        const ranks = find(any, 'chat').map((id) => rank.get(id) ?? -1);
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }),
    );
  });

  it('is bounded on 10 MB of text and on deep JSON', () => {
    let deep: import('../../src/wire/types').Json = 'bottom';
    for (let i = 0; i < 50_000; i++) deep = [deep];
    const big = buildTree([span('a', 0, 1, { inputs: 'x'.repeat(10_000_000) }), span('b', 0, 1, { outputs: deep })], 1);
    expect(find(big, 'bottom')).toEqual(['b']);
    expect(haystack(big.order[0]?.span ?? span('', 0, 0)).length).toBeLessThan(500_000);
  });
});

describe('occurrences', () => {
  it('are where the text stands', () => {
    expect(occurrences('Time after time', 'TIME')).toEqual([
      [0, 4],
      [11, 15],
    ]);
    expect(occurrences('İstanbul', 'stan')).toEqual([]);
    expect(occurrences('aaaa', 'aa')).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(occurrences('a', '')).toEqual([]);
  });

  it('are what was looked for, apart from each other', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1, maxLength: 2 }), (text, needle) => {
        let last = 0;
        for (const [from, to] of occurrences(text, needle)) {
          expect(text.slice(from, to).toLowerCase()).toBe(needle.trim().toLowerCase());
          expect(from).toBeGreaterThanOrEqual(last);
          last = to;
        }
      }),
    );
  });
});

describe('filterTree', () => {
  it('keeps matches and exactly their parents', () => {
    fc.assert(
      fc.property(anySpans, fc.constantFrom('model' as const, 'tool' as const, 'flow' as const), (list, kind) => {
        const any = buildTree(list, 3000);
        const { matches, keep } = filterTree(any, { kinds: new Set([kind]) });
        expect(matches.size).toBe(any.order.filter((node) => node.kind === kind).length);
        const wanted = new Set(
          any.order.filter((node) => node.kind === kind).flatMap((node) => [node.span.id, ...ancestors(node)]),
        );
        expect(keep).toEqual(wanted);
      }),
    );
  });

  it('goes by status, model, time, attempts and text together', () => {
    const ids = (filter: Parameters<typeof filterTree>[1]) => [...filterTree(tree, filter).matches];
    expect(ids({ statuses: new Set(['error']) })).toEqual(['c']);
    expect(ids({ models: new Set(['claude-sonnet-4-5']) })).toEqual(['b']);
    expect(ids({ minMs: 200 })).toEqual(['11aa22bb33cc44dd', 'b']);
    expect(ids({ minMs: 200, maxMs: 500, text: 'refund' })).toEqual(['b']);
    expect(ids({ retried: true })).toEqual([]);
    expect(isEmptyFilter({ kinds: new Set(), text: ' ' })).toBe(true);
    expect(isEmptyFilter({ minMs: 0 })).toBe(false);
    expect(modelsOf(tree)).toEqual([{ name: 'claude-sonnet-4-5', calls: 1 }]);
  });
});

describe('nextOf', () => {
  it('goes on from the selection and around the ends', () => {
    const ids = ['b', 'c'];
    expect(nextOf(tree, ids, null, 1)).toBe('b');
    expect(nextOf(tree, ids, 'b', 1)).toBe('c');
    expect(nextOf(tree, ids, 'c', 1)).toBe('b');
    expect(nextOf(tree, ids, 'b', -1)).toBe('c');
    expect(nextOf(tree, ids, null, -1)).toBe('c');
    expect(nextOf(tree, [], 'b', 1)).toBeNull();
  });
});
