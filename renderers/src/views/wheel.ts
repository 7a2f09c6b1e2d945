import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { clamp01, under } from './Axis';
import { useView } from './context';

/** Ctrl wheel (and pinching) zooms at the pointer, Shift wheel pans; the plain wheel is left alone. */
export function useWheel(box: RefObject<HTMLElement | null>): void {
  const { state, commands } = useView();
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      const by = event.deltaY || event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        const axis = element.querySelector('.nb-ticks > div');
        const { from, to } = state.window.peek();
        const at = axis ? clamp01(under(event, axis)) : 0.5;
        event.preventDefault();
        commands.zoomBy(Math.exp(Math.max(-60, Math.min(60, by)) / 150), from + at * (to - from));
      } else if ((event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY) * 2) && state.zoomed.peek()) {
        event.preventDefault();
        commands.panBy((event.deltaX || event.deltaY) / 600);
      }
    };
    // Preact's own listeners are passive here: they could not keep the page from zooming.
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  }, [box, state, commands]);
}
