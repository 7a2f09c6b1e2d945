interface Drag {
  move(event: PointerEvent): void;
  /** `moved` is false for a plain press. */
  end(moved: boolean): void;
}

/** Less is a press with an unsteady hand. */
const SLACK_PX = 3;

/** Follow a pointer from its press to its release, wherever it goes. */
export function dragAlong(down: PointerEvent, drag: Drag): void {
  if (down.button !== 0) return;
  const target = down.currentTarget as HTMLElement;
  let moved = false;
  target.setPointerCapture(down.pointerId);
  const move = (event: PointerEvent) => {
    moved ||= Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) >= SLACK_PX;
    if (moved) drag.move(event);
  };
  const end = () => {
    target.removeEventListener('pointermove', move);
    target.removeEventListener('pointerup', end);
    target.removeEventListener('pointercancel', end);
    drag.end(moved);
  };
  target.addEventListener('pointermove', move);
  target.addEventListener('pointerup', end);
  target.addEventListener('pointercancel', end);
}
