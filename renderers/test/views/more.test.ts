// @vitest-environment happy-dom
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compared } from '../../dev/fixtures/compared';
import { frame } from '../../dev/fixtures/frame';
import { joined, judged, pending } from '../../dev/fixtures/joined';
import { overview } from '../../dev/fixtures/overview';
import { support } from '../../dev/fixtures/support';
import { mount } from '../../src/views/mount';
import { jsonStore } from '../../src/wire/jsonStore';
import type { View } from '../../src/wire/store';
import type { Wire } from '../../src/wire/types';

beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => 1100, configurable: true });
});

let view: View | undefined;
afterEach(() => {
  view?.destroy();
  document.body.replaceChildren();
});

type Answers = Record<string, (value: unknown) => unknown>;

/** A view over data; with answers there is a kernel behind it. */
async function show(data: unknown, answers?: Answers) {
  const place = document.createElement('div');
  document.body.append(place);
  const ask = vi.fn(async (what: string, value?: unknown) => answers?.[what]?.(value));
  const store = { ...jsonStore(data), ...(answers ? { ask, liveness: () => 'live' as const } : {}) };
  view = mount(place, store);
  const settle = (ms = 30) => new Promise((done) => setTimeout(done, ms));
  await settle();
  const root = place.firstElementChild?.shadowRoot as ShadowRoot;
  const all = (css: string) => [...root.querySelectorAll<HTMLElement>(css)];
  const one = (css: string) => {
    const found = root.querySelector<HTMLElement>(css);
    if (!found) throw new Error(`nothing matches ${css}`);
    return found;
  };
  const text = (css: string) => one(css).textContent?.replace(/\s+/g, ' ').trim() ?? '';
  const button = (word: string) => {
    const found = all('button').find((b) => (b.getAttribute('aria-label') ?? b.textContent)?.includes(word));
    if (!found) throw new Error(`no button says ${word}`);
    return found;
  };
  const click = async (el: HTMLElement) => {
    el.click();
    await settle();
  };
  const key = async (css: string, name: string, more = {}) => {
    const event = new KeyboardEvent('keydown', { key: name, bubbles: true, composed: true, cancelable: true, ...more });
    one(css).dispatchEvent(event);
    await settle();
    return event;
  };
  const type = async (el: HTMLElement, value: string) => {
    (el as HTMLInputElement).value = value;
    el.dispatchEvent(new Event('input', { bubbles: true }));
    await settle();
  };
  return { root, store, ask, all, one, text, button, click, key, type, settle };
}

describe('compare', () => {
  it('aligns the two runs, and opens what changed by keys', async () => {
    const v = await show(compared());
    expect(v.text('.nb-delta > div')).toBe('Time9.62 s → 7.21 s −2.41 s');
    expect(v.one('[role=treegrid]').getAttribute('aria-rowcount')).toBe('18');
    await v.key('[role=treegrid]', 'n');
    expect(v.text('[aria-selected=true] .name')).toContain('describe_tables');
    await v.key('[role=treegrid]', 'Enter');
    expect(v.text('.nb-detail .nb-facts')).toBe('only in B');
    await v.click(v.all('.nb-row').find((row) => row.textContent?.includes('system prompt')) as HTMLElement);
    expect(v.all('.nb-detail ins').map((el) => el.textContent)).toContain('Name the table every number comes from. ');
    await v.click(v.button('Side by side'));
    expect(v.all('.nb-two').length).toBeGreaterThan(0);
    await v.click(v.button('Swap'));
    expect(v.text('.nb-delta > div')).toBe('Time7.21 s → 9.62 s +2.41 s');
  });

  it('says which run cannot be shown', async () => {
    const v = await show({ ...compared(), a: { wire: { v: 9 } } });
    expect(v.text('[role=alert]')).toContain('One of the two runs cannot be shown');
  });
});

describe('a joined call', () => {
  it('has two lanes, parts that add up, and what was logged', async () => {
    const v = await show(joined());
    expect(v.one('.nb-ends').getAttribute('aria-label')).toMatch(
      /^Client 2\.61 s\. network and queue, both ways 0\.22 s/,
    );
    expect(v.text('.sum')).toBe('what you waited2.61 s100 %this kernel’s clock');
    const pairs = v.all('.nb-pair dt').map((dt) => dt.textContent);
    expect(pairs).toEqual(['request id', 'joined by', 'status', 'served by', 'requester', 'tags', 'tokens']);
    // Entity and model of one name are one fact.
    const served = v.all('.nb-pair dd')[3]?.textContent;
    expect(served?.trim()).toBe('system.ai.claude-sonnet-4-5 answered by fallback');
  });

  it('says that a row is not here yet, and looks again', async () => {
    const v = await show(pending(), { look: () => ({ table: 't', matched: 0, pending: 1 }) });
    expect(v.text('.nb-note')).toContain('Gateway row not here yet.');
    await v.click(v.button('Look again'));
    await vi.waitFor(() => expect(v.ask).toHaveBeenCalledWith('look', { span: expect.any(String) }), { timeout: 5000 });
    await v.settle();
    expect(v.text('.nb-note')).toContain('Looked again.');
  });

  it('of many is told in one line', async () => {
    const wire: Wire = {
      ...support(),
      joined: { table: 'main.t', matched: 6, pending: 2, keys: { 'x-request-id': 6 } },
    };
    const v = await show(wire);
    expect(v.text('.nb-note')).toBe(
      '6 of 8 calls found in main.t, 6 by x-request-id. 2 rows not here yet: the table lags 5 to 30 minutes, at times an hour.',
    );
  });
});

describe('overview', () => {
  it('is a picture without a kernel, filters what its data can, and says what needs one', async () => {
    const v = await show(overview());
    expect(v.all('.nb-ov svg')).toHaveLength(3);
    expect(v.all('.nb-groups tbody tr')).toHaveLength(5);
    const before = v.text('.nb-groups tbody tr .num7');
    await v.key('.nb-ov', 'Home');
    expect(v.one('.nb-ov').getAttribute('aria-valuetext')).toMatch(/^Mon 13, 00:00 to 01:00, /);
    expect(v.text('.nb-groups tbody tr .num7')).not.toBe(before);
    await v.key('.nb-ov', 'Enter');
    expect(v.text('.nb-behind')).toContain('Listing the calls needs a kernel.');
    await v.key('.nb-ov', 'Escape');
    expect(v.text('.nb-groups tbody tr .num7')).toBe(before);
  });

  it('asks the kernel for the numbers and the calls behind a mark', async () => {
    const v = await show(overview(), { overview, calls: () => ({ wire: support(), total: 900 }) });
    const rate = v.all('.nb-groups td.hold button').find((b) => b.textContent === '5.6') as HTMLElement;
    await v.click(rate);
    await v.settle(200);
    await vi.waitFor(
      () =>
        expect(v.ask).toHaveBeenCalledWith('overview', {
          range: '7d',
          grain: 'endpoint',
          value: 'rag-answer',
          status: 'limited',
        }),
      { timeout: 5000 },
    );
    await v.settle();
    await v.click(v.button('Show these calls'));
    await vi.waitFor(
      () => expect(v.ask).toHaveBeenCalledWith('calls', { grain: 'endpoint', value: 'rag-answer', status: 'limited' }),
      { timeout: 5000 },
    );
    await v.settle();
    expect(v.text('.nb-behind .nb-head')).toContain('8 of 900 calls');
    expect(v.all('.nb-behind .nb-slab .nb-row')).toHaveLength(8);
    // They come from a table: no kernel could send them again, and nothing says that one could.
    const row = v.one('.nb-behind .nb-slab .nb-row');
    await v.click(row);
    expect(row.getAttribute('aria-selected')).toBe('true');
    expect(v.one('.nb-behind').innerHTML).not.toMatch(/replay|>saved</i);
  });
});

describe('frame', () => {
  it('shows the rows of its filter and the pandas text that gives them', async () => {
    const v = await show(frame());
    expect(v.text('.nb-code code')).toBe('calls[calls.duration_ms >= 2000]');
    const rows = v.one('[role=grid]').getAttribute('aria-rowcount');
    await v.click(v.button('Clear'));
    expect(v.text('.nb-code code')).toBe('calls');
    expect(v.one('[role=grid]').getAttribute('aria-rowcount')).toBe('313');
    expect(rows).not.toBe('313');
    await v.type(v.one('.nb-frame .nb-find input'), 'ticket');
    expect(v.text('.nb-code code')).toContain('.str.contains("ticket"');
  });

  it('opens the call of a row beside it, and tells Python', async () => {
    const v = await show(frame(), { filter: () => null });
    await v.key('[role=grid]', 'ArrowDown');
    expect(v.store.selected()).toMatch(/^call/);
    expect(v.text('.nb-detail h4')).toMatch(/^call \d+$/);
    await v.click(v.button('Clear'));
    await v.settle(300);
    await vi.waitFor(() => expect(v.ask).toHaveBeenCalledWith('filter', { conditions: [], code: 'calls' }), {
      timeout: 5000,
    });
    await v.settle();
  });
});

describe('replay', () => {
  it('says only of what changed what it was, and sends it with Ctrl Enter', async () => {
    const v = await show(judged(true), { replay: () => ({ span: 'x', trace: 'y' }) });
    expect(v.all('.was').map((el) => el.textContent)).toEqual([
      'was claude-sonnet-4-5',
      'was 0.2',
      '',
      '+ 2 words',
      '',
    ]);
    expect(v.text('.nb-foot')).toContain('−0.93 s · −614 tok · −80 % cost');
    await v.click(v.button('Reset'));
    await v.type(v.one('.nb-rp input'), 'gpt-oss-120b');
    await v.key('.nb-rp input', 'Enter', { ctrlKey: true });
    await vi.waitFor(
      () => expect(v.ask).toHaveBeenCalledWith('replay', { call: expect.any(String), model: 'gpt-oss-120b' }),
      { timeout: 5000 },
    );
    await v.settle();
  });

  it('needs a kernel', async () => {
    const v = await show(judged(true));
    expect(v.text('.nb-note')).toContain('Replay and feedback need a kernel.');
    expect(v.all('.go')).toHaveLength(0);
  });

  it('says what the kernel said when it cannot', async () => {
    const v = await show(judged(true), {
      replay: () => {
        throw new Error('The client of this call is gone.');
      },
    });
    await v.click(v.button('Run'));
    expect(v.text('[role=alert]')).toBe('The client of this call is gone.');
  });
});

describe('feedback', () => {
  it('shows judges as pills with their reason, and sends a verdict', async () => {
    const v = await show(judged(), { feedback: () => ({ assessments: [], note: 'Saved to the journal.' }) });
    await v.click(v.one('.tog'));
    const pill = v.all('.nb-pill').find((el) => el.textContent?.includes('concise')) as HTMLElement;
    expect(pill.className).toContain('err');
    await v.click(pill);
    expect(v.text('.nb-verdict')).toContain('judge claude-haiku-4-5 · 0.80 s · $0.0004');
    await v.click(v.button('Bad answer'));
    await v.type(v.one('.nb-fb textarea'), 'EMEA: 4.1 %');
    await v.click(v.button('Save'));
    await vi.waitFor(
      () =>
        expect(v.ask).toHaveBeenCalledWith('feedback', {
          span: expect.any(String),
          verdict: 'down',
          expected: 'EMEA: 4.1 %',
        }),
      { timeout: 5000 },
    );
    await v.settle();
    expect(v.text('.nb-fb')).toContain('Saved to the journal.');
  });

  it('is not offered without a kernel', async () => {
    const v = await show(judged());
    await v.click(v.one('.tog'));
    expect(v.all('button').map((b) => b.getAttribute('aria-label'))).not.toContain('Bad answer');
  });
});
