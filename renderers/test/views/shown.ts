import { afterEach, beforeAll } from 'vitest';
import { mount } from '../../src/views/mount';
import { jsonStore } from '../../src/wire/jsonStore';
import type { Store, View } from '../../src/wire/store';

/** happy-dom lays nothing out: a view is as wide as this. */
beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => 1100, configurable: true });
});

let view: View | undefined;

/** End the view that is shown. */
export function close() {
  view?.destroy();
  view = undefined;
}

afterEach(() => {
  close();
  document.body.replaceChildren();
});

export const drawn = () => new Promise((resolve) => setTimeout(resolve, 30));

/** Draw data in a page, with hands to find and press what is in it. */
export function show(wire: unknown, change: (store: Store) => Store = (store) => store) {
  const place = document.createElement('div');
  document.body.append(place);
  const store = change(jsonStore(wire));
  const drawnView = mount(place, store);
  view = drawnView;
  const host = place.firstElementChild as HTMLElement;
  const root = host.shadowRoot as ShadowRoot;
  const all = (css: string) => [...root.querySelectorAll<HTMLElement>(css)];
  const one = (css: string) => root.querySelector<HTMLElement>(css);
  const press = async (key: string, on: Element | null = one('.nb-rows'), more = {}) => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true, ...more });
    on?.dispatchEvent(event);
    await drawn();
    return event;
  };
  const scroll = (to: number) => {
    const rows = one('.nb-rows') as HTMLElement;
    rows.scrollTop = to;
    rows.dispatchEvent(new Event('scroll'));
    return drawn();
  };
  const labels = () => all('.nb-slab .nb-row').map((row) => row.getAttribute('aria-label') ?? '');
  return { place, view: drawnView, host, root, store, all, one, press, scroll, labels };
}
