import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined } from '../../dev/fixtures/joined';
import { endsOf, lagWord, shares } from '../../src/model/ends';
import type { WireServer, WireSpan } from '../../src/wire/types';

const fixture = () => joined().spans[0] as WireSpan;

function withServer(server: Partial<WireServer>, ms = 2610): WireSpan {
  const span = fixture();
  if (!span.call) throw new Error('the fixture is a call');
  return { ...span, ms, call: { ...span.call, server: { state: 'matched', ...server } } };
}

describe('the two ends of a call', () => {
  it('add up to what was waited, each part with its source', () => {
    const ends = endsOf(fixture());
    expect(ends?.parts.map((part) => [part.word, Math.round(part.ms), part.source])).toEqual([
      ['network and queue, both ways', 220, 'kernel minus gateway'],
      ['gateway: policies, routing', 20, 'gateway minus attempts'],
      ['attempt 1, 429', 30, 'gateway log'],
      ['model, until the first byte', 740, 'gateway log'],
      ['model, stream', 1600, 'gateway log'],
    ]);
    expect(ends?.firstByte).toBeCloseTo(900);
    expect(ends?.labels.map((label) => label.text)).toEqual([
      'network',
      '429 gpt-5',
      'first byte 0.74 s, claude-sonnet-4-5',
      'network',
    ]);
  });

  it('without access to the attempts the gateway is one block', () => {
    const ends = endsOf(withServer({ duration_ms: 2000 }));
    expect(ends?.parts.map((part) => part.word)).toEqual(['network and queue, both ways', 'gateway and model']);
    expect(ends?.lane.map((mark) => mark.kind)).toEqual(['net', 'work', 'net']);
  });

  it('counts what this kernel sent before, and the wait', () => {
    const span = withServer({ duration_ms: 1000 });
    if (span.call)
      span.call.attempts = [
        { at: 0, ms: 100, code: 429 },
        { at: 600, ms: 2010, code: 200 },
      ];
    const ends = endsOf(span);
    expect(ends?.parts.slice(0, 3).map((part) => [part.word, part.ms])).toEqual([
      ['sent 1, 429', 100],
      ['wait before sending again', 500],
      ['network and queue, both ways', 1010],
    ]);
  });

  it('is not there while the row is not, and says so when the clocks differ', () => {
    expect(endsOf(withServer({ state: 'pending' }))).toBeNull();
    expect(endsOf(withServer({ duration_ms: 5000 }))?.odd).toMatch(/5\.00 s, more than was waited/);
  });

  it('adds up for any figures', () => {
    const ms = fc.double({ min: 0, max: 5000, noNaN: true });
    fc.assert(
      fc.property(
        ms,
        ms,
        fc.array(ms, { maxLength: 4 }),
        fc.option(ms, { nil: undefined }),
        (extra, own, attempts, ttfb_ms) => {
          const duration_ms = own + attempts.reduce((a, b) => a + b, 0);
          const span = withServer(
            { duration_ms, ttfb_ms, attempts: attempts.map((each) => ({ ms: each })) },
            duration_ms + extra,
          );
          const ends = endsOf(span);
          const sum = ends?.parts.reduce((total, part) => total + part.ms, 0) ?? 0;
          expect(sum).toBeCloseTo(duration_ms + extra, 3);
          let at = 0;
          for (const mark of ends?.lane ?? []) {
            expect(mark.from).toBeCloseTo(at, 3);
            at = mark.to;
          }
        },
      ),
    );
  });

  it('gives whole percents that make a hundred', () => {
    expect(shares([220, 20, 30, 740, 1600], 2610)).toEqual([9, 1, 1, 28, 61]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9999 }), { minLength: 1, maxLength: 8 }), (parts) => {
        const all = parts.reduce((a, b) => a + b, 0);
        expect(shares(parts, all).reduce((a, b) => a + b, 0)).toBe(100);
      }),
    );
  });

  it('says the lag in minutes, then hours', () => {
    expect([20_000, 360_000, 7_200_000].map(lagWord)).toEqual([
      'within a minute of the call',
      '6 min after the call',
      '2 h after the call',
    ]);
  });
});
