/** The fixtures pytest reads too: both halves reckon the same of the same data. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { barOf } from '../../src/model/bar';
import { chatRows } from '../../src/model/chat';
import { criticalPath } from '../../src/model/critical';
import { decode } from '../../src/model/decode';
import { totalsOf } from '../../src/model/totals';
import { buildTree } from '../../src/model/tree';
import type { Wire, WireTotals } from '../../src/wire/types';

interface Fixture {
  wire: unknown;
  expect: { ms: number; totals: WireTotals; rows: { id: string; depth: number; kind: string }[]; critical: string[] };
}

const folder = new URL('../../../tests/contract/fixtures/wire/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): Fixture => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));

/** Numbers within 0.01, the rest equal. */
function near(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 1);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, near(inner)]));
}

it('there are fixtures', () => expect(names.length).toBeGreaterThan(10));

describe.each(names)('%s', (name) => {
  const fixture = read(name);
  const { ms } = fixture.expect;
  const decoded = async (): Promise<Wire> => decode(fixture.wire);

  it('reads', async () => {
    const wire = await decoded();
    expect(wire).not.toHaveProperty('texts');
    expect(wire).not.toHaveProperty('z');
    expect(wire.ms ?? ms).toBeCloseTo(ms, 2);
  });

  it('has the same rows', async () => {
    const { order } = buildTree((await decoded()).spans, ms);
    expect(order.map((node) => ({ id: node.span.id, depth: node.depth, kind: node.kind }))).toEqual(
      fixture.expect.rows,
    );
  });

  it('has the same critical path', async () => {
    const { ids, split } = criticalPath(buildTree((await decoded()).spans, ms), ms);
    expect([...ids].sort()).toEqual(fixture.expect.critical);
    expect(split.reduce((sum, part) => sum + part.ms, 0)).toBeCloseTo(ms, 2);
  });

  it('has the same totals', async () => {
    const wire = await decoded();
    // Those of a wire that was cut are of spans that are not here.
    if (wire.cut) expect(wire.totals.spans).toBeGreaterThan(wire.spans.length);
    else expect(totalsOf(wire.spans, ms)).toEqual(near(fixture.expect.totals));
    expect(wire.totals).toEqual(near(fixture.expect.totals));
  });

  it('can be drawn', async () => {
    const { spans } = await decoded();
    for (const node of buildTree(spans, ms).order) {
      expect(barOf(node, ms).segments.at(-1)?.to).toBe(node.end);
      if (node.span.call) expect(chatRows(node.span.call, [], spans).length).toBeGreaterThan(0);
    }
  });
});

const packed = names.filter((name) => name.includes('_packed'));

it.each(packed)('%s unpacks to the spans of the plain one', async (name) => {
  const plain = await decode(read(name.replace('_packed', '')).wire);
  expect((await decode(read(name).wire)).spans).toEqual(plain.spans);
});
