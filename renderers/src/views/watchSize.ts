import type { ViewState } from './state';

/** The view's own width decides its form, as in the style sheet's container queries. */
export function watchSize(root: HTMLElement, state: ViewState): () => void {
  const coarse = matchMedia('(pointer: coarse)');
  const touch = () => {
    state.coarse.value = coarse.matches;
  };
  touch();
  coarse.addEventListener('change', touch);
  let highest = 0;
  const measure = () => {
    state.width.value = root.clientWidth;
    // While the cell runs the view never becomes shorter: what stands below it must not jump.
    highest = state.wire.peek().state === 'running' ? Math.max(highest, root.offsetHeight) : 0;
    root.style.minHeight = highest ? `${highest}px` : '';
  };
  measure();
  const ended = state.wire.subscribe((wire) => {
    if (wire.state === 'done') root.style.minHeight = '';
  });
  const observer = new ResizeObserver(measure);
  observer.observe(root);
  return () => {
    coarse.removeEventListener('change', touch);
    observer.disconnect();
    ended();
  };
}
