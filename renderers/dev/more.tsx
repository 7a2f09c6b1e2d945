/** `?page=compare|join|overview|feedback|replay|prompts|frame`, `?theme=dark`, `?live=0`: views of the second chunk. */
import { decode } from '../src/model/decode';
import { more } from '../src/views/more/load';
import { views } from '../src/views/more/views';
import { mount } from '../src/views/mount';
import type { Wire } from '../src/wire/types';
import { compared } from './fixtures/compared';
import { frame } from './fixtures/frame';
import { joined, judged, pending } from './fixtures/joined';
import { overview } from './fixtures/overview';
import { support } from './fixtures/support';
import { fixtureStore } from './store';

more.bring = async () => views;

const query = new URLSearchParams(location.search);
if (query.get('theme')) document.body.dataset.jpThemeLight = String(query.get('theme') !== 'dark');

/** A kernel that answers at once, with what it has. */
function answer(what: string, value: unknown): unknown {
  if (what === 'calls') return { wire: support(), total: 16_219 };
  if (what === 'overview') return overview();
  if (what === 'feedback') return { assessments: [], note: 'Saved to the journal.' };
  if (what === 'look') return { table: 'main.llm.support_payload', matched: 0, pending: 1 };
  if (what === 'filter') return value;
  throw new Error(`The page for looking has no answer to ${what}.`);
}

function show(code: string, data: unknown) {
  const section = document.createElement('section');
  section.className = 'cell';
  const pre = document.createElement('pre');
  pre.className = 'code';
  pre.textContent = code;
  const out = document.createElement('div');
  out.className = 'out';
  section.append(pre, out);
  document.getElementById('cells')?.append(section);
  const store = fixtureStore(decode(data) as Wire);
  const live = query.get('live') !== '0';
  mount(out, {
    ...store,
    liveness: () => (live ? 'live' : 'saved'),
    ...(live && { ask: async (what: string, value?: unknown) => answer(what, value) }),
  });
}

const pages: Record<string, () => void> = {
  compare: () => show('nbext.compare(before, nbext.last)', compared()),
  join: () => {
    show('nbext.last.join(nbext.inference_table("main.llm.support_payload"))', joined());
    show('nbext.last.join(nbext.inference_table("main.llm.support_payload"))', pending());
  },
  overview: () => show('table = nbext.inference_table("main.llm.support_payload")\ntable.overview(days=7)', overview()),
  feedback: () => show('nbext.last.calls[5]', judged()),
  replay: () => show('nbext.last.calls[5].replay()', judged(true)),
  frame: () => show('calls = nbext.calls_df()\ncalls.gateway.show()', frame()),
};

(pages[query.get('page') ?? 'compare'] ?? pages.compare)?.();
