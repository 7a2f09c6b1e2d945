import { render } from 'preact';
import type { Mount } from '../wire/store';
import { App } from './App';
import { Boundary } from './Boundary';
import { Commands } from './commands';
import { ViewProvider } from './context';
import { guardKeys } from './guardKeys';
import { ViewState } from './state';
import { style } from './style';
import { watchSize } from './watchSize';

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
  // A view with nothing in it yet takes no room.
  const unhide = state.wire.subscribe((wire) => {
    host.style.display = wire.spans.length === 0 && wire.state !== 'done' ? 'none' : '';
  });
  render(
    <ViewProvider value={{ state, commands }}>
      <Boundary>
        <App />
      </Boundary>
    </ViewProvider>,
    root,
  );

  return {
    bind: (next) => state.bind(next),
    destroy() {
      unhide();
      unstyle();
      unguard();
      unwatch();
      state.dispose();
      render(null, root);
      host.remove();
    },
  };
};
