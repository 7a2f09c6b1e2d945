import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildTree } from '../../src/model/tree';
import { anySpans, chat, span } from './make';

describe('buildTree', () => {
  it('draws every span exactly once, whatever is wrong with them', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const tree = buildTree(spans, 3000);
        expect(tree.order).toHaveLength(spans.length);
        expect(new Set(tree.order.map((node) => node.span.id)).size).toBe(spans.length);
        expect(tree.byId.size).toBe(spans.length);
        for (const node of tree.order) {
          expect(node.parent ? node.parent.children : tree.roots).toContain(node);
          expect(node.depth).toBe(node.parent ? node.parent.depth + 1 : 0);
          expect(node.end).toBeGreaterThanOrEqual(node.span.at);
          expect(node.own).toBeGreaterThanOrEqual(0);
          expect(node.own).toBeLessThanOrEqual(node.end - node.span.at);
        }
        expect(tree.roots.reduce((n, root) => n + root.spans, 0)).toBe(spans.length);
      }),
    );
  });

  it('keeps siblings by start and parents before children', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const tree = buildTree(spans, 3000);
        const rank = new Map(tree.order.map((node, i) => [node, i]));
        for (const node of tree.order) {
          if (node.parent) expect(rank.get(node.parent)).toBeLessThan(rank.get(node) ?? -1);
          node.children.forEach((child, i) => {
            const before = node.children[i - 1];
            if (before) expect(before.span.at).toBeLessThanOrEqual(child.span.at);
          });
        }
      }),
    );
  });

  it('keeps the identity of spans that are sound', () => {
    const spans = [span('a', 0, 10), span('b', 1, 2, { parent: 'a' })];
    expect(buildTree(spans, 10).order.map((node) => node.span)).toEqual(spans);
    expect(buildTree(spans, 10).byId.get('b')?.span).toBe(spans[1]);
    expect(buildTree(spans, 10).notes).toEqual([]);
  });

  it('says what was odd', () => {
    const tree = buildTree(
      [
        span('a', 0, 10, { parent: 'nobody' }),
        span('b', 1, -5),
        span('b', 2, 1),
        span('c', 3, 1, { parent: 'd' }),
        span('d', 4, 1, { parent: 'c' }),
        span('e', 5, undefined),
        span('f', 8, 1),
        span('g', 4, 1, { parent: 'f' }),
        span('h', Number.NaN, 1),
      ],
      20,
    );
    expect(tree.notes).toEqual([
      '1 span has a parent that is not here; it is drawn at the top.',
      '1 circle of parents was cut open.',
      '1 span has the id of another; both are drawn.',
      '1 span ends before it starts; it is drawn without length.',
      '1 span has no end; it is drawn up to the end of the trace.',
      '1 span has no start; it is drawn from 0.',
      '1 span starts before its parent; clocks differ.',
    ]);
    expect(tree.roots.map((node) => node.span.id)).toEqual(['a', 'h', 'b', 'b#2', 'c', 'e', 'f']);
    expect(tree.byId.get('d')?.parent?.span.id).toBe('c');
  });

  it('opens a circle at its earliest member, also when reached from outside it', () => {
    const tree = buildTree(
      [span('x', 0, 1, { parent: 'z' }), span('y', 1, 1, { parent: 'z' }), span('z', 2, 1, { parent: 'y' })],
      5,
    );
    expect(tree.roots.map((node) => node.span.id)).toEqual(['y']);
    expect(tree.byId.get('x')?.parent?.span.id).toBe('z');
  });

  it('a span that is its own parent is a root', () => {
    expect(buildTree([span('a', 0, 1, { parent: 'a' })], 5).roots).toHaveLength(1);
  });

  it('sums spans, errors, tokens and own time', () => {
    const tree = buildTree(
      [
        span('a', 0, 100),
        chat('b', 10, 30, { parent: 'a' }, { tokens: { in: 5, out: 3 } }),
        chat('c', 20, 40, { parent: 'a', status: 'error' }, { tokens: { total: 7 } }),
        span('d', 90, 50, { parent: 'a' }),
      ],
      140,
    );
    const root = tree.byId.get('a');
    expect(root).toMatchObject({ spans: 4, errors: 1, tokens: 15, own: 100 - 50 - 10, from: 0, to: 140 });
    expect(tree.failed.map((node) => node.span.id)).toEqual(['c']);
  });

  it('takes 20,000 levels', () => {
    const spans = Array.from({ length: 20_000 }, (_, i) =>
      span(`s${i}`, i, 20_000 - i, i ? { parent: `s${i - 1}` } : {}),
    );
    const tree = buildTree(spans, 20_000);
    expect(tree.order.at(-1)?.depth).toBe(19_999);
    expect(tree.roots[0]?.spans).toBe(20_000);
  });

  it('takes nothing', () => {
    expect(buildTree([], 0)).toMatchObject({ roots: [], order: [], failed: [], notes: [] });
  });
});
