import { type ComponentChildren, createContext } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import type { Store } from '../../wire/store';
import type { WirePart, WireSpan } from '../../wire/types';
import { Trusted } from './trust';

/** Gives the data URL of an image or a sound that is shown by its size alone; absent without a kernel. */
type BytesOf = (part: WirePart) => Promise<string>;

const Bytes = createContext<BytesOf | undefined>(undefined);

export const useBytes = () => useContext(Bytes);

interface Props {
  span: WireSpan;
  store: Store;
  children: ComponentChildren;
}

/** What the parts of a span need to know of where they are. */
export function Around({ span, store, children }: Props) {
  const live = store.liveness() === 'live' && Boolean(store.ask);
  const bytes = useMemo(
    () => (live ? (part: WirePart) => askBytes(span, store, part) : undefined),
    [live, span, store],
  );
  return (
    <Trusted.Provider value={store.liveness() !== 'untrusted'}>
      <Bytes.Provider value={bytes}>{children}</Bytes.Provider>
    </Trusted.Provider>
  );
}

async function askBytes(span: WireSpan, store: Store, part: WirePart): Promise<string> {
  for (const of of ['messages', 'answers'] as const) {
    for (const [message, { parts }] of (span.call?.[of] ?? []).entries()) {
      const place = parts?.indexOf(part) ?? -1;
      if (place >= 0) return String(await store.ask?.('media', { span: span.id, of, message, part: place }));
    }
  }
  throw new Error('It is no part of this call.');
}
