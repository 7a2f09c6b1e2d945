// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { batch } from '../../dev/fixtures/batch';
import { drawn, show } from './shown';

describe('many spans', () => {
  it('mounts at most a hundred rows, wherever it is scrolled to', async () => {
    const { one, all, press } = show(batch(10_000));
    expect(all('.nb-row').length).toBeLessThanOrEqual(100);
    await press('End');
    expect(all('.nb-row').length).toBeLessThanOrEqual(100);
    expect(one('.nb-foot')?.textContent).toMatch(/rows stand for 9,\d{3} spans/);
  });

  it('gives the elements of rows that leave the view to those that come, and lets the others be', async () => {
    const { all, scroll } = show(batch(10_000));
    all('.nb-foot button')[0]?.click();
    await drawn();
    const byLabel = () => new Map(all('.nb-slab .nb-row').map((row) => [row.getAttribute('aria-rowindex'), row]));
    await scroll(100 * 24);
    const before = byLabel();
    await scroll(103 * 24);
    const after = byLabel();
    expect([...after.keys()]).not.toEqual([...before.keys()]);
    expect(new Set(after.values())).toEqual(new Set(before.values()));
    for (const [index, row] of after) {
      expect(row.style.top).toBe(`${(Number(index) - 1) * 24}px`);
      if (before.has(index)) expect(before.get(index)).toBe(row);
    }
    // At rest they stand in the order they are read.
    await new Promise((resolve) => setTimeout(resolve, 400));
    const order = [...byLabel().keys()].map(Number);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('leaves the small print out while it flies by, and puts it in when it stands', async () => {
    const { all, scroll } = show(batch(10_000));
    all('.nb-foot button')[0]?.click();
    await drawn();
    const icons = () => all('.nb-slab .nb-row svg').length;
    await scroll(2_000);
    expect(icons()).toBeGreaterThan(0);
    await scroll(10_000);
    const names = () => all('.nb-slab .nb-row b').map((b) => b.textContent);
    const flying = names();
    expect(icons()).toBe(0);
    expect(flying.every(Boolean)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(icons()).toBeGreaterThan(0);
    expect(names()).toHaveLength(flying.length);
  });

  it('draws the deepest nesting without pushing the text away', () => {
    const spans = Array.from({ length: 1400 }, (_, i) => ({
      id: `${i}`,
      ...(i && { parent: `${i - 1}` }),
      name: `level ${i}`,
      type: 'CHAIN',
      at: i,
      ms: 3000 - 2 * i,
    }));
    const { all } = show({
      v: 1,
      uid: 'deep',
      state: 'done',
      start: 0,
      ms: 3000,
      spans,
      totals: { spans: 1400, calls: 0 },
    });
    expect(all('.nb-row').length).toBeLessThanOrEqual(100);
    for (const name of all('.nb-row .name'))
      expect(Number.parseFloat(name.style.paddingLeft)).toBeLessThanOrEqual(4 + 8 * 14);
  });

  it('keeps a parent on top as soon as it is cut', async () => {
    const span = (id: string, parent?: string) => ({ id, parent, name: id, type: 'CHAIN', at: 0, ms: 100 });
    const spans = [span('root'), span('think', 'root')];
    for (let i = 0; i < 50; i++) spans.push(span(`step ${i} of it`, 'think'));
    const { all, scroll } = show({ v: 1, uid: 'u', state: 'done', start: 0, ms: 100, spans, totals: { spans: 52 } });
    const stuck = () => all('.nb-stick b').map((b) => b.textContent);
    expect(stuck()).toEqual([]);
    await scroll(20);
    expect(stuck()).toEqual(['root', 'think']);
  });

  it('opens no pane between the two presses on a bar', async () => {
    const { all, one } = show(batch(10_000));
    const bar = all('.nb-slab .nb-fall')[0];
    bar?.click();
    await drawn();
    expect(one('.nb-row.at')).not.toBeNull();
    expect(one('.nb-detail')).toBeNull();
    bar?.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(one('.nb-detail')).toBeNull();
    bar?.click();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(one('.nb-detail')).not.toBeNull();
  });
});
