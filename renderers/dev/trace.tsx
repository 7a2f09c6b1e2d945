/** `?page=live|batch|states|keys|deep`, `?theme=dark`, `?n=50000`: whole views, each as a host mounts it. */
import { mount } from '../src/views/mount';
import type { Liveness } from '../src/wire/store';
import type { Wire } from '../src/wire/types';
import { agent } from './fixtures/agent';
import { batch } from './fixtures/batch';
import { ENRICH_NOW, enrich } from './fixtures/enrich';
import { fixtureStore } from './store';

const query = new URLSearchParams(location.search);
if (query.get('theme')) document.body.dataset.jpThemeLight = String(query.get('theme') !== 'dark');

function output(code?: string): HTMLElement {
  if (code !== undefined) {
    const section = document.createElement('section');
    section.className = 'cell';
    const pre = document.createElement('pre');
    pre.className = 'code';
    pre.textContent = code;
    const out = document.createElement('div');
    out.className = 'out';
    section.append(pre, out);
    document.getElementById('cells')?.append(section);
  }
  const place = document.createElement('div');
  place.style.marginBottom = '8px';
  [...document.querySelectorAll('.out')].at(-1)?.append(place);
  return place;
}

function show(wire: Wire, liveness: Liveness = 'live', code?: string, now?: number) {
  const store = { ...fixtureStore(wire), liveness: () => liveness, ...(now !== undefined && { now: () => now }) };
  return mount(output(code), store);
}

const small = (more: Partial<Wire>): Wire => ({
  v: 1,
  uid: 'dev',
  state: 'done',
  start: 0,
  spans: [],
  totals: { spans: 0, calls: 0 },
  ...more,
});

const pages: Record<string, () => void> = {
  live: () =>
    void show(enrich(), 'saved', 'labels = await asyncio.gather(*(classify(t) for t in tickets[:50]))', ENRICH_NOW),
  batch: () => {
    const wire = batch(Number(query.get('n') ?? 10_000));
    const begin = performance.now();
    show(wire, 'live', 'scores = await run_eval(items)');
    requestAnimationFrame(() =>
      setTimeout(() => console.log(`first paint ${Math.round(performance.now() - begin)} ms`)),
    );
  },
  states: () => {
    show(small({ other: 3 }), 'live', '# each on its own, as it appears under a cell');
    mount(output(), {
      ...fixtureStore(small({ name: 'eval_batch', ms: 252_000, totals: { spans: 3412, calls: 812 } })),
      readiness: () => 'loading',
    });
    mount(output(), {
      ...fixtureStore(small({})),
      readiness: () => ({ error: 'The saved trace is damaged: its data is not JSON. Run the cell again.' }),
    });
    show(small({ failed: { count: 2, first: 'body was read before the hook.' }, totals: { spans: 410, calls: 410 } }));
    const cut = agent();
    show({ ...cut, cut: { spans: 3412, bytes: 1_000_000 }, saved: '2026-10-14T14:02:00Z' }, 'saved');
    show({ ...agent(), saved: '2026-10-14T14:02:00Z' }, 'untrusted');
  },
  running: () => {
    // The agent, 4.4 s after it began.
    const now = 4400;
    const spans = agent()
      .spans.filter((span) => span.at < now)
      .map((span) => (span.at + (span.ms ?? 0) > now ? { ...span, ms: undefined, status: 'running' as const } : span));
    show(small({ name: 'churn_agent', state: 'running', spans }), 'saved', 'report = await churn_agent(…)', now);
    const few = enrich();
    show({ ...few, spans: few.spans.slice(38) }, 'saved', 'a few calls', ENRICH_NOW);
  },
  deep: () => {
    const spans = Array.from({ length: 1400 }, (_, i) => ({
      id: `s${i}`,
      ...(i && { parent: `s${i - 1}` }),
      name: `level ${i}`,
      type: 'CHAIN',
      at: i,
      ms: 3000 - 2 * i,
    }));
    show(small({ name: 'deep', ms: 3000, spans, totals: { spans: 1400, calls: 0 } }), 'live', 'recurse(1400)');
  },
};

(pages[query.get('page') ?? 'live'] ?? pages.live)?.();
