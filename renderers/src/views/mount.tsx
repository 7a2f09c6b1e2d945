import { render } from 'preact';
import type { Mount } from '../wire/store';
import { App } from './App';
import { Boundary } from './Boundary';
import { Commands } from './commands';
import { ViewProvider } from './context';
import { guardKeys } from './guardKeys';
import { keepPresses } from './keepPresses';
import { ViewState } from './state';
import { style } from './style';
import { watchSize } from './watchSize';

/** Most data is unpacked sooner: drawing that it is being read, then drawing it, would take longer than both. */
const LOADING_MS = 120;

/** Draw a store in an element. All hosts share this: a widget, a MIME renderer, a plain page. */
export const mount: Mount = (el, store, options = {}) => {
  const host = document.createElement('div');
  host.className = 'nbext-view';
  el.append(host);
  const shadow = host.attachShadow({ mode: 'open' });
  const unstyle = style(shadow);
  const root = document.createElement('div');
  root.className = 'nb';
  shadow.append(root);

  const state = new ViewState(store, options);
  const commands = new Commands(state);
  const unwatch = watchSize(root, state);
  const unguard = guardKeys(host);
  const unkeep = keepPresses(root);
  // A view with nothing in it yet takes no room.
  const unhide = state.wire.subscribe((wire) => {
    host.style.display = wire.spans.length === 0 && wire.state !== 'done' ? 'none' : '';
  });
  let wait: () => void = () => undefined;
  const draw = () => {
    wait();
    render(
      <ViewProvider value={{ state, commands }}>
        <Boundary>
          <App />
        </Boundary>
      </ViewProvider>,
      root,
    );
  };
  if (state.readiness.peek() === 'loading') wait = whenReady(state, draw);
  else draw();

  return {
    bind: (next) => state.bind(next),
    destroy() {
      wait();
      unhide();
      unstyle();
      unguard();
      unkeep();
      unwatch();
      state.dispose();
      render(null, root);
      host.remove();
    },
  };
};

/** Calls back once the data is unpacked, or when that takes long; returns the end of the waiting. */
function whenReady(state: ViewState, call: () => void): () => void {
  const timer = setTimeout(call, LOADING_MS);
  const stop = state.readiness.subscribe((readiness) => {
    if (readiness !== 'loading') call();
  });
  return () => {
    clearTimeout(timer);
    stop();
  };
}
