import type { Store } from '../src/wire/store';
import type { Wire } from '../src/wire/types';

/** A store over a fixture: nothing changes but the selection. */
export function fixtureStore(wire: Wire): Store {
  let selected: string | null = null;
  const watchers = new Set<() => void>();
  return {
    get: () => wire,
    now: () => wire.ms ?? 1500,
    liveness: () => 'saved',
    subscribe: (changed) => {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    selected: () => selected,
    select: (id) => {
      selected = id;
      for (const changed of watchers) changed();
    },
  };
}
