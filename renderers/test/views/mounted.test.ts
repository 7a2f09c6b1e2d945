// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { agent } from '../../dev/fixtures/agent';
import { ENRICH_NOW, enrich } from '../../dev/fixtures/enrich';
import { jsonStore } from '../../src/wire/jsonStore';
import type { Wire } from '../../src/wire/types';
import { drawn, show } from './shown';

describe('a trace', () => {
  it('shows its facts, its rows and nothing that was not asked for', () => {
    const { one, all, root } = show(agent());
    expect(one('.facts')?.textContent).toBe('9.62 s25 spans7 calls15.1k → 1,674 tokens$0.044');
    expect(all('.nb-slab .nb-row')).toHaveLength(25);
    expect(root.querySelector('.nb-detail, [aria-selected=true], [role=dialog]')).toBeNull();
    expect(one('.nb-legend')?.textContent).toContain('retry wait 1.00 s');
  });

  it('is a treegrid with levels, states and sentences', () => {
    const { one, all, labels } = show(agent());
    const grid = one('[role=treegrid]');
    expect(grid?.getAttribute('aria-rowcount')).toBe('25');
    expect(grid?.tabIndex).toBe(0);
    expect(labels()).toContain('run_sql, tool, error, 0.39 s, from 1.63 s');
    const [root, plan, chat] = all('.nb-slab .nb-row');
    expect([root, plan, chat].map((row) => row?.getAttribute('aria-level'))).toEqual(['1', '2', '3']);
    expect([root, plan, chat].map((row) => row?.getAttribute('aria-expanded'))).toEqual(['true', 'true', null]);
    for (const row of all('.nb-slab .nb-row')) expect(row.querySelectorAll('[role=gridcell]')).toHaveLength(4);
  });

  it('goes through the rows by keys, and says which is active', async () => {
    const { one, press, root } = show(agent());
    const active = () =>
      root.getElementById(one('.nb-rows')?.getAttribute('aria-activedescendant') ?? '')?.getAttribute('aria-label');
    await press('ArrowDown');
    await press('ArrowDown');
    expect(active()).toMatch(/^plan,/);
    await press('ArrowLeft');
    expect(root.querySelectorAll('.nb-slab .nb-row')).toHaveLength(24);
    await press('e');
    expect(active()).toMatch(/^run_sql, tool, error/);
    await press('Enter');
    expect(one('.nb-detail')).not.toBeNull();
    await press('Escape');
    expect(one('.nb-detail')).toBeNull();
    await press('End');
    expect(active()).toMatch(/^notify,/);
  });

  it('stops the keys it takes, and leaves the others to the notebook', async () => {
    const { press, one } = show(agent());
    for (const key of ['ArrowDown', 'e', 'n', '/', '?', '[', ']', 'f', 'p', '+', '-', '<', '>']) {
      expect([key, (await press(key)).defaultPrevented]).toEqual([key, true]);
    }
    for (const key of ['a', 'b', 'c', 'd', 'i', 'j', 'k', 'm', 'r', 'v', 'x', 'y', 'z', '0', '1', 'L', 'Tab']) {
      expect([key, (await press(key)).defaultPrevented]).toEqual([key, false]);
    }
    expect((await press('Enter', one('.nb-rows'), { shiftKey: true })).defaultPrevented).toBe(false);
    expect((await press('s', one('.nb-rows'), { ctrlKey: true })).defaultPrevented).toBe(false);
  });

  it('keeps the notebook from acting on letters while the focus is in it, but not on running the cell', async () => {
    const { host, one } = show(agent());
    one('.nb-rows')?.dispatchEvent(new FocusEvent('focusin', { bubbles: true, composed: true }));
    const kept = (key: string, more = {}) => {
      window.dispatchEvent(new KeyboardEvent('keydown', { key, ...more }));
      return host.hasAttribute('data-lm-suppress-shortcuts');
    };
    for (const key of ['d', 'x', '0', 'a', 'ArrowDown', 'Enter', 'Escape'])
      expect([key, kept(key)]).toEqual([key, true]);
    expect(kept('Enter', { shiftKey: true })).toBe(false);
    expect(kept('Enter', { ctrlKey: true })).toBe(false);
    expect(kept('s', { ctrlKey: true })).toBe(false);
    expect(kept('f', { ctrlKey: true })).toBe(true);
  });

  it('finds, marks and counts', async () => {
    const { one, all, press } = show(agent());
    await press('/');
    const input = one('.nb-find input') as HTMLInputElement;
    input.value = 'run_sql';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await press('Enter', input);
    expect(one('.nb-find [role=status]')?.textContent).toMatch(/^1 of \d+$/);
    expect(all('.nb-slab mark').every((mark) => mark.textContent === 'run_sql')).toBe(true);
    await press('Escape', input);
    expect(all('mark')).toHaveLength(0);
  });

  it('opens the detail of a pressed row, and folds to three lines and back', async () => {
    const { one, all } = show(agent());
    all('.nb-slab .nb-row')[2]?.click();
    await drawn();
    expect(one('.nb-body.has-detail .nb-detail')?.getAttribute('aria-label')).toContain('chat');
    one('.tog')?.click();
    await drawn();
    expect(all('.nb-prev .cut').map((el) => el.textContent?.slice(0, 12))).toEqual(['Which region', 'EMEA lost th']);
    one('.nb-folded')?.click();
    await drawn();
    expect(one('.nb-detail')).not.toBeNull();
  });

  it('keeps what was done when it is bound to another store', async () => {
    const { view, all, one } = show(agent());
    all('.nb-slab .nb-row')[2]?.click();
    await drawn();
    const row = one('[aria-selected=true]');
    view.bind(jsonStore(agent()));
    await drawn();
    expect(one('.nb-slab [aria-selected=true]')).toBe(row);
    expect(one('.nb-detail')).not.toBeNull();
  });
});

describe('a running cell', () => {
  const live = (wire: Wire) => show(wire, (store) => ({ ...store, now: () => ENRICH_NOW }));

  it('shows the failed and what is in flight in a fixed number of rows', () => {
    const { one, all } = live(enrich());
    expect(one('.facts')?.textContent).toMatch(/^37 done2 failed11 in flight\d+ tok\/s\$0\.0\d+$/);
    expect(all('.nb-live .nb-row')).toHaveLength(13);
    expect(one('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('39');
    expect(one('.nb-live')?.textContent).toContain('429, next try in 0.6 s');
    expect(one('.nb-live')?.textContent).toContain('waiting for the first token');
  });

  it('takes no room before the first call', () => {
    const { host } = live({ ...enrich(), spans: [], state: 'pending' });
    expect(host.style.display).toBe('none');
  });
});

describe('small states', () => {
  const small = (more: object) =>
    show({ v: 1, uid: 'u', state: 'done', start: 0, spans: [], totals: { spans: 0, calls: 0 }, ...more });

  it('says what there is to say, in words', () => {
    expect(small({ other: 3 }).one('.nb')?.textContent).toBe(
      'No model call in this cell. 3 other HTTP requests were left alone.',
    );
    expect(
      small({ failed: { count: 2, first: 'x.' }, totals: { spans: 0, calls: 410 } }).one('.nb')?.textContent,
    ).toContain('2 of 412 calls could not be recorded.');
    expect(show({ ...agent(), cut: { spans: 3412, bytes: 1e6 } }).one('.nb')?.textContent).toContain(
      'The first 25 of 3,412 spans are saved here, 1.0 MB.',
    );
    expect(show(agent(), (store) => ({ ...store, liveness: () => 'untrusted' })).one('.nb')?.textContent).toContain(
      'Not a trusted notebook.',
    );
    expect(show('garbage').one('[role=alert]')?.textContent).toContain('its data is not JSON');
  });

  it('says so when drawing fails, and is never an empty box', async () => {
    const silent = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const broken = {
      ...agent(),
      spans: [
        {
          ...agent().spans[0],
          get hint(): string {
            throw new Error('no hint');
          },
        },
        ...agent().spans.slice(1),
      ],
    };
    const { one } = show(agent(), (store) => ({ ...store, get: () => broken as Wire }));
    await drawn();
    expect(one('[role=alert]')?.textContent).toContain('no hint');
    silent.mockRestore();
  });
});

describe('text from models and servers', () => {
  const read = (name: string) => readFileSync(join(import.meta.dirname, '..', 'attacks', name), 'utf8');
  const corpus: string[] = JSON.parse(read('corpus.json'));
  const everywhere = read('everywhere.json');

  it.each(corpus.map((text, i) => [i, text]))('attack %i stays text', async (i, text) => {
    // Of every kind of thing that could act, none may come from the data.
    const wire = JSON.parse(everywhere, (_, value) => (value === '@' ? text : value));
    // One call would take the small form; a second span brings the tree.
    const { all, root } = show(wire);
    all('.nb-slab .nb-row')[Number(i) % 2]?.click();
    await drawn();
    const acting = root.querySelectorAll(
      'script, iframe, object, embed, form, base, link, meta, img[src], video, audio, [srcdoc], [href^="javascript" i]',
    );
    expect([...acting].map((el) => el.outerHTML)).toEqual([]);
    for (const el of root.querySelectorAll('*')) {
      for (const { name } of el.attributes) expect(name).not.toMatch(/^on|commandlinker/i);
    }
  });
});
