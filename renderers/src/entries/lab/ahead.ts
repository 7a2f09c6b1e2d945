import { mount } from '../../views/mount';
import { jsonStore } from '../../wire/jsonStore';

const span = (id: string, more: object) => ({ id, name: id, at: 0, ms: 2, ...more });
const call = { api: 'chat.completions', model: 'm', messages: [], answers: [], attempts: [{ at: 0, ms: 2 }] };
const spans = [span('a', { type: 'AGENT' }), span('b', { type: 'LLM', parent: 'a', call })];
const SMALL = { v: 1, uid: 'ahead', state: 'done', start: 0, ms: 2, spans, totals: { spans: 2, calls: 1 } };

/**
 * JupyterLab has the script long before the first trace. While it has nothing to do, the style sheets are
 * parsed and a small trace is drawn in an element that is in no page, so that the first that is seen finds
 * its code ready.
 */
export function drawAhead(): void {
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  idle(() => {
    try {
      mount(document.createElement('div'), jsonStore(SMALL)).destroy();
    } catch {
      // What is wrong is said where there is something to draw.
    }
  });
}
