/**
 * The script of the self-contained HTML file: draws every `<script type="application/json">` whose id
 * begins with `nbext-`, in the element that names it (`data-nbext-for`) or in a new one after it. What
 * stands in that element, the text for readers without scripts, is taken away once the view is there.
 */
import { more } from '../views/more/load';
import { mount } from '../views/mount';
import { jsonStore } from '../wire/jsonStore';

/** The second chunk is in the file when something in it needs it; it may stand below this script. */
more.bring = () =>
  new Promise<void>((resolve) => {
    if (document.readyState === 'loading')
      document.addEventListener('DOMContentLoaded', () => resolve(), { once: true });
    else resolve();
  });

function draw(script: HTMLScriptElement): void {
  const data: unknown = JSON.parse(script.textContent ?? 'null');
  const named = document.querySelector<HTMLElement>(`[data-nbext-for="${CSS.escape(script.id)}"]`);
  const place = named ?? document.createElement('div');
  if (!named) script.after(place);
  place.replaceChildren();
  mount(place, jsonStore(data));
}

function drawAll(): void {
  for (const script of document.querySelectorAll<HTMLScriptElement>('script[type="application/json"][id^="nbext-"]')) {
    try {
      draw(script);
    } catch (error) {
      // The static text below stays: it says the same, without the view.
      console.error(`nbext: ${script.id} cannot be drawn`, error);
    }
  }
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', drawAll, { once: true });
else drawAll();
