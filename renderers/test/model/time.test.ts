import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idleGaps, NO_SQUEEZE, squeeze } from '../../src/model/gaps';
import { fitting, inside, pan, percent, tickLabel, tickStep, ticks, zoom, zoomTo } from '../../src/model/time';
import { buildTree } from '../../src/model/tree';
import { anySpans, chat, span } from './make';

describe('ticks', () => {
  it('are round, few and inside', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.double({ min: 0.01, max: 1e8, noNaN: true }),
        fc.integer({ min: 1, max: 12 }),
        (from, length, most) => {
          const to = from + length;
          const all = ticks(from, to, most);
          const step = tickStep(from, to, most);
          expect(all.length).toBeLessThanOrEqual(most);
          all.forEach((t, i) => {
            expect(t).toBeGreaterThanOrEqual(from - step * 1e-6);
            expect(t).toBeLessThan(to);
            const before = all[i - 1];
            if (before !== undefined) expect(t - before).toBeCloseTo(step, 3);
          });
        },
      ),
    );
  });

  it('read as on the axis of the view', () => {
    const labels = (from: number, to: number, most: number) => {
      const step = tickStep(from, to, most);
      return ticks(from, to, most).map((t) => tickLabel(t, step));
    };
    expect(labels(0, 9620, 5)).toEqual(['0', '2 s', '4 s', '6 s', '8 s']);
    expect(labels(96_000, 110_000, 5)).toEqual(['96 s', '100 s', '104 s', '108 s']);
    expect(labels(0, 840, 5)).toEqual(['0', '0.2 s', '0.4 s', '0.6 s', '0.8 s']);
    expect(labels(0, 9, 5)).toEqual(['0', '2 ms', '4 ms', '6 ms', '8 ms']);
    expect(labels(0, 300_000, 5)).toEqual(['0', '1 min', '2 min', '3 min', '4 min']);
    expect(labels(0, 0.2, 5)).toEqual(['0', '0.05 ms', '0.10 ms', '0.15 ms']);
    expect(ticks(5, 5, 4)).toEqual([]);
    expect(ticks(0, Number.POSITIVE_INFINITY, 4)).toEqual([]);
  });
});

describe('window', () => {
  const bounds = { from: 0, to: 1000 };
  const anyWindow = fc
    .tuple(fc.double({ min: 0, max: 999, noNaN: true }), fc.double({ min: 0.1, max: 1000, noNaN: true }))
    .map(([a, n]) => inside({ from: a, to: a + n }, bounds));

  it('stays inside and keeps the time under the pointer in place', () => {
    fc.assert(
      fc.property(
        anyWindow,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        (view, part, factor) => {
          const at = view.from + part * (view.to - view.from);
          const next = zoom(view, factor, at, bounds);
          expect(next.from).toBeGreaterThanOrEqual(0);
          expect(next.to).toBeLessThanOrEqual(1000 + 1e-9);
          expect(next.to).toBeGreaterThan(next.from);
          if (factor < 1) expect(percent(at, next.from, next.to)).toBeCloseTo(part * 100, 3);
        },
      ),
    );
  });

  it('pans and fits', () => {
    expect(pan({ from: 100, to: 200 }, 0.5, bounds)).toEqual({ from: 150, to: 250 });
    expect(pan({ from: 950, to: 1000 }, 1, bounds)).toEqual({ from: 950, to: 1000 });
    expect(zoomTo(100, 200, bounds)).toEqual({ from: 90, to: 210 });
    expect(percent(5, 5, 5)).toBe(0);
  });
});

describe('labels of an axis', () => {
  const labels = (from: number, to: number, px: number) => {
    const most = fitting(from, to, px, 6);
    return ticks(from, to, most).map((t) => tickLabel(t, tickStep(from, to, most)));
  };

  it('are hours in a trace of hours', () => {
    expect(labels(0, 36e6, 400)).toEqual(['0', '2 h', '4 h', '6 h', '8 h']);
    expect(labels(0, 12 * 864e5, 400).every((label) => label === '0' || label.endsWith(' h'))).toBe(true);
  });

  it('are fewer where they are wide', () => {
    const near = labels(129_179, 129_181.5, 260);
    expect(near.length).toBeLessThanOrEqual(3);
    expect(labels(0, 10_000, 260).length).toBeGreaterThan(3);
  });
});

describe('idle gaps', () => {
  const spans = [
    span('agent', 0, 10_000, { type: 'AGENT' }),
    chat('a', 0, 1000, { parent: 'agent' }),
    chat('b', 8000, 1000, { parent: 'agent' }),
  ];

  it('are where only own code waited', () => {
    expect(idleGaps(buildTree(spans, 10_000), 10_000)).toEqual([
      { from: 1000, to: 8000 },
      { from: 9000, to: 10_000 },
    ]);
    expect(idleGaps(buildTree([], 0), 0)).toEqual([]);
  });

  it('press to a sliver and come back', () => {
    const axis = squeeze(idleGaps(buildTree(spans, 10_000), 10_000), 10_000);
    expect(axis.place(1000)).toBe(1000);
    expect(axis.place(8000)).toBe(1150);
    expect(axis.place(10_000)).toBe(2300);
    expect(axis.time(1150)).toBeCloseTo(8000);
    expect(squeeze([], 10)).toBe(NO_SQUEEZE);
  });

  it('grow with time and can be inverted', () => {
    fc.assert(
      fc.property(
        anySpans,
        fc.array(fc.double({ min: -10, max: 6000, noNaN: true }), { minLength: 2 }),
        (list, times) => {
          const axis = squeeze(idleGaps(buildTree(list, 5000), 5000), 5000);
          const sorted = [...times].sort((a, b) => a - b);
          sorted.forEach((t, i) => {
            expect(axis.time(axis.place(t))).toBeCloseTo(t, 4);
            const before = sorted[i - 1];
            if (before !== undefined) expect(axis.place(t)).toBeGreaterThanOrEqual(axis.place(before));
          });
        },
      ),
    );
  });
});
