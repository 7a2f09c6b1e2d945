/** The small part of JupyterLab and Lumino that the renderer touches. */

export interface LuminoWidget {
  readonly node: HTMLElement;
  readonly parent: LuminoWidget | null;
  readonly isAttached: boolean;
  readonly isDisposed: boolean;
  addClass(name: string): void;
  dispose(): void;
}

export type WidgetClass = new (...args: unknown[]) => LuminoWidget;

interface Signal {
  connect(slot: () => void): boolean;
  disconnect(slot: () => void): boolean;
}

export interface SessionContext {
  session: { kernel: { id: string; status?: string; connectionStatus?: string } | null } | null;
  kernelChanged?: Signal;
  statusChanged?: Signal;
  connectionStatusChanged?: Signal;
}

export interface MimeModel {
  readonly trusted: boolean;
  readonly data: Record<string, unknown>;
  readonly metadata: Record<string, unknown>;
  setData(options: { data?: Record<string, unknown>; metadata?: Record<string, unknown> }): void;
}

/** One entry of the module federation share scope. */
interface Shared {
  get(): Promise<() => unknown>;
  loaded?: boolean | number;
}
export type ShareScope = Record<string, Record<string, Shared> | undefined>;
