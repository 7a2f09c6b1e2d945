import { useEffect, useState } from 'preact/hooks';
import { type Bucket, bucketsOf, groupIn } from '../../model/overview';
import type { Store } from '../../wire/store';
import type { OverviewAsk, OverviewFilter, WireGrain, WireGroup, WireOverview } from '../../wire/types';

/** Presses come in a row: the kernel is asked once they stop. */
const QUIET_MS = 150;

/** The numbers of a filter: asked of the kernel; null while it has not answered, or there is none. */
function useAsked(store: Store, ask: OverviewAsk | null): { numbers: WireOverview | null; error: string } {
  const [got, setGot] = useState<{ key: string; numbers: WireOverview | null; error: string }>();
  const key = JSON.stringify(ask);
  const live = store.liveness() === 'live';
  useEffect(() => {
    if (!ask || !live) return;
    let old = false;
    const timer = setTimeout(() => {
      store.ask?.('overview', ask).then(
        (value) => !old && setGot({ key, numbers: value as WireOverview, error: '' }),
        (error: Error) => !old && setGot({ key, numbers: null, error: error.message }),
      );
    }, QUIET_MS);
    return () => {
      old = true;
      clearTimeout(timer);
    };
  }, [key, live]);
  return ask && got?.key === key ? got : { numbers: null, error: '' };
}

export interface Numbers {
  /** For the graphs: of the group and status that are chosen, over the whole time. */
  graphs: Pick<WireOverview, 'from' | 'to' | 'step' | 'buckets'>;
  /** For the table: of the window and status that are chosen. */
  groups: WireGroup[];
  /** What the numbers could not follow, in a sentence. */
  lack: string;
}

/** With a kernel all numbers follow the filter; without, those that the saved data can be summed to. */
export function useNumbers(store: Store, overview: WireOverview, grain: WireGrain, filter: OverviewFilter): Numbers {
  const { from, to, value, status } = filter;
  const windowed = from !== undefined && to !== undefined;
  const group = value === undefined ? undefined : overview.groups[filter.grain ?? grain]?.find((g) => g.name === value);
  const graphs = useAsked(
    store,
    value !== undefined || status ? { range: overview.range, grain: filter.grain, value, status } : null,
  );
  const table = useAsked(store, windowed || status ? { range: overview.range, from, to, status } : null);

  let buckets: Bucket[] = overview.buckets;
  let lack = graphs.error || table.error;
  if (graphs.numbers) buckets = graphs.numbers.buckets;
  else if (group) {
    const own = bucketsOf(overview, group);
    if (own) buckets = own;
    else if (store.liveness() !== 'live') lack ||= 'The graphs show all: their numbers by group need a kernel.';
  }
  let groups = overview.groups[grain] ?? [];
  if (table.numbers) groups = table.numbers.groups[grain] ?? [];
  else if (windowed) {
    const cut = groups.map((each) => groupIn(overview, each, from, to));
    if (cut.every((each) => each !== null)) groups = cut as WireGroup[];
    else if (store.liveness() !== 'live')
      lack ||= 'The table shows the whole time: its numbers of a window need a kernel.';
  }
  return { graphs: { from: overview.from, to: overview.to, step: overview.step, buckets }, groups, lack };
}
