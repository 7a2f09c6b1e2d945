import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as f from '../../src/model/format';

describe('units', () => {
  it.each([
    [0, '0.0 ms'],
    [6, '6.0 ms'],
    [9.94, '9.9 ms'],
    [9.96, '0.01 s'],
    [90, '0.09 s'],
    [390, '0.39 s'],
    [9620, '9.62 s'],
    [9996, '10.0 s'],
    [12_400, '12.4 s'],
    [59_960, '60 s'],
    [252_000, '252 s'],
    [-390, '−0.39 s'],
    [Number.NaN, '–'],
  ])('duration %d', (ms, text) => expect(f.duration(ms)).toBe(text));

  it.each([
    [9620, '9.62 s'],
    [59_960, '1 min'],
    [60_000, '1 min'],
    [252_000, '4 min 12 s'],
    [3_599_600, '1 h'],
    [3_840_000, '1 h 4 min'],
  ])('durationLong %d', (ms, text) => expect(f.durationLong(ms)).toBe(text));

  it.each([
    [0, '0'],
    [9999, '9,999'],
    [15_100, '15.1k'],
    [74_100, '74.1k'],
    [99_960, '100k'],
    [412_000, '412k'],
    [999_700, '1.00M'],
    [3_120_000, '3.12M'],
    [31_200_000, '31.2M'],
  ])('tokens %d', (n, text) => expect(f.tokens(n)).toBe(text));

  it.each([
    [0, '$0'],
    [0.0009, '$0.0009'],
    [0.0091, '$0.0091'],
    [0.00021, '$0.00021'],
    [0.00996, '$0.010'],
    [0.044, '$0.044'],
    [0.9996, '$1.00'],
    [14.2, '$14.20'],
    [1234.5, '$1,234.50'],
    [1e-12, '< $0.00000001'],
  ])('usd %d', (x, text) => expect(f.usd(x)).toBe(text));

  it.each([
    [412, '412 B'],
    [1900, '1.9 kB'],
    [1_000_000, '1.0 MB'],
    [999_600, '1.0 MB'],
    [214_000_000, '214 MB'],
    [2.1e9, '2.1 GB'],
  ])('bytes %d', (n, text) => expect(f.bytes(n)).toBe(text));

  it('counts, pairs, shares and differences', () => {
    expect(f.count(1, 'call')).toBe('1 call');
    expect(f.count(1251, 'span')).toBe('1,251 spans');
    expect(f.count(2, 'retry', 'retries')).toBe('2 retries');
    expect(f.inOut(15_100, 1674)).toBe('15.1k → 1,674');
    expect(f.inOut(1920, undefined)).toBe('1,920');
    expect(f.inOut(undefined, undefined)).toBe('–');
    expect(f.share(22, 261)).toBe('8 %');
    expect(f.share(1, 0)).toBe('–');
    expect(f.signed(-2410, f.duration)).toBe('−2.41 s');
    expect(f.signed(0.0001, (x) => x.toFixed(2))).toBe('0');
    expect(f.clock(8520)).toBe('8.5 s');
    expect(f.clock(252_000)).toBe('4 min 12 s');
  });

  it('never write an exponent, NaN or more than fits a column', () => {
    fc.assert(
      fc.property(fc.double(), (x) => {
        for (const text of [f.duration(x), f.tokens(x), f.usd(x), f.bytes(x)])
          expect(text).not.toMatch(/e[+-]\d|NaN|Infinity/);
        if (x >= 0 && x < 1e9) {
          expect(f.duration(x).length).toBeLessThanOrEqual(11);
          expect(f.tokens(x).length).toBeLessThanOrEqual(6);
        }
      }),
    );
  });
});
