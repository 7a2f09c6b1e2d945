/** Keys of a form inside of a view: Ctrl Enter does it, Escape leaves it, all others are the field's. */
export function formKeys(event: KeyboardEvent, run: () => void, close?: () => void): void {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
    event.preventDefault();
    run();
  } else if (event.key === 'Escape' && close) close();
  else if (event.key === 'Escape') return;
  event.stopPropagation();
}
