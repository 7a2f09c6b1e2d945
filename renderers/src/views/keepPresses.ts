/** px the pointer may move in a press. */
const STILL = 4;

/**
 * A press into a cell that is not the active one makes it the active one, and a notebook may scroll it
 * into sight between button down and up. The release is then over another element, and the browser
 * clicks what both have in common, if anything. What was pressed is pressed.
 */
export function keepPresses(root: HTMLElement): () => void {
  const page = root.ownerDocument.defaultView ?? window;
  let pressed: { el: Element; x: number; y: number } | null = null;
  const down = (event: PointerEvent) => {
    const [el] = event.composedPath();
    pressed = event.button === 0 && el instanceof Element ? { el, x: event.clientX, y: event.clientY } : null;
  };
  const up = (event: PointerEvent) => {
    const last = pressed;
    pressed = null;
    if (!last?.el.isConnected || event.composedPath().includes(last.el)) return;
    const far = Math.hypot(event.clientX - last.x, event.clientY - last.y) > STILL;
    // Where the pointer still is over it, it has not been scrolled away: something else took the release.
    const box = last.el.getBoundingClientRect();
    const over = last.x >= box.left && last.x <= box.right && last.y >= box.top && last.y <= box.bottom;
    if (far || over || event.pointerType === 'touch') return;
    const stray = (click: Event) => click.isTrusted && click.stopImmediatePropagation();
    page.addEventListener('click', stray, true);
    setTimeout(() => {
      page.removeEventListener('click', stray, true);
      last.el.dispatchEvent(new MouseEvent('click', { bubbles: true, composed: true, cancelable: true, detail: 1 }));
    });
  };
  root.addEventListener('pointerdown', down, true);
  page.addEventListener('pointerup', up, true);
  return () => {
    root.removeEventListener('pointerdown', down, true);
    page.removeEventListener('pointerup', up, true);
  };
}
