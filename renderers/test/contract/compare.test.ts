import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { diffTrees } from '../../src/model/diff';
import { buildTree } from '../../src/model/tree';
import type { WireSpan } from '../../src/wire/types';

interface Case {
  name: string;
  a?: WireSpan[];
  b?: WireSpan[];
  letters?: { a: string; b: string };
  expect: unknown;
}

const file = new URL('../../../tests/contract/fixtures/compare/cases.json', import.meta.url);
const cases: Case[] = JSON.parse(readFileSync(file, 'utf8'));

function spansOf(one: Case, side: 'a' | 'b'): WireSpan[] {
  const letters = one.letters?.[side];
  if (letters === undefined) return one[side] ?? [];
  return [...letters].map((name, i) => ({ id: `${side}${i}`, name, type: 'TOOL', at: i, ms: 1 }));
}

function aligned(one: Case): unknown {
  const { order } = diffTrees(buildTree(spansOf(one, 'a'), 5000), buildTree(spansOf(one, 'b'), 5000));
  if (!one.letters)
    return order.map(({ mark, a, b, depth, words }) => [mark, a?.span.id ?? null, b?.span.id ?? null, depth, words]);
  const runs: [string, number][] = [];
  for (const { mark } of order) {
    const last = runs.at(-1);
    if (last?.[0] === mark) last[1]++;
    else runs.push([mark, 1]);
  }
  return runs.map(([mark, n]) => `${mark} ${n}`).join(', ');
}

describe('what is aligned here is what Python aligns', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    expect(aligned(one)).toEqual(one.expect);
  });
});
