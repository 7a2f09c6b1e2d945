import { decode } from '../model/decode';
import { fromSnapshot, type Live, reduce } from '../model/live';
import { emptyWire, lastEnd } from './jsonStore';
import type { Announced, WidgetModel } from './registry';
import type { Liveness, Store } from './store';
import type { Answer, Ask, Delta, Snapshot, Wire } from './types';

const ASK_TIMEOUT_MS = 30_000;
/** While the cell runs the kernel answers late: do not ask again at every delta. */
const SNAPSHOT_EVERY_MS = 2_000;

export interface ModelStore extends Store {
  ask(what: string, value?: unknown, signal?: AbortSignal): Promise<unknown>;
  /** True once there is something of the model's own to draw. */
  filled(): boolean;
  /** Told by the host: the kernel behind the model is there or not. */
  setKernel(alive: boolean): void;
  destroy(): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * A store over a living model. Deltas arrive as custom messages; a gap in their revisions asks for
 * a snapshot, and what there is stays drawn meanwhile. `base` is saved data to begin with.
 */
export function modelStore(entry: Announced, base?: Wire): ModelStore {
  const { model, uid } = entry;
  const changed = new Set<() => void>();
  const waiting = new Map<string, Waiting>();
  const first = base ?? emptyWire({ uid });
  let live: Live = fromSnapshot({ kind: 'snapshot', rev: -1, now: first.ms ?? lastEnd(first), wire: first });
  let filled = false;
  /** Deltas were lost: ask, and ask again, until a snapshot is there. */
  let gap = false;
  let kernelAlive = true;
  let commAlive = true;
  let closed = entry.closed;
  let askedAt = Number.NEGATIVE_INFINITY;
  let heardAt = performance.now();

  const tell = () => {
    for (const f of [...changed]) f();
  };
  const liveness = (): Liveness => (kernelAlive && commAlive && !closed ? 'live' : 'saved');

  const askSnapshot = () => {
    const now = performance.now();
    if (liveness() !== 'live' || now - askedAt < SNAPSHOT_EVERY_MS) return;
    askedAt = now;
    post(model, { kind: 'ask', id: newId(), what: 'snapshot' });
  };

  const take = (next: Live) => {
    live = next;
    filled = true;
    heardAt = performance.now();
    tell();
  };

  const takeSnapshot = async (message: Snapshot) => {
    const wire = await decode(message.wire);
    if (message.id) answered(waiting, { kind: 'answer', id: message.id });
    if (message.rev < live.rev) return;
    gap = false;
    take(reduce(live, { ...message, wire }));
  };

  const takeDelta = (message: Delta) => {
    if (message.rev <= live.rev) return;
    const begins = live.rev === -1 && message.rev <= 1;
    gap ||= message.rev !== live.rev + 1 && !begins;
    if (!filled && !base) live = { ...live, wire: { ...live.wire, start: Date.now() - message.now } };
    // Also after a gap: spans come whole, so what is drawn is right as far as it goes.
    take(reduce({ ...live, rev: message.rev - 1, stale: false }, message));
    if (gap) askSnapshot();
  };

  const read = (content: unknown) => {
    const message = content as Delta | Snapshot | Answer | null;
    if (typeof message !== 'object' || message === null) return;
    if (message.kind === 'delta') takeDelta(message);
    else if (message.kind === 'snapshot') takeSnapshot(message).catch(() => askSnapshot());
    else if (message.kind === 'answer') answered(waiting, message);
  };

  const selection = () => tell();
  const comm = () => {
    readComm(model, uid).then((alive) => {
      if (alive === commAlive) return;
      commAlive = alive;
      tell();
    });
  };
  const close = () => {
    closed = true;
    for (const each of waiting.values()) each.reject(new Error('The view was closed in the kernel.'));
    waiting.clear();
    tell();
  };
  const listeners: [string, () => void][] = [
    ['change:selected', selection],
    ['change:filter', selection],
    ['comm_live_update', comm],
    ['comm:close', close],
    ['destroy', close],
  ];
  for (const [name, f] of listeners) model.on(name, f);
  for (const early of entry.queue.splice(0)) read(early);
  entry.readers.add(read);
  comm();
  if (!filled) askSnapshot();

  const push = (name: string, value: unknown) => {
    model.set(name, value);
    // Saving without a comm only logs an error of ipywidgets.
    if (liveness() === 'live') model.save_changes();
    tell();
  };

  return {
    get: () => live.wire,
    now: () =>
      live.wire.state === 'running' ? live.now + performance.now() - heardAt : (live.wire.ms ?? lastEnd(live.wire)),
    clock: () => live.now + performance.now() - heardAt,
    liveness,
    subscribe(f) {
      changed.add(f);
      return () => changed.delete(f);
    },
    selected: () => stringOrNull(model.get('selected')),
    select(id) {
      if (id !== stringOrNull(model.get('selected'))) push('selected', id);
    },
    filter: () => stringOrNull(model.get('filter')) ?? '',
    setFilter(text) {
      if (text !== (stringOrNull(model.get('filter')) ?? '')) push('filter', text);
    },
    setVisible(ids) {
      if (liveness() !== 'live') return;
      model.set('visible', ids);
      model.save_changes();
    },
    planned: () => live.planned,
    filled: () => filled,
    setKernel(alive) {
      if (alive === kernelAlive) return;
      kernelAlive = alive;
      tell();
    },
    ask(what, value, signal) {
      if (liveness() !== 'live')
        return Promise.reject(new Error('No kernel is behind this view. Run the cell to make it live.'));
      return asked(model, waiting, what, value, signal);
    },
    destroy() {
      for (const [name, f] of listeners) model.off(name, f);
      entry.readers.delete(read);
      changed.clear();
    },
  };
}

function answered(waiting: Map<string, Waiting>, message: Answer): void {
  const one = waiting.get(message.id);
  if (!one) return;
  waiting.delete(message.id);
  if (message.error) one.reject(new Error(message.error));
  else one.resolve(message.value);
}

function asked(
  model: WidgetModel,
  waiting: Map<string, Waiting>,
  what: string,
  value: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  const id = newId();
  return new Promise((resolve, reject) => {
    const give = (error: Error) => {
      if (waiting.delete(id)) reject(error);
    };
    const timer = setTimeout(
      () => give(new Error(`The kernel did not answer within ${ASK_TIMEOUT_MS / 1000} s. It may be running a cell.`)),
      ASK_TIMEOUT_MS,
    );
    const end =
      <T>(f: (given: T) => void) =>
      (given: T) => {
        clearTimeout(timer);
        f(given);
      };
    waiting.set(id, { resolve: end(resolve), reject: end(reject) });
    signal?.addEventListener('abort', () => give(new Error('Stopped.')), { once: true });
    post(model, { kind: 'ask', id, what: what as Ask['what'], ...(value === undefined ? {} : { value }) } as Ask);
  });
}

function post(model: WidgetModel, message: Ask): void {
  model.send(message);
}

/** Models restored from a file have no comm: they are not live, though they exist. */
async function readComm(model: WidgetModel, uid: string): Promise<boolean> {
  try {
    const found = await model.widget_manager?.get_model?.(uid);
    return found?.comm_live ?? true;
  } catch {
    return true;
  }
}

const stringOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function newId(): string {
  // randomUUID is missing on plain http, where many Jupyter servers live.
  return globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
