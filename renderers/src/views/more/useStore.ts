import { useLayoutEffect, useReducer } from 'preact/hooks';
import type { Store } from '../../wire/store';

/** Draw again whenever the store changes. */
export function useStore(store: Store): void {
  const [, again] = useReducer((n: number) => n + 1, 0);
  useLayoutEffect(() => store.subscribe(() => again(0)), [store]);
}
