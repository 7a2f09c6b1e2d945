import { type ComponentChild, render } from 'preact';

/** Draw a part in a page of its own and look at it. */
export function draw(part: ComponentChild) {
  const place = document.createElement('div');
  document.body.append(place);
  render(part, place);
  const all = (css: string) => [...place.querySelectorAll<HTMLElement>(css)];
  const one = (css: string) => {
    const found = place.querySelector<HTMLElement>(css);
    if (!found) throw new Error(`nothing matches ${css}`);
    return found;
  };
  return {
    place,
    all,
    one,
    text: (css: string) => one(css).textContent?.replace(/\s+/g, ' ').trim() ?? '',
    again: (next: ComponentChild) => render(next, place),
    /** A task later: all that is due is drawn. */
    settle: () => new Promise((done) => setTimeout(done, 20)),
    press: (css: string) => one(css).click(),
    key: (css: string, key: string) => {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true });
      one(css).dispatchEvent(event);
      return event;
    },
    named: (name: string) => {
      const found = all('button').find((b) => (b.getAttribute('aria-label') ?? b.textContent)?.includes(name));
      if (!found) throw new Error(`no button says ${name}`);
      return found;
    },
  };
}
