import type { Commands } from './commands';
import type { ViewState } from './state';

/** Zoom and pan by one press. */
const ZOOM = 0.6;
const PAN = 0.15;
const PAGE = 20;

/** Keys that act wherever the focus is in the view. JupyterLab's letters of command mode are not among them. */
const ANYWHERE: Record<string, (c: Commands, s: ViewState) => void> = {
  '/': (c) => c.focusFind(),
  n: (c) => c.nextMatch(1),
  N: (c) => c.nextMatch(-1),
  e: (c) => c.nextError(1),
  E: (c) => c.nextError(-1),
  '+': (c) => c.zoomBy(ZOOM),
  '=': (c) => c.zoomBy(ZOOM),
  '-': (c) => c.zoomBy(1 / ZOOM),
  '−': (c) => c.zoomBy(1 / ZOOM),
  '<': (c) => c.panBy(-PAN),
  '>': (c) => c.panBy(PAN),
  f: (c) => c.fit(),
  p: (c) => c.critical(),
  '[': (c) => c.foldBy(-1),
  ']': (c) => c.foldBy(1),
  '?': (c) => c.help(),
};

const IN_TREE: Record<string, (c: Commands, s: ViewState) => void> = {
  ArrowUp: (c) => c.move(-1),
  ArrowDown: (c) => c.move(1),
  ArrowRight: (c) => c.into(),
  ArrowLeft: (c) => c.out(),
  Home: (c) => c.goRow(0),
  End: (c, s) => c.goRow(s.rows.peek().length - 1),
  PageUp: (c) => c.move(-PAGE),
  PageDown: (c) => c.move(PAGE),
  Enter: (c, s) => {
    const row = c.row();
    if (!row) return;
    if (row.similar) return c.toggle(row);
    s.detail.value = true;
    // The pane is drawn first.
    queueMicrotask(() => requestAnimationFrame(() => c.focusDetail()));
  },
  ' ': (c) => {
    const row = c.row();
    if (row) c.toggle(row);
  },
};

const TEXT = 'input, textarea, select, [contenteditable]';

/** Keys of a view with a tree. Handled ones are stopped; Shift Enter and all of Ctrl stay the notebook's. */
export function treeKeys(event: KeyboardEvent, commands: Commands, state: ViewState): void {
  if (event.defaultPrevented || event.isComposing) return;
  const target = event.target as HTMLElement;
  if (ownFind(event)) {
    commands.focusFind();
  } else if (event.ctrlKey || event.metaKey || event.altKey || (event.key === 'Enter' && event.shiftKey)) {
    return;
  } else if (event.key === 'Escape') {
    if (!stepBack(target, commands, state)) return;
  } else if (target.matches(TEXT)) {
    return;
  } else if (target.closest('.nb-rows') && commands.letter(event.key)) {
    // It was a letter of a name.
  } else if (ANYWHERE[event.key]) {
    ANYWHERE[event.key]?.(commands, state);
  } else if (target.closest('.nb-rows') && IN_TREE[event.key]) {
    IN_TREE[event.key]?.(commands, state);
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}

/** Rows are virtual, so the browser's own find would not see them. */
function ownFind(event: KeyboardEvent): boolean {
  return event.key.toLowerCase() === 'f' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
}

/** One step back: help, detail to tree, find cleared, and then the notebook takes it. */
function stepBack(target: HTMLElement, commands: Commands, state: ViewState): boolean {
  if (state.help.peek()) {
    state.help.value = false;
    commands.focusTree();
  } else if (target.closest('.nb-detail')) {
    commands.focusTree();
  } else if (state.detail.peek() && target.closest('.nb-rows')) {
    commands.closeDetail();
  } else if (state.query.peek() !== '') {
    commands.query('');
    commands.focusTree();
  } else if (target.matches(TEXT)) {
    commands.focusTree();
  } else {
    return false;
  }
  return true;
}
