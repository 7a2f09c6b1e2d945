import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame } from '../../dev/fixtures/frame';
import * as f from '../../src/model/frame';
import type { FrameCondition, WireFrame } from '../../src/wire/types';

const small = (): WireFrame => ({
  v: 1,
  kind: 'frame',
  uid: 'x',
  state: 'done',
  name: 'calls',
  grain: 'calls',
  columns: [
    { name: 'status', dtype: 'category' },
    { name: 'duration_ms', dtype: 'Float64', unit: 'ms' },
    { name: 'prompt', dtype: 'string' },
    { name: 'count', dtype: 'Int64' },
    { name: 'stream', dtype: 'boolean' },
  ],
  rows: [
    ['ok', 900, 'Why?', 1, true],
    ['error', null, 'How?', 2, false],
    ['ok', 2500, 'why not', 3, true],
  ],
  ids: ['a', 'b', 'c'],
  total: 3,
});

describe('filters', () => {
  const rows = (...conditions: FrameCondition[]) => f.rowsOfFrame(small(), conditions, undefined);
  it('hold as pandas would: from is in, to is out, what is not known never', () => {
    expect(rows({ column: 'duration_ms', from: 900, to: 2500 })).toEqual([0]);
    expect(rows({ column: 'duration_ms', to: 1e9 })).toEqual([0, 2]);
    expect(rows({ column: 'status', in: ['ok'] }, { column: 'prompt', contains: 'WHY N' })).toEqual([2]);
    expect(rows({ column: 'stream', in: ['true'] })).toEqual([0, 2]);
    expect(rows({ column: 'gone', from: 1 })).toEqual([]);
  });

  it('sort with what is not known last, either way', () => {
    expect(f.rowsOfFrame(small(), [], { column: 'duration_ms', descending: true })).toEqual([2, 0, 1]);
    expect(f.rowsOfFrame(small(), [], { column: 'duration_ms' })).toEqual([0, 2, 1]);
  });

  it('one condition a column', () => {
    const first = f.withCondition([], 'a', { column: 'a', from: 1 });
    expect(f.withCondition(first, 'a', { column: 'a', from: 2 })).toEqual([{ column: 'a', from: 2 }]);
    expect(f.withCondition(first, 'a', null)).toEqual([]);
  });
});

describe('pandas text', () => {
  const text = (...conditions: FrameCondition[]) => f.pandasText(small(), conditions);
  it('is what is drawn', () => {
    expect(text()).toBe('calls');
    expect(text({ column: 'duration_ms', from: 2000 })).toBe('calls[calls.duration_ms >= 2000]');
    expect(text({ column: 'status', in: ['error', 'blocked'] }, { column: 'duration_ms', from: 1, to: 2 })).toBe(
      'calls[(calls.status.isin(["error", "blocked"])) & (calls.duration_ms >= 1) & (calls.duration_ms < 2)]',
    );
    expect(text({ column: 'stream', in: ['false'] })).toBe('calls[~calls.stream]');
    expect(text({ column: 'prompt', contains: 'a"b' })).toBe(
      'calls[calls.prompt.str.contains("a\\"b", case=False, regex=False)]',
    );
  });

  it('does not take a method of the frame for a column, nor text for code', () => {
    expect(text({ column: 'count', from: 1 })).toBe('calls[calls["count"] >= 1]');
    expect(text({ column: 'x] = 1; import os #', from: 1 })).toBe('calls[calls["x] = 1; import os #"] >= 1]');
    expect(f.pandasText({ ...small(), name: 'a; b' }, [])).toBe('calls');
  });

  it('times are written with their zone', () => {
    const at: WireFrame = { ...small(), columns: [{ name: 'start_time', dtype: 'datetime64[ns, UTC]' }] };
    expect(f.pandasText(at, [{ column: 'start_time', from: 0 }])).toBe(
      'calls[calls.start_time >= "1970-01-01T00:00:00.000Z"]',
    );
  });
});

describe('heads', () => {
  it('count every row once, at round edges', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (values) => {
          const histogram = f.histogramOf(
            { ...small(), columns: [{ name: 'x', dtype: 'Float64' }], rows: values.map((v) => [v]) },
            0,
          );
          expect(histogram?.counts.reduce((a, b) => a + b, 0)).toBe(values.length);
          expect(histogram?.edges).toHaveLength((histogram?.counts.length ?? 0) + 1);
        },
      ),
    );
    const tiny = { ...small(), columns: [{ name: 'x', dtype: 'Float64' }], rows: [[2e-323], [-1.5e-323]] };
    expect(f.histogramOf(tiny, 0)?.counts.reduce((a, b) => a + b, 0)).toBe(2);
    const histogram = f.histogramOf(frame(), 2);
    expect(histogram?.edges.slice(0, 3)).toEqual([0, 500, 1000]);
  });

  it('take short lists of words for categories, and long texts not', () => {
    const kinds = f.withCategories(frame()).columns.map((c) => [c.name, f.kindOfColumn(c)]);
    expect(Object.fromEntries(kinds)).toMatchObject({
      model: 'category',
      prompt: 'text',
      duration_ms: 'number',
      stream: 'category',
    });
  });

  it('cells have no units: those stand in the head', () => {
    const [status, ms] = small().columns;
    if (!status || !ms) throw new Error('both are there');
    expect([f.cellText(ms, 2500), f.cellText(ms, null), f.cellText(status, 'ok'), f.labelOf(ms)]).toEqual([
      '2.50',
      '',
      'ok',
      'duration s',
    ]);
  });
});
