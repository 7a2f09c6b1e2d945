import type { ModelStore } from '../../wire/modelStore';
import type { Wire } from '../../wire/types';
import type { MimeModel } from './types';

export const MIME = 'application/vnd.nbext.trace.v1+json';
const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';

/** The kernel's own `update_display` comes first; this is for pages that forgot the display id. */
const WAIT_MS = 1_500;

/** Is the saved bundle older than the finished trace of the kernel? */
function stale(model: MimeModel, wire: Wire): boolean {
  const saved = model.data[MIME] as { state?: string } | undefined;
  return wire.state === 'done' && saved?.state !== 'done';
}

/**
 * A page reloaded during the cell loses the final update of its output, and a save would keep the
 * half-done bundle. The kernel is asked for the whole one, once, and it is put where saving finds it.
 */
export function writeBack(model: () => MimeModel | null, store: ModelStore): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let done = false;

  const write = async () => {
    const before = model();
    if (done || !before || !stale(before, store.get()) || store.liveness() !== 'live') return;
    done = true;
    const bundle = await store.ask('bundle').catch(() => null);
    const now = model();
    if (!now || typeof bundle !== 'object' || bundle === null || !stale(now, store.get())) return;
    const { [WIDGET_VIEW]: _, ...data } = { ...now.data, ...(bundle as Record<string, unknown>) };
    now.setData({ data });
  };
  const check = () => {
    const at = model();
    if (done || timer !== undefined || !at || !stale(at, store.get())) return;
    timer = setTimeout(() => {
      timer = undefined;
      write();
    }, WAIT_MS);
  };
  const stop = store.subscribe(check);
  check();
  return () => {
    stop();
    clearTimeout(timer);
  };
}
