import { decode } from '../model/decode';
import type { Liveness, Readiness, Store } from './store';
import type { Wire } from './types';

/** Stands in until the data is there: the totals of a packed bundle are readable at once. */
export function emptyWire(from: unknown): Wire {
  const known = (typeof from === 'object' && from !== null ? from : {}) as Partial<Wire>;
  return {
    v: 1,
    uid: typeof known.uid === 'string' ? known.uid : '',
    ...(typeof known.name === 'string' ? { name: known.name } : {}),
    state: 'done',
    start: typeof known.start === 'number' ? known.start : 0,
    ...(typeof known.ms === 'number' ? { ms: known.ms } : {}),
    spans: [],
    totals: known.totals ?? { spans: 0, calls: 0 },
  };
}

/** A store over saved data: any stored form (plain, string table, packed). Never throws. */
export function jsonStore(data: unknown, liveness: Exclude<Liveness, 'live'> = 'saved'): Store {
  const changed = new Set<() => void>();
  let wire = emptyWire(data);
  let readiness: Readiness = 'loading';
  let selected: string | null = null;
  const tell = () => {
    for (const f of [...changed]) f();
  };
  const done = (decoded: Wire) => {
    wire = decoded;
    readiness = 'ready';
  };
  const failed = (error: unknown) => {
    readiness = { error: error instanceof Error ? error.message : String(error) };
  };
  try {
    const decoded = decode(data);
    if (decoded instanceof Promise) decoded.then(done, failed).finally(tell);
    else done(decoded);
  } catch (error) {
    failed(error);
  }
  return {
    get: () => wire,
    readiness: () => readiness,
    now: () => wire.ms ?? lastEnd(wire),
    liveness: () => liveness,
    subscribe(f) {
      changed.add(f);
      return () => changed.delete(f);
    },
    selected: () => selected,
    select(id) {
      if (id === selected) return;
      selected = id;
      tell();
    },
  };
}

/** Saved while it ran: the clock stands where the last span was. */
export function lastEnd(wire: Wire): number {
  let end = 0;
  for (const span of wire.spans) end = Math.max(end, span.at + (span.ms ?? 0));
  return end;
}
