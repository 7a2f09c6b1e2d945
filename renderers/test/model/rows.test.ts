import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ancestors, foldLevel, initialFold, rowsOf, subtreeIds, visibleRange } from '../../src/model/rows';
import { filterTree } from '../../src/model/search';
import { density, groupSimilar, similarHint, similarTitle } from '../../src/model/similar';
import { buildTree } from '../../src/model/tree';
import { anySpans, chat, largeTrace, span } from './make';

const ids = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => (row.similar ? row.similar.id : row.node.span.id));

const small = buildTree(
  [
    span('a', 0, 9),
    span('b', 1, 3, { parent: 'a' }),
    span('c', 2, 1, { parent: 'b' }),
    span('d', 5, 1, { parent: 'a' }),
  ],
  9,
);

describe('rowsOf', () => {
  it('without folds is the whole tree in order', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const tree = buildTree(spans, 3000);
        expect(rowsOf(tree, new Set()).map((row) => row.node)).toEqual(tree.order);
      }),
    );
  });

  it('hides exactly what is below a folded row', () => {
    fc.assert(
      fc.property(anySpans, fc.array(fc.integer({ min: 0, max: 30 })), (spans, chosen) => {
        const tree = buildTree(spans, 3000);
        const folded = new Set(chosen.map((n) => `s${n}`));
        const drawn = new Set(rowsOf(tree, folded).map((row) => row.node));
        for (const node of tree.order) {
          const hidden = ancestors(node).some((id) => folded.has(id));
          expect(drawn.has(node)).toBe(!hidden);
        }
      }),
    );
  });

  it('marks folded parents and matches', () => {
    const rows = rowsOf(small, new Set(['b', 'd']), undefined, { matches: new Set(['b']) });
    expect(rows.map((row) => [row.node.span.id, row.folded, row.match])).toEqual([
      ['a', false, false],
      ['b', true, true],
      ['d', false, false],
    ]);
  });

  it('draws what a filter keeps, with parents', () => {
    const { keep } = filterTree(small, { text: 'c' });
    expect(ids(rowsOf(small, new Set(), keep))).toEqual(['a', 'b', 'c']);
  });

  it('lists parents of a subtree', () => {
    const [root] = small.roots;
    expect(root && subtreeIds(root)).toEqual(['a', 'b']);
  });
});

describe('visibleRange', () => {
  it('mounts all rows in sight and no more than the overscan beyond', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -100, max: 1e6, noNaN: true }),
        fc.integer({ min: 0, max: 2000 }),
        fc.constantFrom(24, 35, 44),
        fc.integer({ min: 0, max: 50_000 }),
        fc.integer({ min: 0, max: 20 }),
        (top, height, row, count, over) => {
          const { from, to } = visibleRange(top, height, row, count, over);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(count);
          expect(from).toBeLessThanOrEqual(to);
          expect(to - from).toBeLessThanOrEqual(Math.ceil(height / row) + 1 + 2 * over);
          // Less than a millionth of a pixel is not in sight: quotients are rounded.
          for (let i = Math.max(0, Math.floor(top / row)); i < count && i * row < top + height - 1e-6; i++) {
            if ((i + 1) * row <= top + 1e-6) continue;
            expect(i >= from && i < to).toBe(true);
          }
        },
      ),
    );
  });
});

describe('levels', () => {
  it('folds the deepest open level and unfolds the topmost folded one', () => {
    let folded = foldLevel(small, new Set(), -1);
    expect([...folded]).toEqual(['b']);
    folded = foldLevel(small, folded, -1);
    expect([...folded]).toEqual(['b', 'a']);
    expect(foldLevel(small, folded, -1)).toEqual(folded);
    folded = foldLevel(small, folded, 1);
    expect([...folded]).toEqual(['b']);
    expect(foldLevel(small, folded, 1).size).toBe(0);
  });

  it('comes back to all open', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const tree = buildTree(spans, 3000);
        let folded = new Set<string>();
        for (let i = 0; i < 45; i++) folded = foldLevel(tree, folded, -1);
        expect(rowsOf(tree, folded)).toHaveLength(tree.roots.length);
        for (let i = 0; i < 45; i++) folded = foldLevel(tree, folded, 1);
        expect(rowsOf(tree, folded)).toHaveLength(tree.order.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('initialFold', () => {
  it('leaves a small trace open', () => {
    expect(initialFold(small).size).toBe(0);
  });

  it('keeps a large one short with its errors in sight', () => {
    const tree = buildTree(largeTrace(10_000), 100_000);
    const folded = initialFold(tree);
    const drawn = new Set(rowsOf(tree, folded).map((row) => row.node));
    expect(tree.failed.length).toBeGreaterThan(10);
    for (const node of tree.failed.slice(0, 20)) expect(drawn.has(node)).toBe(true);
    expect(drawn.size).toBeLessThan(10_000);
    const grouped = rowsOf(tree, folded, undefined, { groups: groupSimilar(tree) });
    expect(grouped.length).toBeLessThan(300);
  });
});

describe('similar siblings', () => {
  const many = (n: number, bad: number[] = []) =>
    buildTree(
      [
        span('root', 0, 10_000),
        ...Array.from({ length: n }, (_, i) =>
          chat(`i${i}`, i * 10, i === 30 ? 4900 : 1000 + i, {
            parent: 'root',
            name: `item ${i}`,
            ...(bad.includes(i) ? { status: 'error' as const } : {}),
          }),
        ),
      ],
      10_000,
    );

  it('folds from 20 on, with errors, matches and the slowest left out', () => {
    expect(groupSimilar(many(19)).groups).toEqual([]);
    const tree = many(60, [10]);
    const groups = groupSimilar(tree, new Set(['i50']));
    expect(groups.groups.map((group) => group.nodes.length)).toEqual([10, 19, 19, 9]);
    expect([...groups.slowest]).toEqual([['i30', 60]]);
    const rows = rowsOf(tree, new Set(), undefined, { groups });
    expect(ids(rows)).toEqual(['root', '~i0', 'i10', '~i11', 'i30', '~i31', 'i50', '~i51']);
    const [first] = groups.groups;
    expect(first && similarTitle(first)).toBe('+ 10 similar');
    expect(first && similarHint(first)).toBe('item · half under 1.00 s, slowest 1.01 s');
  });

  it('draws members under an open group', () => {
    const tree = many(25);
    const rows = rowsOf(tree, new Set(), undefined, { groups: groupSimilar(tree), opened: new Set(['~i0']) });
    expect(rows).toHaveLength(1 + 1 + 25);
    expect(rows[1]).toMatchObject({ folded: false, depth: 1 });
  });

  it('never loses a span: rows and group members together are all spans', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80 }), fc.array(fc.integer({ min: 0, max: 79 })), (n, bad) => {
        const tree = many(n, bad);
        const seen = rowsOf(tree, new Set(), undefined, { groups: groupSimilar(tree) }).flatMap(
          (row) => row.similar?.nodes ?? [row.node],
        );
        expect(seen).toHaveLength(tree.order.length);
        expect(new Set(seen).size).toBe(tree.order.length);
      }),
    );
  });

  it('counts only what a filter keeps', () => {
    const tree = many(40);
    const { keep } = filterTree(tree, { text: 'item 1' });
    const rows = rowsOf(tree, new Set(), keep, { groups: groupSimilar(tree) });
    expect(rows.flatMap((row) => row.similar?.nodes ?? [row.node])).toHaveLength(keep.size);
    expect(rows.find((row) => row.similar)?.similar?.nodes.length).toBe(11);
  });

  it('counts errors beyond the first twenty in the row', () => {
    const all = Array.from({ length: 100 }, (_, i) => i);
    const groups = groupSimilar(many(100, all)).groups;
    expect(groups.reduce((n, group) => n + group.errors, 0)).toBeGreaterThan(70);
    const last = groups.at(-1);
    expect(last && similarHint(last)).toMatch(/, \d+ errors$/);
  });

  it('has a density', () => {
    const { order } = many(30, [29]);
    const columns = density(order.slice(1), 0, 300, 10);
    expect(columns.map((column) => column.height)).toEqual(Array(10).fill(1));
    expect(columns.map((column) => column.error)).toEqual([...Array(9).fill(false), true]);
    expect(density(order, 0, 0, 5).every((column) => column.height === 0)).toBe(true);
  });
});
