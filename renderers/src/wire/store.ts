import type { Wire } from './types';

/** `live`: a kernel is behind it; `saved`: data only; `untrusted`: data only, and links and actions are off. */
export type Liveness = 'live' | 'saved' | 'untrusted';

/** Data that is still being unpacked, or could not be. `error` is a sentence for the user. */
export type Readiness = 'ready' | 'loading' | { error: string };

/**
 * What a view draws from. One view, several stores: JSON of a saved output, a living model.
 * `get()` returns a decoded Wire (string table resolved); its spans keep their identity between
 * changes unless they changed, so a view can compare by `===`.
 */
export interface Store {
  get(): Wire;
  /** Absent: always ready. While loading, `get()` has the totals but no spans. */
  readiness?(): Readiness;
  /** Capture clock in ms while running (wall time since start), else the capture's length. */
  now(): number;
  /** The capture's clock as the kernel told it last, and on from there: also while a finished one is added to. */
  clock?(): number;
  liveness(): Liveness;
  /** Called after every change; returns its own removal. */
  subscribe(changed: () => void): () => void;
  /** Ids selected in the view, shared with Python when live. */
  selected(): string | null;
  select(id: string | null): void;
  /** Planned number of calls, when the kernel knows it. */
  planned?(): number | undefined;
  /** The text the view is filtered by, shared with Python when live. */
  filter?(): string;
  setFilter?(text: string): void;
  /** Ids of the spans on the screen, told to Python when live. */
  setVisible?(ids: string[]): void;
  /** Ask the kernel to do something; rejects with a sentence for the user. Absent when not live. */
  ask?(what: string, value?: unknown): Promise<unknown>;
}

/** The one viewer; see views/mount.tsx. */
export interface View {
  /** Draw from another store, in place: fold, scroll and selection stay. */
  bind(store: Store): void;
  destroy(): void;
}

export type Mount = (el: HTMLElement, store: Store, options?: MountOptions) => View;

export interface MountOptions {
  /** Cap on the height of the tree in rows; 25 if absent, and never over 70 % of the window. */
  maxRows?: number;
  /** Start as three lines: facts, question, answer. */
  folded?: boolean;
  /** Rows of a table inside of another view: no kernel could do more with them, so its lack is not said. */
  embedded?: boolean;
}
