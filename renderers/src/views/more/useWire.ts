import { useLayoutEffect, useMemo, useReducer } from 'preact/hooks';
import { jsonStore } from '../../wire/jsonStore';
import type { Store } from '../../wire/store';
import type { StoredWire } from '../../wire/types';

/** A Wire inside of other data, in whatever form it is stored: the store over it, drawn again once it is unpacked. */
export function useWire(stored: StoredWire | undefined, trusted: boolean): Store {
  const [, again] = useReducer((n: number) => n + 1, 0);
  const store = useMemo(() => jsonStore(stored ?? {}, trusted ? 'saved' : 'untrusted'), [stored, trusted]);
  // Before the paint: a small one is unpacked sooner than an effect after it runs, and nobody would hear.
  useLayoutEffect(() => store.subscribe(() => again(0)), [store]);
  return store;
}
