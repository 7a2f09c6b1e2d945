/** Keys a control handles itself must not reach the notebook, nor the tree around it. */
const OWN = new Set([
  'Enter',
  ' ',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  'Home',
  'End',
  'PageUp',
  'PageDown',
]);

export function stopKeys(event: KeyboardEvent): void {
  // Shift Enter, Ctrl Enter and Alt Enter run the cell: they stay the notebook's.
  if (OWN.has(event.key) && !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey)
    event.stopPropagation();
}

/**
 * The index a key moves to in a row or column of `count` controls, or -1: arrows go round, Home and End to the ends.
 */
export function moved(event: KeyboardEvent, at: number, count: number, axis: 'row' | 'column'): number {
  if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return -1;
  const [back, on] = axis === 'row' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  switch (event.key) {
    case back:
      return (at + count - 1) % count;
    case on:
      return (at + 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}
