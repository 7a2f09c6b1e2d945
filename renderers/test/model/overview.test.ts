import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overview } from '../../dev/fixtures/overview';
import { area, bars, HEIGHT, line } from '../../src/model/graphs';
import * as o from '../../src/model/overview';
import type { WireGroup } from '../../src/wire/types';

describe('buckets', () => {
  it('are all there, also those that were left out', () => {
    const all = o.allBuckets({
      from: 0,
      to: 50,
      step: 10,
      buckets: [
        { start: 20, requests: 3 },
        { start: 999, requests: 1 },
      ],
    });
    expect(all.map((b) => b.requests)).toEqual([0, 0, 3, 0, 0]);
    expect(o.allBuckets({ from: 0, to: 1e15, step: 1, buckets: [] }).length).toBeLessThanOrEqual(2000);
  });

  it('sum up to a window, and say the worst p95 of it', () => {
    expect(
      o.sumOf([
        { requests: 2, errors: 1, p95: 10 },
        { requests: 3, p95: 30 },
      ]),
    ).toEqual({ requests: 5, errors: 1, p95: 30 });
  });

  it('of a group come from its series; a window of it has no percentiles', () => {
    const data = overview();
    const [group] = data.groups.endpoint as WireGroup[];
    const within = o.groupIn(data, group as WireGroup, data.from + 36 * data.step, data.from + 40 * data.step);
    expect(within?.limited).toBeGreaterThan((within?.requests ?? 0) * 0.2);
    expect(within?.p50).toBeUndefined();
    expect(o.groupIn(data, { name: 'x', requests: 1 }, 0, 1)).toBeNull();
  });
});

describe('scales', () => {
  it('end at a round number that holds all', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (x) => {
        const top = o.roundUp(x);
        expect(top).toBeGreaterThanOrEqual(x * 0.9998);
        expect(top).toBeLessThanOrEqual(x * 2.01);
      }),
    );
  });

  it('a log ruler holds all its values between 0 and 100', () => {
    const ends = o.rulerEnds([90, 12_100]);
    expect(ends).toEqual({ from: 50, to: 20_000 });
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.1, max: 1e7, noNaN: true }), { minLength: 1 }), (values) => {
        const own = o.rulerEnds(values);
        for (const value of values) {
          const place = o.logPlace(value, own);
          expect(place).toBeGreaterThanOrEqual(0);
          expect(place).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

describe('graphs', () => {
  it('break a line where nothing is known, and never leave the box', () => {
    const buckets = [1, undefined, 3, 99].map((p50, i) => ({ start: i, requests: 1, p50 }));
    expect(line(buckets, (b) => b.p50, 4)).toBe('M0.5 42h.4M2.5 14L3.5 0');
    expect(area(2, () => -5, 4)).toBe(`M0 ${HEIGHT}L0.5 ${HEIGHT}L1.5 ${HEIGHT}L2 ${HEIGHT}z`);
    expect(
      bars(
        2,
        () => 0,
        (i) => i * 4,
        4,
      ),
    ).toBe(`M1.1 ${HEIGHT}h.8V0h-.8z`);
  });
});

describe('words', () => {
  it('rates have one figure behind the point and a colour when they are loud', () => {
    expect(o.rate(56, 1000)).toBe('5.6');
    expect(o.rate(undefined, 10)).toBe('–');
    expect([o.rateTone('limited', 56, 1000), o.rateTone('errors', 41, 1000), o.rateTone('limited', 9, 1000)]).toEqual([
      'hold',
      'err',
      '',
    ]);
    expect(o.rateTone('blocked', 0, 10)).toBe('m');
  });

  it('money that is not known is never 0', () => {
    expect(o.money({ requests: 1 })).toBe('–');
    expect(o.money({ requests: 1, usd: 0, cost_basis: 'unknown' })).toBe('–');
    expect(o.money({ requests: 1, usd: 612.4, partial: true })).toBe('≥ $612');
  });

  it('times are the reader’s own', () => {
    const from = new Date(2025, 9, 13).getTime();
    const day = 86_400_000;
    expect(o.rangeWord(from, from + 7 * day)).toBe('13 to 19 Oct');
    expect(o.rangeWord(from, from + 90 * day)).toBe('13 Oct 2025 to 10 Jan 2026');
    expect(o.windowWord(from + 1.5 * day, from + 1.5 * day + 4 * 3_600_000)).toBe('Tue 14, 12:00 to 16:00');
    expect(o.timeTicks(from, from + 7 * day).map((t) => t.text)).toEqual([
      'Mon 13',
      'Tue 14',
      'Wed 15',
      'Thu 16',
      'Fri 17',
      'Sat 18',
      'Sun 19',
    ]);
    expect(o.timeTicks(from, from + 6 * 3_600_000).map((t) => t.text)).toEqual([
      '00:00',
      '01:00',
      '02:00',
      '03:00',
      '04:00',
      '05:00',
    ]);
    expect([3_600_000, 900_000, day].map(o.stepWord)).toEqual(['an hour', '15 minutes', 'a day']);
    expect(o.ageWord(0, 38 * 60_000)).toBe('38 min old');
  });
});
