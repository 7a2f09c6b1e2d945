/**
 * Where the widget half and the MIME half of nbext meet in a page: the anywidget module of a trace
 * announces its model here, the renderer that has drawn the saved data binds to it. A page-global,
 * since the two are separate bundles (and may be of different versions: hence the version in the key).
 */

/** The part of anywidget's model that we use. */
export interface WidgetModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string | null, callback?: ((...args: never[]) => void) | null): void;
  send(content: unknown, callbacks?: unknown, buffers?: unknown): void;
  /** Wider than anywidget promises: guard every step. */
  widget_manager?: {
    get_model?(id: string): Promise<{ comm_live?: boolean }> | undefined;
    kernel?: { id?: string } | null;
  };
}

/** A model and the messages nobody has read yet. */
export interface Announced {
  uid: string;
  model: WidgetModel;
  /** Messages that came before a view was there. */
  queue: unknown[];
  /** Views that take the messages; one model may be drawn in several places. */
  readers: Set<(message: unknown) => void>;
  closed: boolean;
}

export interface Registry {
  models: Map<string, Announced>;
  /** Dispatches `model` with the uid as detail when a model was announced. */
  target: EventTarget;
}

const KEY = Symbol.for('nbext.registry.v1');

export function registry(): Registry {
  const page = globalThis as { [KEY]?: Registry };
  page[KEY] ??= { models: new Map(), target: new EventTarget() };
  return page[KEY];
}

/** A view that comes late asks for a snapshot, so old messages need not be kept without end. */
const QUEUE_LIMIT = 2000;

/** Put a model where views find it; returns its removal. */
export function announce(model: WidgetModel): () => void {
  const uid = String(model.get('uid'));
  const { models, target } = registry();
  const entry: Announced = { uid, model, queue: [], readers: new Set(), closed: false };
  const message = (content: unknown) => {
    for (const read of [...entry.readers]) read(content);
    if (entry.readers.size === 0 && entry.queue.push(content) > QUEUE_LIMIT) entry.queue.shift();
  };
  model.on('msg:custom', message as (...args: never[]) => void);
  models.set(uid, entry);
  target.dispatchEvent(new CustomEvent('model', { detail: uid }));
  return () => {
    entry.closed = true;
    model.off('msg:custom', message as (...args: never[]) => void);
    // The model of a re-run cell may have taken the place already.
    if (models.get(uid) === entry) models.delete(uid);
    target.dispatchEvent(new CustomEvent('model', { detail: uid }));
  };
}
