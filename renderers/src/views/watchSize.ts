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
  const keep = (height: number) => {
    if (height === highest) return;
    highest = height;
    root.style.minHeight = height ? `${height}px` : '';
  };
  const measure = () => {
    state.width.value = root.clientWidth;
    // While the cell runs the view never becomes shorter: what stands below it must not jump.
    keep(state.wire.peek().state === 'running' ? Math.max(highest, root.offsetHeight) : 0);
  };
  // Also spares a second round: the styles of what comes into a box of known width are found at once.
  measure();
  const ended = state.wire.subscribe((wire) => {
    if (wire.state === 'done') keep(0);
  });
  const observer = new ResizeObserver(measure);
  observer.observe(root);
  return () => {
    coarse.removeEventListener('change', touch);
    observer.disconnect();
    ended();
  };
}
