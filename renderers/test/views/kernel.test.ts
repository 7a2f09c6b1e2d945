// @vitest-environment happy-dom
/** What a view does with a kernel behind it, and what it does not lose. */
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { agent } from '../../dev/fixtures/agent';
import { compared } from '../../dev/fixtures/compared';
import { frame } from '../../dev/fixtures/frame';
import { mount } from '../../src/views/mount';
import { jsonStore } from '../../src/wire/jsonStore';
import { modelStore } from '../../src/wire/modelStore';
import { announce, registry, type WidgetModel } from '../../src/wire/registry';
import type { Store, View } from '../../src/wire/store';
import type { Wire, WireSpan } from '../../src/wire/types';

let view: View | undefined;
afterEach(() => {
  view?.destroy();
  view = undefined;
  document.body.replaceChildren();
  registry().models.clear();
});

const settle = (ms = 30) => new Promise((done) => setTimeout(done, ms));

function show(store: Store) {
  const place = document.createElement('div');
  document.body.append(place);
  view = mount(place, store);
  const root = (place.firstElementChild as HTMLElement).shadowRoot as ShadowRoot;
  const all = (css: string) => [...root.querySelectorAll<HTMLElement>(css)];
  const one = (css: string) => {
    const found = root.querySelector<HTMLElement>(css);
    if (!found) throw new Error(`nothing matches ${css}`);
    return found;
  };
  const button = (word: string) => all('button').find((b) => b.textContent?.trim() === word);
  const row = (word: string) => all('.nb-row').find((r) => r.textContent?.includes(word)) as HTMLElement;
  return { root, all, one, button, row };
}

const live = (wire: unknown, ask = vi.fn(async (_what: string, _value?: unknown): Promise<unknown> => null)) => {
  const store: Store = { ...jsonStore(wire), liveness: () => 'live', ask };
  return { store, ask };
};

/** The kernel's end of a model: `hear` is a message of it. */
function kernel(uid: string, wire: unknown) {
  const handlers = new Set<(message: unknown) => void>();
  const sent: { id: string; what: string; value?: unknown }[] = [];
  const model = {
    get: (name: string) => (name === 'uid' ? uid : name === 'filter' ? '' : null),
    set: () => undefined,
    save_changes: () => undefined,
    on: (name: string, f: (message: unknown) => void) => name === 'msg:custom' && handlers.add(f),
    off: (_: string, f: (message: unknown) => void) => handlers.delete(f),
    send: (message: { id: string; what: string }) => sent.push(message),
  } as unknown as WidgetModel;
  announce(model);
  const entry = registry().models.get(uid);
  if (!entry) throw new Error('not announced');
  const hear = (message: unknown) => {
    for (const f of [...handlers]) f(message);
  };
  const answer = (what: string, value: unknown) =>
    hear({ kind: 'answer', id: sent.findLast((each) => each.what === what)?.id, value });
  return { store: modelStore(entry, wire as Wire), hear, sent, answer };
}

describe('a comparison', () => {
  it('is drawn also when its runs are unpacked before the first paint', async () => {
    const zip = (wire: unknown) => {
      const { v, uid, state, start, totals } = wire as Wire;
      return { v, uid, state, start, totals, z: gzipSync(JSON.stringify(wire)).toString('base64') };
    };
    const plain = compared();
    const data = { ...plain, a: { ...plain.a, wire: zip(plain.a.wire) }, b: { ...plain.b, wire: zip(plain.b.wire) } };
    // As in a page that is not painted: what waits for the paint comes long after the unpacking.
    vi.stubGlobal('requestAnimationFrame', () => 0);
    const { all } = show(jsonStore(data));
    await vi.waitFor(() => expect(all('.nb-cmp [role=row]').length).toBeGreaterThan(10), { timeout: 3000 });
    vi.unstubAllGlobals();
  });

  it('has a menu: swap, show less, fold', async () => {
    const { one, button, all } = show(jsonStore(compared()));
    await settle();
    const press = async (word: string) => {
      one('.nb-menu > button').click();
      await settle();
      all('[role=menuitem]')
        .find((item) => item.textContent === word)
        ?.click();
      await settle();
    };
    const rows = () => Number(one('[role=treegrid]').getAttribute('aria-rowcount'));
    const before = rows();
    await press('Unfold all');
    expect(rows()).toBeGreaterThan(before);
    await press('Only what changed');
    expect(rows()).toBeLessThan(before);
    await press('Show all spans');
    await press('Fold what is the same');
    expect(rows()).toBe(before);
    await press('Swap A and B');
    expect(one('.nb-delta > div').textContent).toBe('Time7.21 s → 9.62 s +2.41 s');
    expect(button('Swap')).toBeDefined();
  });
});

describe('what was cut', () => {
  const span: WireSpan = {
    id: 'a',
    name: 'load',
    type: 'TOOL',
    at: 0,
    ms: 5,
    cut: true,
    outputs: 'one… 9 more characters',
  };
  const wire: Wire = {
    v: 1,
    uid: 'cut',
    state: 'done',
    start: 0,
    ms: 9,
    spans: [span, { ...span, id: 'b', at: 6, cut: undefined }],
    totals: { spans: 400, calls: 0 },
    cut: { spans: 400 },
  };

  it('is fetched from a kernel at a press', async () => {
    const { store, hear, sent, answer } = kernel('cut', wire);
    const { all, button, row, one } = show(store);
    await settle();
    expect(all('.nb-note').map((note) => note.textContent)).toEqual([
      'The first 2 of 400 spans are saved here.Show all',
    ]);
    row('load').click();
    await settle();
    expect(one('.nb-detail .nb-note').textContent).toBe('Long texts are cut here.Show all');
    one('.nb-detail .nb-note button').click();
    expect(sent.at(-1)).toMatchObject({ what: 'whole', value: 'a' });
    const { cut: _, ...whole } = { ...span, outputs: 'one and the rest' };
    hear({ kind: 'delta', rev: 0, now: 9, state: 'done', spans: [whole] });
    answer('whole', null);
    await settle();
    expect(all('.nb-detail .nb-note')).toEqual([]);
    expect(one('.nb-detail').textContent).toContain('one and the rest');
    button('Show all')?.click();
    await settle();
    const { id } = sent.findLast((each) => each.what === 'snapshot') ?? { id: '' };
    const { cut: __, ...all400 } = wire;
    hear({ kind: 'snapshot', id, rev: 1, now: 9, wire: { ...all400, totals: { spans: 2, calls: 0 } } });
    await settle();
    expect(all('.nb-note').filter((note) => note.textContent?.includes('of 400'))).toEqual([]);
  });

  it('is said where no kernel is', async () => {
    const { row, one, all } = show(jsonStore(wire));
    row('load').click();
    await settle();
    expect(all('.nb-note')[0]?.textContent).toBe('The first 2 of 400 spans are saved here. Run the cell to see all.');
    expect(one('.nb-detail .nb-note').textContent).toBe('Long texts are cut here. Run the cell to see all.');
    expect(all('.nb-note button')).toEqual([]);
  });
});

describe('linked spans', () => {
  it('are told in the row, and lead to each other', async () => {
    const plain = agent();
    const [first, second] = [plain.spans[2] as WireSpan, plain.spans[4] as WireSpan];
    const links = [
      { trace: 't', span: first.id },
      { trace: 'feedfacefeedfacefeedfacefeedface', span: 'cafecafecafecafe' },
    ];
    const spans = plain.spans.map((each) => (each === second ? { ...second, links } : each));
    const { row, one, all } = show(jsonStore({ ...plain, spans }));
    expect(row(second.name).querySelector('.tag')?.textContent).toBe('2 links');
    row(second.name).click();
    await settle();
    const tab = () =>
      all('[role=tab]').find((each) => each.textContent === 'Links 2' || each.textContent === 'Links 1');
    tab()?.click();
    await settle();
    expect(one('[role=tabpanel]').textContent).toContain('of trace feedface');
    all('.nb-links button')[0]?.click();
    await settle();
    expect(one('[role=row][aria-selected=true]').textContent).toContain(first.name);
    tab()?.click();
    await settle();
    expect(one('[role=tabpanel]').textContent).toContain('linked from');
    expect(one('.nb-links button').textContent).toContain(second.name);
  });
});

describe('a replay', () => {
  it('in the table of a frame streams in beside its call, and its time goes on', async () => {
    const data = frame();
    const { store, hear, sent, answer } = kernel(data.uid, undefined);
    hear({ kind: 'snapshot', rev: 0, now: 0, wire: data });
    await settle();
    const { one, all, button } = show(store);
    await vi.waitFor(() => expect(all('tbody tr[aria-rowindex]').length).toBeGreaterThan(0));
    const shown = (data.wire as Wire).spans.find((span) => span.call && span.ms !== undefined) as WireSpan;
    store.selected = () => shown.id;
    hear({ kind: 'delta', rev: 1, now: 1, state: 'done' });
    await settle();
    button('Replay')?.click();
    await settle();
    button('Run Ctrl Enter')?.click();
    expect(sent.at(-1)).toMatchObject({ what: 'replay', value: { call: shown.id } });
    answer('replay', { span: 'again', trace: 't' });
    const { ms: _, ...again } = { ...shown, id: 'again', replay_of: shown.id, status: 'running' as const, at: 10_000 };
    hear({ kind: 'delta', rev: 2, now: 10_500, state: 'done', spans: [again] });
    await settle();
    const time = () => Number.parseFloat(all('.nb-side-h')[1]?.textContent?.match(/([\d.]+) s/)?.[1] ?? '0');
    await vi.waitFor(() => expect(time()).toBeGreaterThanOrEqual(0.5));
    const before = time();
    await vi.waitFor(() => expect(time()).toBeGreaterThan(before), { timeout: 3000 });
    hear({ kind: 'delta', rev: 3, now: 12_000, state: 'done', spans: [{ ...again, ms: 1250, status: undefined }] });
    await settle();
    expect(time()).toBe(1.25);
    expect(one('[aria-live=polite]').getAttribute('aria-busy')).toBe('false');
  });
});

describe('a press that the notebook scrolls away under', () => {
  const pointer = (type: string, el: EventTarget, x = 5, y = 5) =>
    el.dispatchEvent(
      new PointerEvent(type, {
        bubbles: true,
        composed: true,
        button: 0,
        clientX: x,
        clientY: y,
        pointerType: 'mouse',
      }),
    );

  it('counts for what was pressed', async () => {
    const { row, all } = show(live(agent()).store);
    await settle();
    const name = row('gather').querySelector('b') as HTMLElement;
    name.getBoundingClientRect = () => ({ left: 0, right: 50, top: 300, bottom: 320 }) as DOMRect;
    pointer('pointerdown', name);
    pointer('pointerup', document.body);
    await settle();
    expect(all('[role=row][aria-selected=true]').map((r) => r.textContent)).toEqual([
      expect.stringContaining('gather'),
    ]);
  });

  it('is none when the pointer moved, or is still over it', async () => {
    const { row, all } = show(live(agent()).store);
    await settle();
    const name = row('gather').querySelector('b') as HTMLElement;
    name.getBoundingClientRect = () => ({ left: 0, right: 50, top: 300, bottom: 320 }) as DOMRect;
    pointer('pointerdown', name);
    pointer('pointerup', document.body, 60, 60);
    name.getBoundingClientRect = () => ({ left: 0, right: 50, top: 0, bottom: 20 }) as DOMRect;
    pointer('pointerdown', name);
    pointer('pointerup', document.body);
    await settle();
    expect(all('[aria-selected=true]')).toEqual([]);
  });
});
