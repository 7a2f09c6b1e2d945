import { duration, whole } from '../model/format';
import { statusOf } from '../model/kind';
import type { SplitKind } from '../model/types';
import { SPLIT_WORDS } from '../model/words';
import { PART_STATUS } from './commands';
import { useView } from './context';
import { Icon } from './parts/Icon';
import { FILL } from './Split';
import { HUGE, type ViewState } from './state';
import { watched } from './watched';

/** ms: with many spans the question is which took long. */
const SLOW_MS = 5000;

interface Item {
  kind: SplitKind;
  word: string;
  value: string;
}

/** Times along the critical path, which add up to the whole; of very many spans, their numbers. */
function itemsOf(state: ViewState): Item[] {
  if (state.wire.value.spans.length < HUGE) {
    return state.parts.value.map(({ kind, ms }) => ({ kind, word: SPLIT_WORDS[kind], value: duration(ms) }));
  }
  const counts = new Map<SplitKind, number>();
  for (const node of state.tree.value.order) counts.set(node.kind, (counts.get(node.kind) ?? 0) + 1);
  const kinds: SplitKind[] = ['model', 'tool', 'data', 'flow'];
  return kinds.flatMap((kind) => {
    const n = counts.get(kind);
    return n ? [{ kind, word: SPLIT_WORDS[kind], value: whole(n) }] : [];
  });
}

function pressed(state: ViewState, kind: SplitKind): boolean {
  const { kinds, statuses, retried } = state.filter.value;
  if (kind === 'wait') return !!retried;
  if (kind === 'hold' || kind === 'error') return PART_STATUS[kind].every((status) => statuses?.has(status));
  return !!kinds?.has(kind);
}

/** The legend is the sum and the filter. */
export const Legend = watched(function Legend() {
  const { state, commands } = useView();
  const huge = state.wire.value.spans.length >= HUGE;
  return (
    <div class="nb-legend" role="toolbar" aria-label="Where the time went. Press to filter.">
      {itemsOf(state).map(({ kind, word, value }) => (
        <button
          type="button"
          key={kind}
          aria-pressed={pressed(state, kind)}
          title={`Show only: ${word}`}
          onClick={() => commands.part(kind)}
        >
          <span class={`sw ${FILL[kind]}`} />
          {word} <b>{value}</b>
        </button>
      ))}
      <span class="sp" />
      {huge ? <BigFilters /> : <PathButton />}
    </div>
  );
});

const PathButton = watched(function PathButton() {
  const { state, commands } = useView();
  return (
    <button
      type="button"
      class="wide"
      aria-pressed={state.critical.value}
      title="Underline what the run waited for (p)"
      onClick={() => commands.critical()}
    >
      <Icon name="path" />
      critical path
    </button>
  );
});

const BigFilters = watched(function BigFilters() {
  const { state, commands } = useView();
  const { order, failed } = state.tree.value;
  const { statuses, minMs } = state.filter.value;
  const errors = failed.filter((node) => statusOf(node.span) === 'error').length;
  const slow = order.filter((node) => node.children.length === 0 && node.end - node.span.at > SLOW_MS).length;
  return (
    <>
      {errors > 0 && (
        <button
          type="button"
          class="mid"
          aria-pressed={!!statuses?.has('error')}
          onClick={() => commands.part('error')}
        >
          errors <b>{whole(errors)}</b>
        </button>
      )}
      {slow > 0 && (
        <button
          type="button"
          class="mid"
          aria-pressed={minMs === SLOW_MS}
          onClick={() => commands.filter({ minMs: minMs === SLOW_MS ? undefined : SLOW_MS })}
        >
          over 5 s <b>{whole(slow)}</b>
        </button>
      )}
      <button
        type="button"
        class="wide"
        aria-label="More filters"
        aria-expanded={state.filtersOpen.value}
        onClick={() => commands.filters()}
      >
        <Icon name="more" />
      </button>
    </>
  );
});
