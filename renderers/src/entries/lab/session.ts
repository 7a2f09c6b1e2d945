import type { LuminoWidget, SessionContext } from './types';

/**
 * The kernel session of the document an output is in. An output shown elsewhere ("Create New View
 * for Output") has none above it.
 */
export function sessionAbove(widget: LuminoWidget): SessionContext | null {
  for (let at: LuminoWidget | null = widget.parent; at; at = at.parent) {
    const owner = at as { sessionContext?: SessionContext; context?: { sessionContext?: SessionContext } };
    const found = owner.sessionContext ?? owner.context?.sessionContext;
    if (found && 'session' in found) return found;
  }
  return null;
}

const DEAD = new Set(['dead', 'terminating', 'restarting', 'autorestarting']);

export function kernelAlive(session: SessionContext | null): boolean {
  if (!session) return true;
  const kernel = session.session?.kernel;
  return !!kernel && !DEAD.has(kernel.status ?? '') && kernel.connectionStatus !== 'disconnected';
}

/**
 * A copy of a notebook opened beside the original holds the same uid: its outputs must not be bound
 * to the other's kernel.
 */
export function sameKernel(session: SessionContext | null, kernelId: string | undefined): boolean {
  if (!session || kernelId === undefined) return true;
  return session.session?.kernel?.id === kernelId;
}

/** Calls back whenever the kernel may have changed or died; returns the end of it. */
export function watchSession(session: SessionContext | null, changed: () => void): () => void {
  const signals = [session?.kernelChanged, session?.statusChanged, session?.connectionStatusChanged];
  for (const signal of signals) signal?.connect(changed);
  return () => {
    for (const signal of signals) signal?.disconnect(changed);
  };
}
