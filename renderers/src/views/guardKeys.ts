/**
 * Notebooks take keys in the capture phase at the document, before any listener of ours: with the
 * focus in the view, `x` would cut the cell and `0 0` restart the kernel. JupyterLab leaves a key alone
 * when the element that has the focus carries this attribute; from outside a shadow root that element
 * is its host. Running the cell (Shift, Ctrl or Alt with Enter) and all other combinations with Ctrl,
 * Alt or Meta stay the notebook's.
 */
const ATTRIBUTE = 'data-lm-suppress-shortcuts';

/** A form that Ctrl Enter sends: see replay/formKeys.ts. */
const inForm = (path: EventTarget[]) => path.some((el) => el instanceof HTMLElement && 'run' in el.dataset);

function notebooks(event: KeyboardEvent): boolean {
  if (event.key === 'Enter')
    return event.shiftKey || event.altKey || ((event.ctrlKey || event.metaKey) && !inForm(event.composedPath()));
  // Ctrl F finds in the view, and text is edited in it.
  if (event.ctrlKey || event.metaKey) return !/^[facvxyz]$/i.test(event.key);
  return event.altKey;
}

export function guardKeys(host: HTMLElement): () => void {
  const page = host.ownerDocument.defaultView ?? window;
  const key = (event: KeyboardEvent) => host.toggleAttribute(ATTRIBUTE, !notebooks(event));
  const enter = () => {
    host.setAttribute(ATTRIBUTE, '');
    page.addEventListener('keydown', key, true);
  };
  const leave = () => page.removeEventListener('keydown', key, true);
  host.addEventListener('focusin', enter);
  host.addEventListener('focusout', leave);
  return () => {
    leave();
    host.removeEventListener('focusin', enter);
    host.removeEventListener('focusout', leave);
  };
}
