import { criticalPath } from '../model/critical';
import { idleGaps, NO_SQUEEZE, type Squeeze, squeeze } from '../model/gaps';
import { ancestors, initialFold, rowsOf } from '../model/rows';
import { type Filter, filterSpans, find, isEmptyFilter } from '../model/search';
import { groupSimilar } from '../model/similar';
import { inside, type Window } from '../model/time';
import { buildTree } from '../model/tree';
import type { Node, Row, SplitKind, Tree } from '../model/types';
import { lastEnd } from '../wire/jsonStore';
import type { Liveness, MountOptions, Readiness, Store } from '../wire/store';
import type { Wire, WireSpan } from '../wire/types';
import { batch, computed, type ReadonlySignal, type Signal, signal } from './signals';

export const NO_FILTER: Filter = {};

/** From this many spans on: counts in the legend, sums for open parents, a ruler. */
export const BIG = 100;
export const HUGE = 1000;

/** All that one view remembers, and what follows from it. */
export class ViewState {
  readonly store: Signal<Store>;
  /** Counts changes of the store. */
  readonly version = signal(0);
  /** Ticks while something runs, so that bars grow between two messages. */
  readonly clock = signal(0);
  readonly width = signal(0);
  readonly coarse = signal(false);

  readonly folded = signal<ReadonlySet<string> | null>(null);
  readonly opened = signal<ReadonlySet<string>>(new Set());
  /** The row the keys act on: a span id, or the id of a group of similar ones. */
  readonly at = signal<string | null>(null);
  /** Ids that were gone to: they stay out of groups of similar ones. */
  readonly pinned = signal<ReadonlySet<string>>(new Set());
  readonly detail = signal(false);
  readonly query = signal('');
  readonly filter = signal<Filter>(NO_FILTER);
  readonly filtersOpen = signal(false);
  readonly zoomed = signal<Window | null>(null);
  readonly critical = signal(true);
  readonly squeezed = signal(false);
  readonly ownTime = signal(false);
  readonly help = signal(false);
  /** Place of the pointer on the axis, 0 to 1. */
  readonly cursor = signal<number | null>(null);
  /** The part of the axis that is being dragged over, 0 to 1. */
  readonly dragged = signal<Window | null>(null);
  readonly collapsed: Signal<boolean>;
  /** Of the detail pane beside the tree, in percent; below it, in px of the tree. */
  readonly split = signal(58);
  readonly height = signal<number | null>(null);

  readonly wire: ReadonlySignal<Wire>;
  readonly liveness: ReadonlySignal<Liveness>;
  readonly readiness: ReadonlySignal<Readiness>;
  readonly now: ReadonlySignal<number>;
  readonly end: ReadonlySignal<number>;
  /** Without replays: those are drawn beside the call that they repeat. */
  readonly spans: ReadonlySignal<readonly WireSpan[]>;
  readonly tree: ReadonlySignal<Tree>;
  readonly path: ReadonlySignal<ReadonlySet<string>>;
  readonly parts: ReadonlySignal<{ kind: SplitKind; ms: number }[]>;
  readonly matches: ReadonlySignal<string[]>;
  readonly matchSet: ReadonlySignal<ReadonlySet<string>>;
  readonly keep: ReadonlySignal<ReadonlySet<string> | undefined>;
  readonly rows: ReadonlySignal<Row[]>;
  readonly index: ReadonlySignal<Map<string, number>>;
  readonly axis: ReadonlySignal<Squeeze>;
  readonly bounds: ReadonlySignal<Window>;
  readonly window: ReadonlySignal<Window>;
  readonly big: ReadonlySignal<boolean>;
  /** Nothing but calls, none under another. */
  readonly flat: ReadonlySignal<boolean>;
  readonly stacked: ReadonlySignal<boolean>;
  readonly rowHeight: ReadonlySignal<number>;

  /** Set by the commands: what Python selects comes into sight. */
  reveal: (id: string | null) => void = () => undefined;

  private unsubscribe: () => void = () => undefined;

  constructor(
    store: Store,
    readonly options: MountOptions = {},
  ) {
    this.store = signal(store);
    this.collapsed = signal(options.folded ?? false);
    const versioned = <T>(read: (store: Store) => T) =>
      computed(() => {
        this.version.value;
        return read(this.store.value);
      });
    this.wire = versioned((s) => s.get());
    this.liveness = versioned((s) => s.liveness());
    this.readiness = versioned((s) => s.readiness?.() ?? 'ready');
    this.now = computed(() => {
      this.version.value;
      this.clock.value;
      return this.store.value.now();
    });
    this.end = computed(() => {
      const { ms, state } = this.wire.value;
      return ms ?? (state === 'running' ? this.now.value : lastEnd(this.wire.value));
    });
    this.spans = computed(() => originals(this.wire.value.spans));
    this.tree = computed(() => buildTree(this.spans.value, this.end.value));
    const path = computed(() => criticalPath(this.tree.value, this.end.value));
    this.path = computed(() => path.value.ids);
    this.parts = computed(() => {
      // Of a cut trace the kernel knew more than is here.
      const { cut, totals } = this.wire.value;
      if (!cut || !totals.split) return path.value.split;
      return Object.entries(totals.split).map(([kind, ms]) => ({ kind: kind as SplitKind, ms }));
    });
    this.matches = computed(() => (this.query.value.trim() ? find(this.tree.value, this.query.value.trim()) : []));
    this.matchSet = computed(() => new Set(this.matches.value));
    this.keep = computed(() =>
      isEmptyFilter(this.filter.value) ? undefined : filterSpans(this.tree.value, this.filter.value),
    );
    this.flat = computed(() => {
      const { order } = this.tree.value;
      return order.length > 0 && order.every((node) => node.depth === 0 && node.span.call);
    });
    this.big = computed(() => this.spans.value.length >= BIG);
    this.rows = computed(() => this.listRows());
    this.index = computed(() => new Map(this.rows.value.map((row, i) => [rowId(row), i])));
    this.axis = computed(() =>
      this.squeezed.value ? squeeze(idleGaps(this.tree.value, this.last.value), this.last.value) : NO_SQUEEZE,
    );
    this.bounds = computed(() => ({ from: 0, to: Math.max(this.axis.value.place(this.last.value), 0.001) }));
    this.window = computed(() =>
      this.zoomed.value ? inside(this.zoomed.value, this.bounds.value) : this.bounds.value,
    );
    this.stacked = computed(() => this.width.value > 0 && this.width.value < 520);
    this.rowHeight = computed(() => (this.coarse.value ? 44 : this.stacked.value ? 35 : 24));
    this.listen(store);
  }

  /** End of the axis: a stream may outlive the cell that opened it. */
  private readonly last = computed(() =>
    this.tree.value.roots.reduce((to, node) => Math.max(to, node.to), this.end.value),
  );

  /** Draw from another store; fold, zoom and selection stay. */
  bind(store: Store): void {
    if (store === this.store.peek()) return;
    this.unsubscribe();
    batch(() => {
      const selected = store.selected() ?? this.at.peek();
      this.store.value = store;
      this.version.value++;
      this.at.value = selected;
    });
    this.listen(store);
  }

  dispose(): void {
    this.unsubscribe();
  }

  node(id: string | null): Node | undefined {
    return id === null ? undefined : this.tree.value.byId.get(id);
  }

  private listen(store: Store): void {
    this.settleFold();
    let seen = store.selected();
    let filter = store.filter?.() ?? '';
    if (seen !== null) this.at.value = seen;
    if (filter) this.query.value = filter;
    this.unsubscribe = store.subscribe(() => {
      batch(() => {
        this.version.value++;
        this.settleFold();
        const wanted = store.filter?.() ?? '';
        if (wanted !== filter) {
          filter = wanted;
          this.query.value = wanted;
        }
        const selected = store.selected();
        if (selected === seen) return;
        seen = selected;
        if (selected !== this.at.peek()) {
          this.at.value = selected;
          this.reveal(selected);
        }
      });
    });
  }

  /** Once, when the first spans are there: nothing folds by itself later. */
  private settleFold(): void {
    if (this.folded.peek() !== null) return;
    const wire = this.store.peek().get();
    if (wire.spans.length === 0) return;
    this.folded.value = wire.state === 'done' ? initialFold(this.tree.peek()) : new Set();
  }

  private listRows(): Row[] {
    const tree = this.tree.value;
    const folded = this.folded.value ?? new Set<string>();
    const keep = this.keep.value;
    const matches = this.matchSet.value;
    if (!this.big.value) return rowsOf(tree, folded, keep, { matches });
    const groups = groupSimilar(tree, this.apart.value);
    return rowsOf(tree, folded, keep, { matches, groups, opened: this.opened.value });
  }

  /** What is not to vanish in a group: matches, what was gone to, and the parents of both. */
  private readonly apart = computed(() => {
    const tree = this.tree.value;
    const ids = new Set<string>();
    const put = (id: string) => {
      const node = tree.byId.get(id);
      if (!node) return;
      ids.add(id);
      for (const parent of ancestors(node)) ids.add(parent);
    };
    for (const id of this.matches.value) put(id);
    for (const id of this.pinned.value) put(id);
    return ids;
  });
}

export function rowId(row: Row): string {
  return row.similar ? row.similar.id : row.node.span.id;
}

function originals(spans: readonly WireSpan[]): readonly WireSpan[] {
  return spans.some((span) => span.replay_of) ? spans.filter((span) => !span.replay_of) : spans;
}
