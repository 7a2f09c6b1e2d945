import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { visibleRange } from '../model/rows';
import type { Row } from '../model/types';
import { filteredLine } from '../model/words';
import { Ticks, under } from './Axis';
import { useView } from './context';
import { RowView } from './RowView';
import { Ruler } from './Ruler';
import { computed, type Signal } from './signals';
import { rowId } from './state';
import { stickyRows } from './sticky';
import { useLocal, watched } from './watched';
import { useWheel } from './wheel';

/** Rows drawn beyond the edge, so that scrolling shows no white. */
const OVERSCAN = 6;
const PADDING = 4;

/** The tree and the waterfall: one virtual list of rows of one height. */
export const Tree = watched(function Tree({ height, flat }: { height: number; flat: boolean }) {
  const { state, commands } = useView();
  const scroller = useRef<HTMLDivElement>(null);
  const prefix = useRef(`nb${Math.random().toString(36).slice(2, 8)}-`).current;
  const top = useLocal(0);
  const rowHeight = state.rowHeight.value;
  const rows = state.rows.value;
  // Scrolling within a row draws nothing anew.
  const whole = useMemo(
    () => computed(() => Math.ceil(Math.max(0, top.value - PADDING / 2) / state.rowHeight.value)),
    [state, top],
  ).value;
  // The row before the first that is seen whole may be seen in part.
  const first = Math.max(0, whole - 1);
  const { from, to } = visibleRange(first * rowHeight, height, rowHeight, rows.length, OVERSCAN);
  const overflows = rows.length * rowHeight + PADDING > height;
  const stick = overflows && !state.stacked.value ? stickyRows(rows, whole) : [];

  useLayoutEffect(() => {
    commands.show = (index) => {
      const box = scroller.current;
      const row = state.rows.peek()[index];
      if (!box || !row) return;
      const size = state.rowHeight.peek();
      const y = index * size;
      // Parents that stick on top would cover it.
      const cover = state.stacked.peek() ? 0 : Math.min(row.depth, MOST_STICKY) * size;
      if (y - cover < box.scrollTop) box.scrollTop = Math.max(0, y - cover);
      else if (y + size > box.scrollTop + box.clientHeight - PADDING)
        box.scrollTop = y + size + PADDING - box.clientHeight;
    };
    commands.focusTree = () => scroller.current?.focus({ preventScroll: true });
  }, [commands, state]);
  useWheel(scroller);

  const hover = (event: PointerEvent) => {
    const axis = scroller.current?.querySelector('.nb-ticks > div');
    const at = axis && !state.stacked.peek() ? under(event, axis) : -1;
    state.cursor.value = at >= 0 && at <= 1 ? at : null;
  };

  const presses = usePresses();
  const flight = useFlight();
  const at = state.at.value;
  // One call after the other: all of them are the path, and underlining all says nothing.
  const critical = state.critical.value && !flat;
  const path = state.path.value;
  const shared = {
    query: state.query.value,
    now: state.end.value,
    window: state.window.value,
    axis: state.axis.value,
    ownTime: state.ownTime.value,
    sums: state.big.value,
    live: state.wire.value.state === 'running',
    light: flight.flies.value,
  };
  const draw = (index: number, place?: { slot: number; top: number }) => {
    const row = rows[index];
    if (!row) return null;
    const id = rowId(row);
    return (
      <RowView
        key={place ? place.slot : id}
        id={`${prefix}${place ? '' : 'stick-'}${id}`}
        index={index}
        top={place?.top}
        node={row.node}
        similar={row.similar}
        folded={row.folded}
        depth={row.depth}
        selected={id === at}
        critical={critical && !row.similar && path.has(id)}
        {...shared}
      />
    );
  };
  const order = useLocal(0);
  useVisible(rows, first, Math.ceil(height / rowHeight), order);
  const slots = Math.max(to - from, Math.ceil(height / rowHeight) + 2 * OVERSCAN);
  const indexes = inSlots(from, to, slots, order.value);
  const known = at !== null && state.index.value.has(at);

  return (
    <div class="nb-view" {...presses}>
      {stick.length > 0 && (
        <div class="nb-stick" aria-hidden="true">
          {stick.map((index) => draw(index))}
        </div>
      )}
      <div
        class="nb-rows"
        ref={scroller}
        role="treegrid"
        aria-label="Spans"
        aria-rowcount={rows.length}
        aria-activedescendant={known ? prefix + at : undefined}
        tabIndex={0}
        style={`height:${height}px`}
        onScroll={(event) => {
          const to = event.currentTarget.scrollTop;
          flight.moved(Math.abs(to - top.peek()) > height / 3);
          top.value = to;
        }}
        onPointerMove={hover}
        onPointerLeave={() => {
          state.cursor.value = null;
        }}
      >
        <div class="nb-space" role="presentation" style={`height:${rows.length * rowHeight}px`}>
          <Ticks />
          <div class="nb-slab pool" role="presentation">
            {indexes.map((index) => draw(index, { slot: index % slots, top: index * rowHeight }))}
          </div>
        </div>
      </div>
      {state.big.value && <Ruler scroller={scroller} top={top} height={height} rows={rows} />}
      {rows.length === 0 && <NothingLeft />}
    </div>
  );
});

/** ms in which a press may become a double one. */
const DOUBLE_MS = 250;

/** One listener for all rows: a row has none to be made with. The keys are the grid's. */
function usePresses() {
  const { state, commands } = useView();
  return useMemo(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const found = (event: MouseEvent, part: string) => {
      const place = event.target as Element;
      const row = place.closest('[role=row]')?.getAttribute('aria-rowindex');
      return { row: state.rows.peek()[Number(row) - 1], there: place.closest(part) !== null };
    };
    return {
      onClick(event: MouseEvent) {
        const { row, there } = found(event, '.fold:not(.none)');
        clearTimeout(timer);
        if (!row) return;
        if (there) return commands.toggle(row, event.altKey);
        const press = () => commands.press(row);
        // A pane that opens beside the tree moves the bars away from under the second press.
        if (row.similar || state.detail.peek() || state.width.peek() < BESIDE || !found(event, '.nb-fall').there)
          return press();
        commands.at(rowId(row));
        timer = setTimeout(press, DOUBLE_MS);
      },
      onDblClick(event: MouseEvent) {
        const { row, there } = found(event, '.nb-fall');
        clearTimeout(timer);
        if (row && there) commands.zoomToNode(row.node);
      },
    };
  }, [state, commands]);
}

/**
 * The rows to draw, such that those that come into sight take the elements of those that left it, where
 * these stand: a row at rest is not touched by scrolling, and no element is made, moved or removed.
 * @param start index of the row whose element stands first
 */
function inSlots(from: number, to: number, slots: number, start: number): number[] {
  const place = (index: number) => (((index - start) % slots) + slots) % slots;
  return Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => place(a) - place(b));
}

/** After this long without a move the list stands. */
const STANDS_MS = 80;

/** Does the list fly by? From the second large move on: one alone is a page, or a jump to a row. */
function useFlight() {
  const flies = useLocal(false);
  return useMemo(() => {
    let far = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stand = () => {
      far = false;
      flies.value = false;
    };
    return {
      flies,
      moved(isFar: boolean) {
        clearTimeout(timer);
        timer = setTimeout(stand, STANDS_MS);
        if (isFar && far) flies.value = true;
        far = isFar;
      },
    };
  }, [flies]);
}

/** Once the scrolling stops Python is told what is on the screen, and elements stand in the order they are read. */
const QUIET_MS = 300;

function useVisible(rows: Row[], first: number, count: number, order: Signal<number>): void {
  const { state } = useView();
  useEffect(() => {
    const timer = setTimeout(() => {
      order.value = Math.max(0, first - OVERSCAN);
      const seen = rows.slice(first, first + count).flatMap((row) => (row.similar ? [] : [row.node.span.id]));
      state.store.peek().setVisible?.(seen);
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [rows, first, count, state, order]);
}

export const MOST_STICKY = 4;

/** px of the view: room for the detail beside the tree. */
export const BESIDE = 900;

const NothingLeft = watched(function NothingLeft() {
  const { state, commands } = useView();
  const words = filteredLine(state.tree.value.order.length).replace(/ Clear\.$/, '');
  return (
    <div class="nb-note nb-nothing" role="status">
      <span>{words}</span>
      <button type="button" class="line" onClick={() => commands.clearFilter()}>
        Clear
      </button>
    </div>
  );
});

/** px: frames are scrolled with the page, so a tree in a low one may be higher than it. */
const LEAST_FRAME = 600;

/** Keep the tree's height while it is drawn: as many rows as there are, at most the cap. */
export function useTreeHeight(below: boolean): number {
  const { state } = useView();
  const rowHeight = state.rowHeight.value;
  const most = state.options.maxRows ?? 25;
  // A frame may take its height from what is in it: then that says nothing about the room.
  const seen = parent === self ? innerHeight : Math.max(innerHeight, LEAST_FRAME);
  const room = Math.max(6, Math.floor((seen * 0.7) / rowHeight));
  // The half row at the edge says that there is more.
  const cap = below ? (state.stacked.value ? 402 / rowHeight : 17.5) : most;
  const wanted = state.height.value;
  const natural = Math.max(state.rows.value.length, 1) * rowHeight + PADDING;
  return wanted ?? Math.min(natural, Math.min(cap, room) * rowHeight + (below ? 0 : PADDING));
}
