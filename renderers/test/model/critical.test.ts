import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { criticalPath } from '../../src/model/critical';
import { totalsOf } from '../../src/model/totals';
import { buildTree } from '../../src/model/tree';
import type { WireSpan } from '../../src/wire/types';
import { anySpans, chat, span } from './make';

const split = (spans: WireSpan[], ms: number) => {
  const { split: parts } = criticalPath(buildTree(spans, ms), ms);
  return Object.fromEntries(parts.map((part) => [part.kind, part.ms]));
};
const path = (spans: WireSpan[], ms: number) => [...criticalPath(buildTree(spans, ms), ms).ids].sort();

describe('criticalPath', () => {
  it('adds up to the total, whatever the spans', () => {
    fc.assert(
      fc.property(anySpans, fc.integer({ min: 0, max: 4000 }), (spans, ms) => {
        const { split: parts } = criticalPath(buildTree(spans, ms), ms);
        expect(parts.reduce((sum, part) => sum + part.ms, 0)).toBeCloseTo(ms, 6);
        for (const part of parts) expect(part.ms).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the span that ended last in a row of parallel ones', () => {
    const spans = [
      span('gather', 0, 100),
      span('fast', 0, 20, { parent: 'gather', type: 'TOOL' }),
      span('slow', 0, 90, { parent: 'gather', type: 'TOOL' }),
      span('mid', 0, 50, { parent: 'gather', type: 'TOOL' }),
    ];
    expect(path(spans, 100)).toEqual(['gather', 'slow']);
    expect(split(spans, 100)).toEqual({ tool: 90, flow: 10 });
  });

  it('follows the one whose end let the next begin', () => {
    const spans = [chat('long', 0, 100), chat('first', 0, 49), chat('second', 50, 60)];
    expect(path(spans, 110)).toEqual(['first', 'second']);
    expect(split(spans, 110)).toEqual({ model: 109, flow: 1 });
  });

  it('gives own code no time in which a child was at work', () => {
    const spans = [span('p', 0, 12), chat('a', 0, 10, { parent: 'p' }), chat('b', 5, 7, { parent: 'p' })];
    expect(split(spans, 12)).toEqual({ model: 12 });
  });

  it('counts the wait between attempts as a wait and the failed attempt of a good call as model time', () => {
    const attempts = [
      { at: 0, ms: 130, code: 429 },
      { at: 1130, ms: 1280, code: 200 },
    ];
    expect(split([chat('a', 0, 2410, {}, { attempts })], 2410)).toEqual({ model: 1410, wait: 1000 });
  });

  it('tells failed, held back and running apart', () => {
    expect(split([chat('a', 0, 10, { status: 'error' })], 10)).toEqual({ error: 10 });
    expect(split([chat('a', 0, 10, { status: 'blocked' })], 10)).toEqual({ hold: 10 });
    expect(split([chat('a', 2, undefined, { status: 'running' })], 10)).toEqual({ model: 8, flow: 2 });
    const waiting = [{ at: 0, ms: 3, code: 429 }];
    expect(split([chat('a', 0, undefined, { status: 'running' }, { attempts: waiting })], 10)).toEqual({
      model: 3,
      wait: 7,
    });
  });

  it('counts a stream that outlives the span that opened it', () => {
    const spans = [span('open', 0, 10), chat('stream', 5, 95, { parent: 'open' })];
    expect(split(spans, 100)).toEqual({ model: 95, flow: 5 });
  });

  it('is own code where nothing was traced', () => {
    expect(split([], 40)).toEqual({ flow: 40 });
    expect(split([chat('a', 500, 10)], 40)).toEqual({ flow: 40 });
  });

  it('takes 5,000 levels', () => {
    const spans = Array.from({ length: 5000 }, (_, i) => span(`s${i}`, i, 5000 - i, i ? { parent: `s${i - 1}` } : {}));
    expect(path(spans, 5000)).toHaveLength(5000);
  });
});

describe('totalsOf', () => {
  it('sums what is known and leaves out what is not', () => {
    const spans = [
      chat(
        'a',
        0,
        100,
        {},
        {
          tokens: { in: 10, out: 5, total: 15 },
          cost: { usd: 0.01, basis: 'listed' },
          attempts: [
            { at: 0, ms: 20, code: 429 },
            { at: 60, ms: 40, code: 200 },
          ],
        },
      ),
      chat('b', 50, 100, {}, { tokens: { in: 3, est: true } }),
      chat('c', 200, 50, { status: 'blocked' }, { verdict: { kind: 'budget', title: 'x' } }),
      span('d', 300, 5),
    ];
    expect(totalsOf(spans, 310)).toMatchObject({
      spans: 4,
      calls: 3,
      status: { ok: 2, blocked: 1 },
      budget: 1,
      retries: 1,
      in: 13,
      out: 5,
      tokens: 18,
      est: true,
      usd: 0.01,
      partial: true,
      gateway_ms: 20 + 100 + 50,
    });
  });

  it('has no cost where no call has one', () => {
    const totals = totalsOf([chat('a', 0, 1)], 1);
    expect(totals).not.toHaveProperty('usd');
    expect(totals).not.toHaveProperty('partial');
    expect(totals).not.toHaveProperty('in');
  });

  it('a split of any trace sums to its length', () => {
    fc.assert(
      fc.property(anySpans, fc.integer({ min: 0, max: 4000 }), (spans, ms) => {
        const { split: parts = {}, gateway_ms = 0 } = totalsOf(spans, ms);
        expect(Object.values(parts).reduce((a, b) => a + b, 0)).toBeCloseTo(ms, 6);
        expect(gateway_ms).toBeLessThanOrEqual(ms);
      }),
    );
  });
});
