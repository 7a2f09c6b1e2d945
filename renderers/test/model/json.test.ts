import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonRows, jsonSize, morePath, openedTo } from '../../src/model/json';
import type { Json } from '../../src/wire/types';

const anyJson = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const lines = (value: Json, open: string[]) =>
  jsonRows(value, new Set(open)).map((row) =>
    [row.path, row.k, row.key, row.text, row.note].filter((x) => x !== undefined).join(' | '),
  );

describe('jsonRows', () => {
  const value = { id: 'x', usage: { prompt: 2310, completion: 142 }, list: [1, 'two', null], none: {} };

  it('shows folded nodes with what is in them and how big', () => {
    expect(lines(value, [''])).toEqual([
      ' | open | {',
      '/id | value | id | "x"',
      '/usage | fold | usage | { … } | prompt, completion · 32 B',
      '/list | fold | list | [ … ] | 3 items · 14 B',
      '/none | value | none | {}',
      ' | close | }',
    ]);
  });

  it('unfolds by path', () => {
    expect(lines(value, ['', '/list']).slice(3, 8)).toEqual([
      '/list | open | list | [ | 3 items',
      '/list/0 | value | 0 | 1',
      '/list/1 | value | 1 | "two"',
      '/list/2 | value | 2 | null',
      '/list | close | ]',
    ]);
  });

  it('cuts long strings and lists, and shows more when asked', () => {
    const [long] = jsonRows('a'.repeat(1444), new Set());
    expect(long).toMatchObject({ k: 'cut', note: '1,204 more' });
    expect(jsonRows('a'.repeat(1444), new Set(['']))[0]).toMatchObject({ k: 'value', text: `"${'a'.repeat(1444)}"` });
    const list = Array.from({ length: 250 }, (_, i) => i);
    const some = jsonRows(list, new Set(['']));
    expect(some).toHaveLength(1 + 100 + 1 + 1);
    expect(some.at(-2)).toMatchObject({ k: 'cut', text: '150 more', path: morePath('', 1) });
    expect(jsonRows(list, new Set(['', morePath('', 1), morePath('', 2)]))).toHaveLength(252);
  });

  it('does not cut a character in two', () => {
    const [row] = jsonRows('😀'.repeat(200), new Set());
    expect(row?.text).not.toMatch(/\\ud8/);
  });

  it('opened everywhere holds every value once, in order', () => {
    fc.assert(
      fc.property(anyJson, (json) => {
        const open = openedTo(json, 100, Number.POSITIVE_INFINITY);
        const rows = jsonRows(json, open);
        const opens = rows.filter((row) => row.k === 'open').length;
        expect(rows.filter((row) => row.k === 'close')).toHaveLength(opens);
        const leaves: string[] = [];
        const walk = (v: Json): void => {
          if (v && typeof v === 'object' && Object.keys(v).length) for (const inner of Object.values(v)) walk(inner);
          else leaves.push(JSON.stringify(v));
        };
        walk(json);
        expect(rows.filter((row) => row.k === 'value').map((row) => row.text)).toEqual(leaves);
      }),
    );
  });

  it('tells the size of JSON without writing it', () => {
    const word = fc.constantFrom('', 'a', 'some words');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        word,
        fc.integer(),
        fc.constantFrom(null, true),
        fc.array(tie('tree')),
        fc.dictionary(word, tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = JSON.stringify(value);
        expect(jsonSize(JSON.parse(text))).toEqual({ bytes: text.length, whole: true });
      }),
    );
    expect(jsonSize(Array.from({ length: 100_000 }, () => 1))).toMatchObject({ whole: false });
  });

  it('takes 100,000 levels and a list of a million', () => {
    let deep: Json = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(jsonRows(deep, new Set(['']))).toHaveLength(3);
    const wide: Json = Array.from({ length: 1_000_000 }, (_, i) => i);
    expect(jsonRows(wide, new Set(['']))).toHaveLength(103);
  });
});
