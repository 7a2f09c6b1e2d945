import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align } from '../../src/model/align';
import { callDelta, rowDelta, totalDeltas } from '../../src/model/deltas';
import { changesOf, diffTrees, foldSame, markOf } from '../../src/model/diff';
import { totalsOf } from '../../src/model/totals';
import { buildTree } from '../../src/model/tree';
import { diffWords, wordsOf } from '../../src/model/worddiff';
import type { WireSpan } from '../../src/wire/types';
import { anySpans, chat, largeTrace, span, wire } from './make';

const tree = (spans: WireSpan[]) => buildTree(spans, 10_000);
const marks = (a: WireSpan[], b: WireSpan[]) =>
  diffTrees(tree(a), tree(b)).order.map((node) => `${node.mark} ${(node.b ?? node.a)?.span.name}`);

const before = [
  span('1', 0, 962, { name: 'agent' }),
  chat(
    '2',
    0,
    157,
    { parent: '1', name: 'chat' },
    { model: 'databricks-gpt-oss-120b', answers: [{ role: 'assistant', text: 'about 1,600 left' }] },
  ),
  span('3', 160, 149, { parent: '1', name: 'run_sql', type: 'TOOL', hint: 'regions' }),
  span('4', 160, 39, { parent: '1', name: 'run_sql', type: 'TOOL', hint: 'missing', status: 'error' }),
  span('5', 320, 300, { parent: '1', name: 'repair' }),
  span('6', 330, 240, { parent: '5', name: 'fix' }),
];
const after = [
  span('a', 0, 721, { name: 'agent' }),
  chat(
    'b',
    0,
    150,
    { parent: 'a', name: 'chat' },
    { model: 'databricks-claude-haiku-4-5', answers: [{ role: 'assistant', text: '1,592 left' }] },
  ),
  span('c', 150, 147, { parent: 'a', name: 'run_sql', type: 'TOOL', hint: 'regions' }),
  span('d', 160, 18, { parent: 'a', name: 'describe_tables', type: 'TOOL' }),
];

describe('diffTrees', () => {
  it('pairs by name, type and place and marks the rest', () => {
    expect(marks(before, after)).toEqual([
      'same agent',
      'changed chat',
      'same run_sql',
      'removed run_sql',
      'removed repair',
      'removed fix',
      'added describe_tables',
    ]);
    const diff = diffTrees(tree(before), tree(after));
    expect(diff.counts).toEqual({ same: 2, changed: 1, removed: 3, added: 1 });
    expect(diff.order[1]?.words).toEqual(['gpt-oss-120b → claude-haiku-4-5', 'answer changed']);
    const [root] = diff.roots;
    expect(root && [markOf(root, false), markOf(root, true)]).toEqual(['same', 'changed']);
    expect(root?.below).toEqual({ same: 1, changed: 1, removed: 3, added: 1 });
  });

  it('is all the same for a trace and itself, and mirrors when swapped', () => {
    fc.assert(
      fc.property(anySpans, anySpans, (a, b) => {
        const [left, right] = [buildTree(a, 100), buildTree(b, 100)];
        expect(diffTrees(left, left).counts).toEqual({ same: a.length, changed: 0, added: 0, removed: 0 });
        const there = diffTrees(left, right);
        expect(there.order.filter((node) => node.a)).toHaveLength(a.length);
        expect(there.order.filter((node) => node.b)).toHaveLength(b.length);
        expect(new Set(there.order.map((node) => node.id)).size).toBe(there.order.length);
        for (const node of there.order) if (node.a && node.b) expect(node.a.span.name).toBe(node.b.span.name);
        const back = diffTrees(right, left).counts;
        expect(back.added + back.same + back.changed).toBe(a.length);
      }),
    );
  });

  it('folds what is the same', () => {
    const spans = [
      span('r', 0, 9),
      span('p', 0, 5, { parent: 'r' }),
      span('q', 0, 5, { parent: 'p' }),
      span('x', 6, 1, { parent: 'r' }),
    ];
    expect([...foldSame(diffTrees(tree(spans), tree(spans)))]).toEqual(['p']);
  });

  it('takes thousands of siblings', () => {
    const spans = largeTrace(8000).map((s) => (s.parent ? { ...s, parent: 'root' } : s));
    const fewer = spans.filter((_, i) => i === 0 || i % 100);
    const { counts } = diffTrees(tree(spans), tree(fewer));
    expect(counts.added).toBeLessThanOrEqual(100);
    expect(counts.same + counts.changed).toBeGreaterThan(7800);
    const others = spans.map((s, i) => (i ? { ...s, name: `new ${i}` } : s));
    expect(diffTrees(tree(spans), tree(others)).counts).toMatchObject({ removed: 7999, added: 7999 });
  });
});

describe('changesOf', () => {
  it('tells prompts, parameters, results and status apart', () => {
    const base = {
      messages: [
        { role: 'system', text: 'a' },
        { role: 'user', text: 'q' },
      ],
      params: { temperature: 0.2 },
    };
    const of = (more: object) => changesOf(chat('1', 0, 1, {}, base), chat('1', 0, 9, {}, { ...base, ...more }));
    expect(of({})).toEqual([]);
    expect(
      of({
        messages: [
          { role: 'system', text: 'b' },
          { role: 'user', text: 'q' },
        ],
      }),
    ).toEqual(['system prompt changed']);
    expect(of({ params: { temperature: 0 } })).toEqual(['parameters changed']);
    expect(of({ tools: [] })).toEqual(['tools changed']);
    expect(changesOf(span('1', 0, 1, { inputs: 1, status: 'error' }), span('1', 0, 1, { inputs: 2 }))).toEqual([
      'error → ok',
      'input changed',
    ]);
  });
});

describe('align', () => {
  it('keeps both orders and all items, however large', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c')),
        fc.array(fc.constantFrom('a', 'b', 'c')),
        fc.boolean(),
        (a, b, large) => {
          const pad = large ? Array.from({ length: 1200 }, () => 'z') : [];
          const [left, right] = [
            [...pad, ...a],
            [...pad, ...b],
          ];
          const pairs = align(
            left,
            right,
            (x, y) => (x === y ? 1 : 0),
            (x) => x,
          );
          expect(pairs.flatMap(([x]) => (x === null ? [] : [x]))).toEqual(left);
          expect(pairs.flatMap(([, y]) => (y === null ? [] : [y]))).toEqual(right);
          for (const [x, y] of pairs) if (x !== null && y !== null) expect(x).toBe(y);
        },
      ),
    );
  });
});

describe('diffWords', () => {
  const sides = (a: string, b: string) => {
    const { changes } = diffWords(a, b);
    return [
      changes
        .filter((c) => c.k !== 'added')
        .map((c) => c.text)
        .join(''),
      changes
        .filter((c) => c.k !== 'removed')
        .map((c) => c.text)
        .join(''),
    ];
  };

  it('gives both texts back, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', ' ', '\n', ', ', 'ü', '😀')),
        fc.array(fc.constantFrom('a', 'b', ' ', '\n', ', ', 'ü', '😀')),
        (x, y) => {
          const [a, b] = [x.join(''), y.join('')];
          expect(sides(a, b)).toEqual([a, b]);
        },
      ),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(sides(a, b)).toEqual([a, b]);
      }),
    );
  });

  it('splits without loss', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(wordsOf(text).join('')).toBe(text);
      }),
    );
  });

  it('marks few words and counts them', () => {
    expect(diffWords('EMEA lost in Q3, about 1,600.', 'EMEA lost in Q3: 1,592.')).toEqual({
      changes: [
        { k: 'same', text: 'EMEA lost in Q3' },
        { k: 'removed', text: ', about 1,600' },
        { k: 'added', text: ': 1,592' },
        { k: 'same', text: '.' },
      ],
      changed: 2,
      words: 5,
    });
    expect(diffWords('same', 'same')).toMatchObject({ changed: 0, words: 1 });
    expect(diffWords('', 'two words')).toMatchObject({ changed: 2, words: 2 });
  });

  it('finds the changed lines of texts far apart', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} stays`);
    const [a, b] = [lines, lines.map((line, i) => (i % 2 ? line : `changed ${i} here`))].map((list) => list.join('\n'));
    expect(sides(a ?? '', b ?? '')).toEqual([a, b]);
    const kept = diffWords(`${a}\nthe end`, `${lines.slice(0, 1000).join('\n')}\nnew\nthe end`).changes.filter(
      (c) => c.k === 'same',
    );
    expect(kept.map((c) => c.text).join('')).toContain('line 999 stays');
  });

  it('gives up the search, not the texts, when they have nothing in common', () => {
    const [a, b] = [0, 1].map((n) => Array.from({ length: 20_000 }, (_, i) => `w${n}${i}`).join(' '));
    expect(sides(a ?? '', b ?? '')).toEqual([a, b]);
  });
});

describe('deltas', () => {
  it('compare two runs', () => {
    const [a, b] = [before, after].map((spans, i) => {
      const ms = i ? 7210 : 9620;
      const made = wire(spans, { ms });
      return { ...made, totals: { ...totalsOf(spans, ms), tokens: i ? 14_200 : 16_700, usd: i ? 0.047 : 0.044 } };
    });
    if (!a || !b) throw new Error('two runs');
    expect(totalDeltas(a, b).map((row) => [row.name, row.a, row.b, row.delta])).toEqual([
      ['Time', '9.62 s', '7.21 s', '−2.41 s'],
      ['Tokens', '16.7k', '14.2k', '−15 %'],
      ['Cost', '$0.044', '$0.047', '+7 %'],
      ['First token, median', '–', '–', ''],
      ['Errors', '1', '0', '−1'],
      ['Attempts', '1', '1', '0'],
    ]);
  });

  it('write rows in seconds, bold from 0.3 s', () => {
    const [root] = diffTrees(tree([span('a', 0, 9620)]), tree([span('a', 0, 7210)])).roots;
    expect(root && rowDelta(root)).toEqual({ a: '9.62', b: '7.21', delta: '−2.41', bold: true });
    const [near] = diffTrees(tree([span('a', 0, 440)]), tree([span('a', 0, 450)])).roots;
    expect(near && rowDelta(near)).toEqual({ a: '0.44', b: '0.45', delta: '0', bold: false });
    const [added] = diffTrees(tree([]), tree([span('a', 0, 180)])).roots;
    expect(added && rowDelta(added)).toEqual({ a: '', b: '0.18', delta: '', bold: false });
  });

  it('write the facts of a call side by side', () => {
    const of = (ms: number, i: number, o: number, usd: number) =>
      chat('a', 0, ms, {}, { tokens: { in: i, out: o }, cost: { usd, basis: 'listed' } });
    expect(callDelta(of(1490, 5120, 702, 0.0259), of(1540, 4388, 655, 0.023))).toBe(
      '1.49 → 1.54 s · 5,120 → 4,388 in · 702 → 655 out · $0.026 → $0.023',
    );
  });
});
