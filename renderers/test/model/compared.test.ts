import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compared } from '../../dev/fixtures/compared';
import { pairMessages, pairParameters, sameMessage } from '../../src/model/compared';
import { compareRows } from '../../src/model/compareRows';
import { diffTrees, foldSame } from '../../src/model/diff';
import { excerpt } from '../../src/model/excerpt';
import { buildTree } from '../../src/model/tree';
import { type Change, diffWords } from '../../src/model/worddiff';
import type { Wire, WireCall } from '../../src/wire/types';

const tree = (wire: Wire) => buildTree(wire.spans, wire.ms ?? 0);

describe('excerpt', () => {
  it('keeps every change and words around it, and says where it left something out', () => {
    const long = 'word '.repeat(100);
    const { changes } = diffWords(`${long}old end ${long}`, `${long}new end ${long}`);
    const short = excerpt(changes, 20);
    expect(short.filter((c) => c.k === 'removed' || c.k === 'added').map((c) => c.text)).toEqual(['old', 'new']);
    expect(short.map((c) => c.k)).toEqual(['gap', 'same', 'removed', 'added', 'same', 'gap']);
    expect(short[1]?.text).toMatch(/^(?:word )+$/);
  });

  it('loses no change, whatever the texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 400 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 60 }), (a, b, around) => {
        const { changes } = diffWords(a, b);
        const kept = (list: { k: string; text: string }[]) => list.filter((c) => c.k === 'removed' || c.k === 'added');
        const short = excerpt(changes, around);
        expect(kept(short)).toEqual(kept(changes));
        const whole = changes.map((c: Change) => c.text).join('');
        for (const { k, text: piece } of short) if (k !== 'gap') expect(whole).toContain(piece);
      }),
    );
  });
});

const call = (more: Partial<WireCall>): WireCall => ({ api: 'chat', messages: [], answers: [], attempts: [], ...more });

describe('two runs of a call', () => {
  it('pairs messages by role, in order; a new one has nobody on the other side', () => {
    const a = [
      { role: 'system', text: 'be brief' },
      { role: 'user', text: 'why' },
    ];
    const b = [
      { role: 'system', text: 'be very brief' },
      { role: 'user', text: 'why' },
      { role: 'user', text: 'and how' },
    ];
    const pairs = pairMessages(a, b);
    expect(pairs.map(sameMessage)).toEqual([false, true, false]);
    expect(pairs[2]?.[0]).toBeNull();
  });

  it('puts the parameters that changed first, and knows the absent ones', () => {
    const a = call({ model: 'x', params: { top_p: 1, temperature: 0.2 } });
    const b = call({ model: 'x', params: { top_p: 1, temperature: 0, seed: 7 } });
    expect(pairParameters(a, b)).toEqual([
      { name: 'temperature', a: 0.2, b: 0, changed: true },
      { name: 'seed', a: undefined, b: 7, changed: true },
      { name: 'model', a: 'x', b: 'x', changed: false },
      { name: 'top_p', a: 1, b: 1, changed: false },
    ]);
  });
});

describe('parameters with names that every object has', () => {
  it('are compared as data', () => {
    const odd = call({ params: JSON.parse('{"constructor": 1, "__proto__": 2}') });
    expect(pairParameters(odd, call({})).map((p) => [p.a, p.b])).toContainEqual([1, undefined]);
    expect(pairParameters(call({ params: { toString: 'x' } }), call({}))[0]).toMatchObject({ a: 'x', b: undefined });
  });
});

describe('rows of a comparison', () => {
  const { a, b } = compared();
  const diff = diffTrees(tree(a.wire as Wire), tree(b.wire as Wire));

  it('says what changed, and folds what is the same', () => {
    const rows = compareRows(diff, foldSame(diff));
    const said = rows.map((row) => `${row.mark} ${(row.node.b ?? row.node.a)?.span.name}: ${row.hint}`);
    expect(said).toContain('changed chat: gpt-oss-120b → claude-haiku-4-5');
    expect(said).toContain('added describe_tables: crm');
    expect(said).toContain('same check: 3 spans the same');
    expect(rows.filter((row) => row.mark === 'removed')).toHaveLength(4);
  });

  it('of a filter keeps the parents, and opens what is folded', () => {
    const all = new Set(diff.order.map((node) => node.id));
    const rows = compareRows(diff, all, 'added');
    expect(rows.map((row) => row.node.b?.span.name)).toEqual(['churn_agent', 'gather', 'describe_tables']);
    expect(compareRows(diff, all)).toHaveLength(1);
  });
});
