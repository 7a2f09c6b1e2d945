import { useMemo } from 'preact/hooks';
import type { Store } from '../../wire/store';
import type { Wire, WireFrame } from '../../wire/types';
import { useWire } from '../more/useWire';

/** The spans of the rows behind the living store: selection and questions are its own. */
export function useSpans(frame: WireFrame, store: Store, trusted: boolean): Store {
  const inner = useWire(frame.wire, trusted);
  return useMemo(() => {
    let seen: { own?: Wire; told?: Wire; both?: Wire } = {};
    const get = () => {
      const [own, told] = [inner.get(), store.get()];
      // What the kernel adds: a call sent again, a span with its long texts.
      if (told.spans.length === 0) return own;
      if (own !== seen.own || told !== seen.told) {
        const again = new Set(told.spans.map((span) => span.id));
        const kept = own.spans.filter((span) => !again.has(span.id));
        seen = { own, told, both: { ...own, spans: [...kept, ...told.spans] } };
      }
      return seen.both ?? own;
    };
    const subscribe = (f: () => void) => {
      const ends = [inner.subscribe(f), store.subscribe(f)];
      return () => {
        for (const end of ends) end();
      };
    };
    const { ask, clock } = store;
    return { ...inner, get, subscribe, liveness: store.liveness, ...(ask && { ask }), ...(clock && { clock }) };
  }, [inner, store]);
}
