import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Store } from '../../wire/store';
import { App } from '../App';
import { Commands } from '../commands';
import { ViewProvider } from '../context';
import { ViewState } from '../state';
import { watchSize } from '../watchSize';

/** A trace inside of another view: the calls behind a mark. */
export function Embedded({ store }: { store: Store }) {
  const root = useRef<HTMLDivElement>(null);
  const view = useMemo(() => {
    const state = new ViewState(store, { embedded: true });
    return { state, commands: new Commands(state) };
  }, [store]);
  useEffect(() => {
    const unwatch = root.current ? watchSize(root.current, view.state) : undefined;
    return () => {
      unwatch?.();
      view.state.dispose();
    };
  }, [view]);
  return (
    <div ref={root}>
      <ViewProvider value={view}>
        <App />
      </ViewProvider>
    </div>
  );
}
