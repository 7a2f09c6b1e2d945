import { describe, expect, it, vi } from 'vitest';
import { batch } from '../../dev/fixtures/batch';
import { Commands } from '../../src/views/commands';
import { rowId, ViewState } from '../../src/views/state';
import { stickyRows } from '../../src/views/sticky';
import { jsonStore } from '../../src/wire/jsonStore';
import type { WireSpan } from '../../src/wire/types';

const span = (
  id: string,
  parent: string | undefined,
  at: number,
  ms: number,
  more: Partial<WireSpan> = {},
): WireSpan => ({
  id,
  ...(parent && { parent }),
  name: id,
  type: 'CHAIN',
  at,
  ms,
  ...more,
});

const SMALL = [
  span('root', undefined, 0, 100),
  span('one', 'root', 0, 40),
  span('one.a', 'one', 0, 20, { type: 'CHAT_MODEL' }),
  span('one.b', 'one', 20, 20, { type: 'TOOL', status: 'error', error: { message: 'no table' } }),
  span('two', 'root', 40, 60),
  span('two.a', 'two', 41, 50, { type: 'TOOL' }),
];

function view(spans: WireSpan[]) {
  const ms = Math.max(...spans.map((s) => s.at + (s.ms ?? 0)));
  const store = jsonStore({
    v: 1,
    uid: 'u',
    state: 'done',
    start: 0,
    ms,
    spans,
    totals: { spans: spans.length, calls: 0 },
  });
  const state = new ViewState(store);
  return { store, state, commands: new Commands(state), ids: () => state.rows.value.map(rowId) };
}

describe('a match', () => {
  it('that no row shows opens the detail', () => {
    const spans = [span('root', undefined, 0, 100), span('zebra', 'root', 0, 40), span('b', 'root', 50, 9)];
    const { state, commands } = view([...spans, span('c', 'root', 70, 9, { outputs: 'a zebra' })]);
    commands.query('Zebra');
    commands.nextMatch(1);
    expect([state.at.value, state.detail.value]).toEqual(['zebra', false]);
    commands.nextMatch(1);
    expect([state.at.value, state.detail.value]).toEqual(['c', true]);
  });
});

describe('errors', () => {
  it('leads to what failed by itself, not to what it was passed on to', () => {
    const bad = { status: 'error', error: { message: 'bad value' } } as const;
    const { state, commands } = view([
      span('agent', undefined, 0, 100, bad),
      span('step', 'agent', 0, 40, bad),
      span('parse', 'step', 0, 20, bad),
      span('other', 'agent', 50, 20, bad),
    ]);
    const seen = [1, 1, 1, -1].map((by) => {
      commands.nextError(by as 1 | -1);
      return state.at.value;
    });
    expect(seen).toEqual(['parse', 'other', 'parse', 'other']);
    commands.nextError(1, (node) => node.span.id === 'other');
    expect(state.at.value).toBe('other');
  });
});

describe('groups in groups', () => {
  it('are open after one press', () => {
    const spans = [span('root', undefined, 0, 60_000)];
    for (let i = 0; i < 60; i++) {
      spans.push(span(`item ${i}`, 'root', i * 1000, 900));
      for (let j = 0; j < 25; j++)
        spans.push(span(`${i} rank ${j}`, `item ${i}`, i * 1000 + j * 20, 15, { name: 'rank' }));
    }
    const { state, commands } = view(spans);
    expect(state.rows.value.some((row) => row.similar)).toBe(true);
    commands.unfoldAll();
    expect(state.rows.value.filter((row) => row.folded)).toEqual([]);
    expect(state.rows.value.filter((row) => !row.similar)).toHaveLength(spans.length);
  });
});

describe('rows in hand', () => {
  it('moves by arrows, into and out of what has children, and stops at the ends', () => {
    const { state, commands } = view(SMALL);
    const at = () => state.at.value;
    commands.move(1);
    expect(at()).toBe('root');
    commands.move(-1);
    expect(at()).toBe('root');
    commands.into();
    commands.into();
    expect(at()).toBe('one.a');
    commands.out();
    expect(at()).toBe('one');
    commands.out();
    expect(state.rows.value.map(rowId)).toEqual(['root', 'one', 'two', 'two.a']);
    commands.out();
    expect(at()).toBe('root');
    commands.goRow(3);
    commands.move(9);
    expect(at()).toBe('two.a');
  });

  it('goes to a row by the letters of its name, after a quote and until they pause', () => {
    vi.useFakeTimers();
    const { state, commands } = view(SMALL);
    const typed = (keys: string) => [...keys].map((key) => commands.letter(key));
    expect(typed('tw')).toEqual([false, false]);
    expect(typed("'tw")).toEqual([true, true, true]);
    expect(state.at.value).toBe('two');
    typed('o.');
    expect(state.at.value).toBe('two.a');
    typed("'O");
    expect(state.at.value).toBe('one');
    expect(typed(' ')).toEqual([false]);
    vi.advanceTimersByTime(2000);
    expect(typed('t')).toEqual([false]);
    expect(state.at.value).toBe('one');
    vi.useRealTimers();
  });
  it('tells the store of the selection, and follows it', () => {
    const { store, state, commands } = view(SMALL);
    commands.at('one');
    expect(store.selected()).toBe('one');
    store.select('two');
    expect(state.at.value).toBe('two');
  });

  it('goes to the next error round the end, opening what hides it', () => {
    const { state, commands, ids } = view(SMALL);
    commands.foldAll();
    expect(ids()).toEqual(['root']);
    commands.nextError(1);
    expect(state.at.value).toBe('one.b');
    expect(ids()).toContain('one.b');
    commands.at('two.a');
    commands.nextError(1);
    expect(state.at.value).toBe('one.b');
  });

  it('finds, counts and steps through matches, and a filter gives way to what is gone to', () => {
    const { state, commands, ids } = view(SMALL);
    commands.query('.a');
    expect(state.matches.value).toEqual(['one.a', 'two.a']);
    commands.filter({ kinds: new Set(['model']) });
    expect(ids()).toEqual(['root', 'one', 'one.a']);
    commands.nextMatch(1);
    commands.nextMatch(1);
    expect(state.at.value).toBe('two.a');
    expect(ids()).toHaveLength(SMALL.length);
    commands.nextMatch(1);
    expect(state.at.value).toBe('one.a');
  });

  it('folds a subtree with Alt, and keeps a row in hand when levels fold', () => {
    const { state, commands, ids } = view(SMALL);
    const [root] = state.rows.value;
    if (root) commands.toggle(root, true);
    expect(ids()).toEqual(['root']);
    if (state.rows.value[0]) commands.toggle(state.rows.value[0]);
    expect(ids()).toEqual(['root', 'one', 'two']);
    commands.unfoldAll();
    commands.at('one.a');
    commands.foldBy(-1);
    expect(state.at.value).toBe('one');
  });

  it('turns parts of the legend on and off', () => {
    const { state, commands, ids } = view(SMALL);
    commands.part('error');
    expect(ids()).toEqual(['root', 'one', 'one.b']);
    commands.part('error');
    commands.part('tool');
    commands.part('model');
    expect(ids()).toHaveLength(6);
    commands.part('tool');
    commands.part('model');
    expect(state.keep.value).toBeUndefined();
  });

  it('keeps fold and selection when another store is bound', () => {
    const { state, commands, ids } = view(SMALL);
    commands.foldAll();
    commands.at('root');
    state.bind(view(SMALL).store);
    expect(ids()).toEqual(['root']);
    expect(state.at.value).toBe('root');
  });
});

describe('time', () => {
  it('zooms at the selection, pans within bounds, and fits back', () => {
    const { state, commands } = view(SMALL);
    commands.at('two.a');
    commands.zoomBy(0.5);
    const { from, to } = state.window.value;
    expect(to - from).toBeCloseTo(50);
    commands.panBy(9);
    expect(state.window.value.to).toBeCloseTo(100);
    commands.fit();
    expect(state.zoomed.value).toBeNull();
    commands.fit();
    expect(state.window.value.from).toBeCloseTo(36);
  });

  it('shortens idle time, and its axis runs back and forth', () => {
    const { state, commands } = view([span('a', undefined, 0, 10), span('b', undefined, 90, 10)]);
    commands.squeeze();
    const axis = state.axis.value;
    expect(axis.gaps).toEqual([{ from: 10, to: 90 }]);
    expect(state.bounds.value.to).toBeLessThan(25);
    for (const t of [0, 5, 10, 30, 50, 89, 90, 95, 100]) expect(axis.time(axis.place(t))).toBeCloseTo(t, 6);
  });
});

describe('many spans', () => {
  const wire = batch(10_000);
  const { state, commands } = view(wire.spans);

  it('stands for all of them in few rows, the failed ones among them', () => {
    expect(state.rows.value.length).toBeLessThan(400);
    const groups = state.rows.value.flatMap((row) => (row.similar ? [row.similar] : []));
    expect(groups.length).toBeGreaterThan(0);
  });

  it('brings any span into sight, out of folded parents and groups', () => {
    const last = wire.spans.at(-1)?.id ?? '';
    expect(state.index.value.has(last)).toBe(false);
    commands.reveal(last);
    expect(state.at.value).toBe(last);
    expect(state.index.value.has(last)).toBe(true);
  });

  it('sticks parents on top exactly while their children are at the edge', () => {
    const rows = state.rows.value;
    for (let first = 0; first < Math.min(rows.length, 300); first++) {
      const stuck = stickyRows(rows, first);
      stuck.forEach((index, depth) => {
        expect(index).toBeLessThan(first + depth);
        expect(rows[index]?.node.depth).toBe(depth);
        const parents = new Set<unknown>();
        for (let up = rows[first + depth]?.node.parent; up; up = up.parent) parents.add(up);
        for (const above of stuck.slice(0, depth + 1)) expect(parents.has(rows[above]?.node)).toBe(true);
      });
    }
    expect(stickyRows(rows, 0)).toEqual([]);
  });
});
