import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisEnd, bandLayout, fromSnapshot, type Live, reduce } from '../../src/model/live';
import { liveRows, nextLiveList, progressOf } from '../../src/model/progress';
import { runningLine } from '../../src/model/words';
import type { Delta, WireSpan } from '../../src/wire/types';
import { chat, largeTrace, span, wire } from './make';

const start = (spans: WireSpan[], rev = 1): Live =>
  fromSnapshot({ kind: 'snapshot', rev, now: 0, wire: wire(spans, { state: 'running' }) });
const delta = (rev: number, more: Partial<Delta>): Delta => ({
  kind: 'delta',
  rev,
  now: rev * 100,
  state: 'running',
  ...more,
});

describe('reduce', () => {
  it('replaces spans and leaves the others the objects they were', () => {
    const spans = [chat('a', 0, 5), chat('b', 1, undefined, { status: 'running' })];
    const before = start(spans);
    const after = reduce(before, delta(2, { spans: [chat('b', 1, 9), chat('c', 4, undefined)], now: 12, ms: 12 }));
    expect(after.wire.spans.map((s) => s.id)).toEqual(['a', 'b', 'c']);
    expect(after.wire.export).toBeUndefined();
    const sent = { to: 'sqlite:///x.db', exported: 1 };
    expect(reduce(after, delta(3, { export: sent })).wire.export).toEqual(sent);
    expect(after.wire.spans[0]).toBe(spans[0]);
    expect(after.wire.spans[1]?.ms).toBe(9);
    expect(before.wire.spans).toEqual(spans);
    expect(after).toMatchObject({ rev: 2, now: 12, stale: false, wire: { ms: 12 } });
  });

  it('grows text, first token and count of running calls', () => {
    const parts = chat(
      'p',
      0,
      undefined,
      {},
      { answers: [{ role: 'assistant', parts: [{ k: 'reasoning', text: 'r' }] }] },
    );
    let live = start([chat('a', 0, undefined), parts]);
    live = reduce(
      live,
      delta(2, {
        grow: [
          { id: 'a', text: 'Hel', first: 3, out: 1 },
          { id: 'p', text: 'x' },
          { id: 'gone', text: 'y' },
        ],
      }),
    );
    live = reduce(
      live,
      delta(3, {
        grow: [
          { id: 'a', text: 'lo', out: 2 },
          { id: 'p', text: 'y' },
        ],
      }),
    );
    expect(live.wire.spans[0]?.call).toMatchObject({
      answers: [{ role: 'assistant', text: 'Hello' }],
      first: 3,
      tokens: { out: 2 },
    });
    expect(live.wire.spans[1]?.call?.answers[0]?.parts).toEqual([
      { k: 'reasoning', text: 'r' },
      { k: 'text', text: 'xy' },
    ]);
  });

  it('takes what a span already told of the growing text once', () => {
    const answers = [{ role: 'assistant' as const, text: 'one two thr' }];
    const parts = [
      {
        role: 'assistant' as const,
        parts: [
          { k: 'reasoning' as const, text: 'r' },
          { k: 'text' as const, text: 'one tw' },
        ],
      },
    ];
    const live = start([chat('a', 0, undefined, {}, { answers }), chat('p', 0, undefined, {}, { answers: parts })]);
    const grow = ['a', 'p'].map((id) => ({ id, from: 4, text: 'two three ' }));
    const [a, p] = reduce(live, delta(2, { grow })).wire.spans;
    expect(a?.call?.answers[0]?.text).toBe('one two three ');
    expect(p?.call?.answers[0]?.parts?.[1]).toEqual({ k: 'text', text: 'one two three ' });
  });

  it('asks for a snapshot when a message is lost, and leaves out old ones', () => {
    const live = start([chat('a', 0, 1)], 5);
    expect(reduce(live, delta(5, { spans: [] }))).toBe(live);
    const lost = reduce(live, delta(7, { spans: [chat('b', 0, 1)] }));
    expect(lost).toMatchObject({ stale: true, rev: 5 });
    expect(reduce(lost, delta(6, {})).stale).toBe(true);
    const again = reduce(lost, { kind: 'snapshot', rev: 8, now: 9, wire: wire([chat('z', 0, 1)]) });
    expect(again).toMatchObject({ stale: false, rev: 8 });
    expect(reduce(again, { kind: 'snapshot', rev: 2, now: 1, wire: wire([]) })).toBe(again);
  });

  it('ends where a snapshot of the same spans is, however they came', () => {
    const steps = fc.array(
      fc.array(
        fc.record({
          id: fc.integer({ min: 0, max: 12 }),
          at: fc.integer({ min: 0, max: 50 }),
          ms: fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }),
        }),
        { maxLength: 5 },
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        let live = start([]);
        const last = new Map<string, WireSpan>();
        list.forEach((items, i) => {
          const spans = items.map(({ id, at, ms }) => span(`s${id}`, at, ms));
          for (const s of spans) last.set(s.id, s);
          live = reduce(live, delta(i + 2, { spans }));
        });
        expect(live.wire.spans).toHaveLength(last.size);
        live.wire.spans.forEach((s, i) => {
          expect(s).toBe(last.get(s.id));
          expect(live.places.get(s.id)).toBe(i);
          expect(s.at).toBeGreaterThanOrEqual(live.wire.spans[i - 1]?.at ?? 0);
        });
      }),
    );
  });
});

describe('progress', () => {
  const spans = [
    ...Array.from({ length: 37 }, (_, i) => chat(`d${i}`, i, 2000 + i, {}, { cost: { usd: 0.001, basis: 'listed' } })),
    chat('f', 40, 900, { status: 'error' }),
    chat('h', 41, 980, { status: 'blocked' }),
    ...Array.from({ length: 11 }, (_, i) =>
      chat(`r${i}`, 4000 + i, undefined, { status: 'running' }, i < 9 ? { first: 740, tokens: { out: 100 } } : {}),
    ),
    span('own', 0, undefined, { status: 'running' }),
  ];

  it('counts, and says it in one line', () => {
    const p = progressOf(spans, 8500, 50);
    expect(p).toMatchObject({ done: 37, failed: 2, inFlight: 11, median: 2018 });
    expect(runningLine(p)).toBe('37 done · 2 failed · 11 in flight · 240 tok/s · $0.037 · ~3 s left');
    expect(progressOf(spans, 8500)).not.toHaveProperty('etaMs');
    expect(runningLine(progressOf([], 0))).toBe('0 done · 0 in flight');
  });

  it('lists failed calls, then those in flight by start, in a fixed number of lines', () => {
    const rows = liveRows(spans, 8500);
    expect(rows.map((row) => row.number)).toEqual([38, 39, ...Array.from({ length: 11 }, (_, i) => 40 + i)]);
    expect(rows[0]).toMatchObject({ tone: 'error', text: 'error', ms: 900 });
    expect(rows[2]?.rate).toBeCloseTo(26.6, 1);
    expect(rows.at(-1)).toMatchObject({ tone: 'faint', text: 'waiting for the first token' });
    expect(
      liveRows(
        largeTrace(3000).map((s, i) => (i % 2 ? { ...s, ms: undefined, status: 'running' as const } : s)),
        9,
      ),
    ).toHaveLength(13);
  });

  it('counts a retry down', () => {
    const [row] = liveRows(
      [
        chat(
          'a',
          1000,
          undefined,
          { status: 'running' },
          { attempts: [{ at: 0, ms: 100, code: 429, retry_after: 1 }] },
        ),
      ],
      1500,
    );
    expect(row).toMatchObject({ tone: 'hold', text: '429, next try in 0.6 s' });
  });

  it('lets finished rows go every two seconds and never under the pointer', () => {
    const running = (id: string, at: number) => chat(id, at, undefined, { status: 'running' });
    const first = nextLiveList(null, [running('a', 0), running('b', 1)], 1000, new Set());
    const done = [chat('a', 0, 500), chat('b', 1, 500), running('c', 2)];
    const soon = nextLiveList(first, done, 1500, new Set());
    expect(soon.rows.map((row) => [row.span.id, row.leaving])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
    const later = nextLiveList(soon, done, 3100, new Set(['b']));
    expect(later.rows.map((row) => row.span.id)).toEqual(['b', 'c']);
    expect(nextLiveList(later, done, 5200, new Set()).rows.map((row) => row.span.id)).toEqual(['c']);
  });

  it('lays out all calls in one height', () => {
    const some = bandLayout(spans, 8500, 150);
    expect(some).toHaveLength(50);
    expect(some.find((line) => line.id === 'f')?.tone).toBe('error');
    const many = bandLayout(largeTrace(20_000), 200_000, 150);
    expect(many.length).toBeLessThan(1500);
    expect(Math.max(...many.map((line) => line.y + line.height))).toBeLessThanOrEqual(151);
    expect([0, 9_999, 10_001, 45_000, 100_000_000].map(axisEnd)).toEqual([10_000, 10_000, 20_000, 60_000, 100_800_000]);
  });
});
