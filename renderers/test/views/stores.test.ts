import { afterEach, describe, expect, it, vi } from 'vitest';
import { jsonStore } from '../../src/wire/jsonStore';
import { modelStore } from '../../src/wire/modelStore';
import { announce, registry, type WidgetModel } from '../../src/wire/registry';
import type { Wire, WireSpan } from '../../src/wire/types';

const span = (id: string, at: number, more: Partial<WireSpan> = {}): WireSpan => ({
  id,
  name: id,
  type: 'CHAT_MODEL',
  at,
  ...more,
});
const wireWith = (spans: WireSpan[], more: Partial<Wire> = {}): Wire => ({
  v: 1,
  uid: 'u1',
  state: 'running',
  start: 0,
  spans,
  totals: { spans: spans.length, calls: spans.length },
  ...more,
});
const delta = (rev: number, spans: WireSpan[], more = {}) => ({
  kind: 'delta',
  rev,
  now: rev * 100,
  state: 'running',
  spans,
  ...more,
});

/** A model as anywidget hands it over, without a kernel: what is sent is kept, what comes is given by `hear`. */
function fakeModel(uid = 'u1', commLive: boolean | undefined = true) {
  const traits: Record<string, unknown> = { uid, selected: null, filter: '' };
  const listeners = new Map<string, Set<(...args: unknown[]) => void>>();
  const sent: { kind: string; id: string; what: string; value?: unknown }[] = [];
  const fire = (name: string, ...args: unknown[]) => {
    for (const f of [...(listeners.get(name) ?? [])]) f(...args);
  };
  const model = {
    get: (name: string) => traits[name],
    set: (name: string, value: unknown) => {
      traits[name] = value;
    },
    save_changes: vi.fn(),
    on: (name: string, f: (...args: unknown[]) => void) => {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(f));
    },
    off: (name: string, f: (...args: unknown[]) => void) => {
      listeners.get(name)?.delete(f);
    },
    send: (content: (typeof sent)[number]) => {
      sent.push(content);
    },
    widget_manager: { get_model: () => Promise.resolve({ comm_live: commLive }) },
  };
  return {
    model: model as unknown as WidgetModel & { save_changes: ReturnType<typeof vi.fn> },
    sent,
    traits,
    fire,
    hear: (m: unknown) => fire('msg:custom', m),
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function announced(uid = 'u1') {
  const fake = fakeModel(uid);
  const quit = announce(fake.model);
  const entry = registry().models.get(uid);
  if (!entry) throw new Error('not announced');
  return { ...fake, entry, quit };
}

afterEach(() => {
  registry().models.clear();
  vi.useRealTimers();
});

describe('registry', () => {
  it('keeps what came before a view was there, and hands it over once', () => {
    const { entry, hear } = announced();
    hear(delta(1, [span('a', 0)]));
    hear(delta(2, [span('b', 5)]));
    const store = modelStore(entry);
    expect(store.get().spans.map((s) => s.id)).toEqual(['a', 'b']);
    expect(entry.queue).toEqual([]);
  });

  it('does not keep without end', () => {
    const { entry, hear } = announced();
    for (let i = 1; i <= 3000; i++) hear(delta(i, []));
    expect(entry.queue.length).toBeLessThanOrEqual(2000);
  });

  it('leaves the model of a re-run cell alone when the old one goes', () => {
    const first = announced();
    const second = announced();
    first.quit();
    expect(registry().models.get('u1')).toBe(second.entry);
  });

  it('feeds all views of one model', () => {
    const { entry, hear } = announced();
    const [a, b] = [modelStore(entry), modelStore(entry)];
    hear(delta(1, [span('a', 0)]));
    a.destroy();
    hear(delta(2, [span('b', 1)]));
    expect([a.get().spans.length, b.get().spans.length]).toEqual([1, 2]);
  });
});

describe('modelStore', () => {
  it('asks for a snapshot when it knows nothing, and draws it', async () => {
    const { entry, sent, hear } = announced();
    const store = modelStore(entry);
    expect(sent.map((m) => m.what)).toEqual(['snapshot']);
    hear({ kind: 'snapshot', id: sent[0]?.id, rev: 4, now: 400, wire: wireWith([span('a', 0)]) });
    await settled();
    expect(store.get().spans).toHaveLength(1);
    hear(delta(4, [span('old', 0)]));
    expect(store.get().spans).toHaveLength(1);
  });

  it('applies a delta after a gap, and asks until the lost part is there', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { entry, sent, hear } = announced();
    const store = modelStore(entry);
    hear(delta(1, [span('a', 0)]));
    vi.advanceTimersByTime(5000);
    hear(delta(3, [span('c', 2)]));
    expect(store.get().spans.map((s) => s.id)).toEqual(['a', 'c']);
    expect(sent.filter((m) => m.what === 'snapshot')).toHaveLength(2);
    vi.advanceTimersByTime(5000);
    hear(delta(4, []));
    expect(sent.filter((m) => m.what === 'snapshot')).toHaveLength(3);
    hear({ kind: 'snapshot', rev: 4, now: 400, wire: wireWith([span('a', 0), span('b', 1), span('c', 2)]) });
    await Promise.resolve().then(() => undefined);
    vi.advanceTimersByTime(5000);
    hear(delta(5, []));
    expect(store.get().spans).toHaveLength(3);
    expect(sent.filter((m) => m.what === 'snapshot')).toHaveLength(3);
  });

  it('keeps the spans that did not change as they are', () => {
    const { entry, hear } = announced();
    const store = modelStore(entry);
    hear(delta(1, [span('a', 0), span('b', 1)]));
    const [a] = store.get().spans;
    hear(delta(2, [span('b', 1, { ms: 5 })]));
    expect(store.get().spans[0]).toBe(a);
    expect(store.get().spans[1]?.ms).toBe(5);
  });

  it('appends the text that arrived to the running call', () => {
    const { entry, hear } = announced();
    const store = modelStore(entry);
    const call = { api: 'chat.completions', messages: [], answers: [{ role: 'assistant', text: 'Hel' }], attempts: [] };
    hear(delta(1, [span('a', 0, { status: 'running', call })]));
    hear(delta(2, [], { grow: [{ id: 'a', text: 'lo', first: 12, out: 2 }] }));
    expect(store.get().spans[0]?.call).toMatchObject({ answers: [{ text: 'Hello' }], first: 12, tokens: { out: 2 } });
  });

  it('answers an ask by its id, tells errors in words, and can be stopped', async () => {
    const { entry, sent, hear } = announced();
    const store = modelStore(entry);
    const good = store.ask('bundle');
    const bad = store.ask('bundle');
    const stop = new AbortController();
    const stopped = store.ask('bundle', undefined, stop.signal);
    const [, first, second] = sent;
    hear({ kind: 'answer', id: second?.id, error: 'No such call.' });
    hear({ kind: 'answer', id: first?.id, value: 7 });
    stop.abort();
    await expect(good).resolves.toBe(7);
    await expect(bad).rejects.toThrow('No such call.');
    await expect(stopped).rejects.toThrow('Stopped.');
  });

  it('gives up on a kernel that does not answer', async () => {
    vi.useFakeTimers();
    const { entry } = announced();
    const asked = modelStore(entry).ask('bundle');
    const told = expect(asked).rejects.toThrow(/did not answer within 30 s/);
    vi.advanceTimersByTime(31_000);
    await told;
  });

  it('is not live without a comm, without a kernel, or closed', async () => {
    const dead = fakeModel('dead', false);
    announce(dead.model);
    const entry = registry().models.get('dead');
    if (!entry) throw new Error('not announced');
    const restored = modelStore(entry);
    await settled();
    expect(restored.liveness()).toBe('saved');
    await expect(restored.ask('bundle')).rejects.toThrow(/No kernel/);

    const living = announced();
    const store = modelStore(living.entry);
    await settled();
    expect(store.liveness()).toBe('live');
    store.setKernel(false);
    expect(store.liveness()).toBe('saved');
    store.setKernel(true);
    living.fire('comm:close');
    expect(store.liveness()).toBe('saved');
  });

  it('shares the selection both ways, and saves it only while a kernel is there', async () => {
    const { entry, model, traits, fire } = announced();
    const store = modelStore(entry);
    await settled();
    const heard = vi.fn();
    store.subscribe(heard);
    store.select('a');
    expect(traits.selected).toBe('a');
    expect(model.save_changes).toHaveBeenCalledTimes(1);
    traits.selected = 'b';
    fire('change:selected');
    expect(store.selected()).toBe('b');
    expect(heard).toHaveBeenCalled();
    fire('comm:close');
    store.select('c');
    expect(store.selected()).toBe('c');
    expect(model.save_changes).toHaveBeenCalledTimes(1);
  });
});

describe('jsonStore', () => {
  it('says in a sentence what is wrong with the data', () => {
    for (const data of [null, 'not json', { v: 9 }, { v: 1 }, [], 7]) {
      const readiness = jsonStore(data).readiness?.();
      expect(readiness).toMatchObject({ error: expect.stringMatching(/[.]$/) });
    }
  });

  it('has the totals of packed data at once and the spans a moment later', async () => {
    const { gzipSync } = await import('node:zlib');
    const whole = wireWith([span('a', 0, { ms: 3 })], { state: 'done', ms: 3 });
    const store = jsonStore({ ...whole, spans: undefined, z: gzipSync(JSON.stringify(whole)).toString('base64') });
    expect(store.readiness?.()).toBe('loading');
    expect(store.get().totals.spans).toBe(1);
    const changed = vi.fn();
    store.subscribe(changed);
    await vi.waitFor(() => expect(store.readiness?.()).toBe('ready'));
    expect(store.get().spans).toHaveLength(1);
    expect(changed).toHaveBeenCalled();
  });
});
