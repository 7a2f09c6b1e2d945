import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barOf, laneLabels, tokenRate } from '../../src/model/bar';
import { minimapBars, minimapColumns } from '../../src/model/minimap';
import { buildTree } from '../../src/model/tree';
import type { WireSpan } from '../../src/wire/types';
import { anySpans, chat, largeTrace, span } from './make';

const nodeOf = (one: WireSpan, now = 10_000) => {
  const [node] = buildTree([one], now).roots;
  if (!node) throw new Error('no node');
  return node;
};
const parts = (one: WireSpan, now = 10_000) => barOf(nodeOf(one, now), now).segments.map((s) => [s.kind, s.from, s.to]);

const repaired = chat(
  'a',
  3150,
  2410,
  {},
  {
    stream: true,
    first: 1510,
    tokens: { in: 2310, out: 142 },
    attempts: [
      { at: 0, ms: 130, code: 429 },
      { at: 1130, ms: 1280, code: 200 },
    ],
  },
);

describe('barOf', () => {
  it('draws attempts, the wait between them, the wait for the first token and the work', () => {
    expect(parts(repaired)).toEqual([
      ['failed', 3150, 3280],
      ['retry', 3280, 4280],
      ['wait', 4280, 4660],
      ['work', 4660, 5560],
    ]);
    expect(barOf(nodeOf(repaired), 0)).toMatchObject({ first: 4660, torn: false, kind: 'model' });
  });

  it('draws own code as a rail, red only if it failed by itself', () => {
    expect(parts(span('a', 0, 5))).toEqual([['rail', 0, 5]]);
    expect(parts(span('a', 0, 5, { status: 'error' }))).toEqual([['failed', 0, 5]]);
    const tree = buildTree([span('a', 0, 5, { status: 'error' }), span('b', 1, 2, { parent: 'a' })], 5);
    expect(tree.roots[0] && barOf(tree.roots[0], 5).segments[0]?.kind).toBe('rail');
  });

  it('draws what was not streamed as work', () => {
    expect(parts(chat('a', 0, 5))).toEqual([['work', 0, 5]]);
    expect(parts(span('a', 0, 5, { type: 'TOOL' }))).toEqual([['work', 0, 5]]);
  });

  it('draws failed, limited and held back calls', () => {
    expect(parts(chat('a', 0, 5, { status: 'error' }))).toEqual([['failed', 0, 5]]);
    expect(parts(chat('a', 0, 5, { status: 'blocked' }))).toEqual([['hold', 0, 5]]);
    const limited = chat(
      'a',
      0,
      1620,
      { status: 'rate_limited' },
      {
        code: 429,
        attempts: [
          { at: 0, ms: 60, code: 429 },
          { at: 500, ms: 60, code: 429 },
          { at: 1550, ms: 70, code: 429 },
        ],
      },
    );
    expect(parts(limited).map(([kind]) => kind)).toEqual(['failed', 'retry', 'failed', 'retry', 'failed']);
    expect(laneLabels(nodeOf(limited)).map((label) => label.text)).toEqual([
      '429',
      'wait 0.44 s',
      '429',
      'wait 0.99 s',
      '429',
      '1.62 s',
    ]);
  });

  it('is torn while running and when interrupted', () => {
    const running = chat('a', 0, undefined, { status: 'running' }, { stream: true });
    expect(parts(running, 700)).toEqual([['wait', 0, 700]]);
    expect(barOf(nodeOf(running, 700), 900)).toMatchObject({ torn: true, segments: [{ to: 900 }] });
    expect(barOf(nodeOf(chat('a', 0, 9, { status: 'interrupted' }, { first: 4 })), 9)).toMatchObject({
      torn: true,
      first: 4,
    });
    const retrying = chat('a', 0, undefined, { status: 'running' }, { attempts: [{ at: 0, ms: 30, code: 429 }] });
    expect(parts(retrying, 500)).toEqual([
      ['failed', 0, 30],
      ['retry', 30, 500],
    ]);
  });

  it('covers the span without gap or overlap, inside it', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        for (const node of buildTree(spans, 3000).order) {
          const { segments } = barOf(node, 3000);
          expect(segments[0]?.from).toBeGreaterThanOrEqual(node.span.at);
          expect(segments.at(-1)?.to).toBe(node.end);
          segments.forEach((part, i) => {
            expect(part.to).toBeGreaterThanOrEqual(part.from);
            const before = segments[i - 1];
            if (before) expect(part.from).toBe(before.to);
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('lane labels', () => {
  it('name what the reader waited for', () => {
    expect(laneLabels(nodeOf(repaired)).map((label) => label.text)).toEqual([
      '429',
      'wait 1.00 s',
      'first token 0.38 s',
      '2.41 s',
    ]);
    const stream = chat(
      'a',
      0,
      840,
      {},
      { stream: true, first: 310, tokens: { out: 96 }, attempts: [{ at: 0, ms: 840, code: 200 }] },
    );
    expect(laneLabels(nodeOf(stream)).map((label) => label.text)).toEqual([
      '0',
      'first token 0.31 s',
      '0.84 s · 181 tok/s',
    ]);
  });

  it('has no rate without tokens or time', () => {
    expect(tokenRate(nodeOf(chat('a', 0, 5)), 5)).toBeUndefined();
    expect(tokenRate(nodeOf(chat('a', 0, 5, {}, { first: 5, tokens: { out: 3 } })), 5)).toBeUndefined();
  });
});

describe('minimap', () => {
  const tree = buildTree(largeTrace(20_000), 200_000);

  it('makes no more bars for more spans, and keeps what failed', () => {
    const bars = minimapBars(tree, 200_000, 30, 300);
    expect(bars.length).toBeLessThan(8000);
    expect(bars.filter((bar) => bar.fill === 'error').length).toBeGreaterThan(10);
    for (const bar of bars) {
      expect(bar.row).toBeGreaterThanOrEqual(0);
      expect(bar.row).toBeLessThan(30);
      expect(bar.from).toBeGreaterThanOrEqual(0);
      expect(bar.to).toBeLessThanOrEqual(1);
    }
    expect(minimapBars(buildTree([], 0), 0, 30)).toEqual([]);
  });

  it('counts what was at work in each column', () => {
    const some = buildTree([chat('a', 0, 50), chat('b', 0, 100), chat('c', 60, 10, { status: 'error' })], 100);
    const columns = minimapColumns(some, 100, 10);
    expect(columns.map((c) => c.height)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5]);
    expect(columns.map((c) => c.error).indexOf(true)).toBe(6);
    expect(minimapColumns(tree, 200_000, 500)).toHaveLength(500);
  });

  it('is bounded for any spans', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const any = buildTree(spans, 3000);
        for (const bar of minimapBars(any, 3000, 8)) expect(bar.to).toBeGreaterThanOrEqual(bar.from);
        for (const column of minimapColumns(any, 3000, 50)) expect(column.height).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
