import { hintOf } from '../model/hint';
import { ancestors, foldLevel, subtreeIds } from '../model/rows';
import { type Filter, occurrences } from '../model/search';
import { pan, type Window, zoom, zoomTo } from '../model/time';
import type { Node, Row, SplitKind } from '../model/types';
import type { Status } from '../wire/types';
import { batch } from './signals';
import { NO_FILTER, rowId, type ViewState } from './state';

/** ms without a letter, after which letters are commands again. */
const NAME_ENDS = 1500;

/** What a person can do to a view, whether by key, mouse or from the detail pane. */
export class Commands {
  /** Set by the tree: brings a row into sight. */
  show: (index: number) => void = () => undefined;
  /** Set by the tree and the pane: give them the focus. */
  focusTree: () => void = () => undefined;
  focusDetail: () => void = () => undefined;
  focusFind: () => void = () => undefined;

  constructor(private readonly state: ViewState) {
    state.reveal = (id) => {
      if (id !== null) queueMicrotask(() => this.reveal(id));
    };
  }

  /** Make a row the one in hand. Tells the kernel, when there is one. */
  at(id: string | null): void {
    const { state } = this;
    if (id === state.at.peek()) return;
    batch(() => {
      state.at.value = id;
      // Groups exist in this view only.
      if (id === null || state.tree.peek().byId.has(id)) state.store.peek().select(id);
    });
  }

  press(row: Row): void {
    if (row.similar) return this.toggle(row);
    batch(() => {
      this.at(rowId(row));
      this.state.detail.value = true;
    });
  }

  move(by: number): void {
    const rows = this.state.rows.peek();
    if (rows.length === 0) return;
    const now = this.state.index.peek().get(this.state.at.peek() ?? '');
    const to = now === undefined ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, now + by));
    this.goRow(to);
  }

  goRow(index: number): void {
    const row = this.state.rows.peek()[index];
    if (!row) return;
    this.at(rowId(row));
    this.show(index);
  }

  /** Bring a span into sight whatever hides it: folded parents, groups, filters. */
  reveal(id: string): void {
    const { state } = this;
    const node = state.node(id);
    if (!node) return;
    batch(() => {
      const folded = new Set(state.folded.peek() ?? []);
      const opening = ancestors(node).filter((parent) => folded.delete(parent));
      if (opening.length) state.folded.value = folded;
      const keep = state.keep.peek();
      if (keep && !keep.has(id)) state.filter.value = NO_FILTER;
    });
    if (!state.index.peek().has(id)) state.pinned.value = new Set(state.pinned.peek()).add(id);
    const index = state.index.peek().get(id);
    if (index !== undefined) this.goRow(index);
  }

  row(): Row | undefined {
    const index = this.state.index.peek().get(this.state.at.peek() ?? '');
    return index === undefined ? undefined : this.state.rows.peek()[index];
  }

  toggle(row: Row, subtree = false): void {
    const { state } = this;
    if (row.similar) {
      state.opened.value = toggled(state.opened.peek(), row.similar.id);
      return;
    }
    if (row.node.children.length === 0) return;
    const folded = new Set(state.folded.peek() ?? []);
    const ids = subtree ? subtreeIds(row.node) : [row.node.span.id];
    for (const id of ids) {
      if (row.folded) folded.delete(id);
      else folded.add(id);
    }
    state.folded.value = folded;
  }

  foldBy(delta: number): void {
    this.state.folded.value = foldLevel(this.state.tree.peek(), this.state.folded.peek() ?? new Set(), delta);
    this.keepInSight();
  }

  foldAll(): void {
    const ids = this.state.tree
      .peek()
      .order.filter((node) => node.children.length > 0)
      .map((node) => node.span.id);
    batch(() => {
      this.state.folded.value = new Set(ids);
      this.state.opened.value = new Set();
    });
    this.keepInSight();
  }

  unfoldAll(): void {
    const { folded, opened, rows } = this.state;
    const shut = () => rows.peek().flatMap((row) => (row.similar && row.folded ? [row.similar.id] : []));
    folded.value = new Set();
    // What a group hides may hold groups itself.
    for (let ids = shut(); ids.length; ids = shut()) opened.value = new Set([...opened.peek(), ...ids]);
  }

  /** Folding may have hidden the row in hand: its nearest drawn parent takes its place. */
  private keepInSight(): void {
    const { state } = this;
    const at = state.at.peek();
    if (at === null || state.index.peek().has(at)) return;
    for (let node = state.node(at)?.parent; node; node = node.parent) {
      if (state.index.peek().has(node.span.id)) return this.at(node.span.id);
    }
  }

  /** → : unfold, or go to the first child. ← : fold, or go to the parent. */
  into(): void {
    const row = this.row();
    if (!row) return this.move(1);
    if (row.folded && (row.similar || row.node.children.length)) this.toggle(row);
    else if (row.similar || row.node.children.length) this.move(1);
  }

  out(): void {
    const row = this.row();
    if (!row) return;
    if (!row.folded && (row.similar || row.node.children.length)) return this.toggle(row);
    const parent = row.node.parent;
    const index = parent && this.state.index.peek().get(parent.span.id);
    if (index !== undefined && index !== null) this.goRow(index);
  }

  private name = '';
  private nameEnds = 0;

  /** After `'` the letters are the beginning of a name, and lead to its row. Is this key one of them? */
  letter(key: string): boolean {
    const now = performance.now();
    const begun = now < this.nameEnds;
    if (key.length !== 1 || !(begun || key === "'")) return false;
    this.name = begun && key !== "'" ? this.name + key.toLowerCase() : '';
    this.nameEnds = now + NAME_ENDS;
    const found = this.name !== '' && this.goName();
    // A space that is in no name folds, as ever.
    return key !== ' ' || found;
  }

  /** The next row of that name, round the end; with a second letter the row in hand may be it. */
  private goName(): boolean {
    const rows = this.state.rows.peek();
    const at = this.state.index.peek().get(this.state.at.peek() ?? '') ?? -1;
    const from = Math.max(0, this.name.length > 1 ? at : at + 1);
    const order = [...rows.keys()].map((i) => (from + i) % rows.length);
    const to = order.find((i) => rows[i]?.node.span.name.toLowerCase().startsWith(this.name));
    if (to !== undefined) this.goRow(to);
    return to !== undefined;
  }

  /** The next span for which `want` holds, round the end. */
  next(want: (node: Node) => boolean, by: 1 | -1): void {
    const { order } = this.state.tree.peek();
    const at = this.state.at.peek();
    const from = order.findIndex((node) => node.span.id === at);
    const start = from < 0 ? (by > 0 ? -1 : order.length) : from;
    for (let step = 1; step <= order.length; step++) {
      const node = order[(((start + by * step) % order.length) + order.length) % order.length];
      if (node && want(node)) return this.reveal(node.span.id);
    }
  }

  /** The next that failed by itself: what it was passed on to is not its cause. */
  nextError(by: 1 | -1, want: (node: Node) => boolean = () => true): void {
    const failed = new Set(this.state.tree.peek().failed);
    this.next((node) => failed.has(node) && want(node), by);
  }

  nextMatch(by: 1 | -1): void {
    const { state } = this;
    const set = state.matchSet.peek();
    if (set.size) this.next((node) => set.has(node.span.id), by);
    const node = state.node(state.at.peek());
    if (!node || !set.has(node.span.id)) return;
    // What no row shows stands in the detail; where that opens below, the tree is lower then.
    if (occurrences(`${node.span.name}\n${hintOf(node)}`, state.query.peek()).length) return;
    state.detail.value = true;
    queueMicrotask(() => this.show(state.index.peek().get(node.span.id) ?? 0));
  }

  zoomBy(factor: number, around?: number): void {
    const { state } = this;
    const node = state.node(state.at.peek());
    const view = state.window.peek();
    const middle = node
      ? (state.axis.peek().place(node.span.at) + state.axis.peek().place(node.end)) / 2
      : (view.from + view.to) / 2;
    this.window(zoom(view, factor, around ?? clamp(middle, view), state.bounds.peek()));
  }

  panBy(part: number): void {
    if (this.state.zoomed.peek()) this.window(pan(this.state.window.peek(), part, this.state.bounds.peek()));
  }

  window(to: Window | null): void {
    const bounds = this.state.bounds.peek();
    const whole = !to || to.to - to.from >= (bounds.to - bounds.from) * 0.9999;
    this.state.zoomed.value = whole ? null : to;
  }

  zoomToNode(node: Node): void {
    const axis = this.state.axis.peek();
    this.window(zoomTo(axis.place(node.from), axis.place(Math.max(node.to, node.end)), this.state.bounds.peek()));
  }

  /** The whole time; when that is shown already, the span in hand. */
  fit(): void {
    const node = this.state.node(this.state.at.peek());
    if (this.state.zoomed.peek()) this.window(null);
    else if (node) this.zoomToNode(node);
  }

  squeeze(): void {
    batch(() => {
      this.state.zoomed.value = null;
      this.state.squeezed.value = !this.state.squeezed.peek();
    });
  }

  critical(): void {
    this.state.critical.value = !this.state.critical.peek();
  }

  ownTime(): void {
    this.state.ownTime.value = !this.state.ownTime.peek();
  }

  help(): void {
    this.state.help.value = !this.state.help.peek();
  }

  filters(): void {
    this.state.filtersOpen.value = !this.state.filtersOpen.peek();
  }

  closeDetail(): void {
    this.state.detail.value = false;
    this.focusTree();
  }

  /** The legend: a part is filtered by what its spans have in common. */
  part(part: SplitKind): void {
    const { kinds, statuses, retried } = this.state.filter.peek();
    if (part === 'wait') this.filter({ retried: !retried });
    else if (part === 'hold' || part === 'error') this.filter({ statuses: several(statuses, PART_STATUS[part]) });
    else this.filter({ kinds: several(kinds, [part]) });
  }

  filter(change: Partial<Filter>): void {
    this.state.filter.value = { ...this.state.filter.peek(), ...change };
  }

  clearFilter(): void {
    this.state.filter.value = NO_FILTER;
  }

  query(text: string): void {
    this.state.query.value = text;
    this.state.store.peek().setFilter?.(text);
  }
}

/** The legend counts by these; see critical.ts. */
export const PART_STATUS: Record<'hold' | 'error', Status[]> = { hold: ['blocked'], error: ['error', 'rate_limited'] };

function several<T>(set: ReadonlySet<T> | undefined, items: T[]): Set<T> {
  const next = new Set(set);
  const all = items.every((item) => next.has(item));
  for (const item of items) {
    if (all) next.delete(item);
    else next.add(item);
  }
  return next;
}

function toggled<T>(set: ReadonlySet<T>, item: T): Set<T> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

const clamp = (x: number, { from, to }: Window) => Math.min(Math.max(x, from), to);
