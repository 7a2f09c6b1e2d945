import { useState } from 'preact/hooks';

const OVERSCAN = 8;

/** Rows of one height in a box that scrolls: which of them to draw. */
export function useRows(count: number, size: number, height: number) {
  const [top, setTop] = useState(0);
  const from = Math.max(0, Math.floor(top / size) - OVERSCAN);
  const to = Math.min(count, Math.ceil((top + height) / size) + OVERSCAN);
  return {
    from: Math.min(from, Math.max(0, count - 1)),
    to,
    scrolled: (event: { currentTarget: HTMLElement }) => setTop(event.currentTarget.scrollTop),
    /** Bring a row into sight. */
    show(box: HTMLElement | null, index: number) {
      if (!box) return;
      const y = index * size;
      if (y < box.scrollTop) box.scrollTop = y;
      else if (y + size > box.scrollTop + box.clientHeight) box.scrollTop = y + size - box.clientHeight;
    },
  };
}
