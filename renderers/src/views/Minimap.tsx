import { useMemo } from 'preact/hooks';
import { duration } from '../model/format';
import { MINIMAP_COLUMNS_FROM, type MiniBar, minimapBars, minimapColumns } from '../model/minimap';
import { inside, type Window } from '../model/time';
import { clamp01, under } from './Axis';
import { Columns } from './Columns';
import { useView } from './context';
import { dragAlong } from './drag';
import { watched } from './watched';

/** Lines of 1 px, each for a span as long as they fit. */
const LINES = 24;
const COLUMNS = 160;

/** The whole time. Drag the window or its edges; drag elsewhere to draw a new one; double click to see all. */
export const Minimap = watched(function Minimap() {
  const { state, commands } = useView();
  const { from, to } = state.window.value;
  const bounds = state.bounds.value;
  const length = bounds.to - bounds.from;
  const part = state.zoomed.value !== null;
  const axis = state.axis.value;

  const range = (event: PointerEvent, box: Element) => bounds.from + clamp01(under(event, box)) * length;
  const draw = (down: PointerEvent) => {
    const box = down.currentTarget as HTMLElement;
    const start = range(down, box);
    dragAlong(down, {
      move: (event) => {
        const end = range(event, box);
        if (Math.abs(end - start) > length * 0.002)
          commands.window({ from: Math.min(start, end), to: Math.max(start, end) });
      },
      end: () => undefined,
    });
  };
  const carry = (down: PointerEvent) => {
    if (!part) return;
    down.stopPropagation();
    const box = (down.currentTarget as HTMLElement).parentElement as HTMLElement;
    const start = range(down, box);
    const was = state.window.peek();
    const move = (event: PointerEvent) => {
      const by = range(event, box) - start;
      commands.window(inside({ from: was.from + by, to: was.to + by }, bounds));
    };
    dragAlong(down, { move, end: () => undefined });
  };
  const resize = (which: 'from' | 'to') => (down: PointerEvent) => {
    down.stopPropagation();
    const box = (down.currentTarget as HTMLElement).closest('.nb-map') as HTMLElement;
    const move = (event: PointerEvent) => {
      const was = state.window.peek();
      const at = range(event, box);
      commands.window(ordered(which === 'from' ? { from: at, to: was.to } : { from: was.from, to: at }));
    };
    dragAlong(down, { move, end: () => undefined });
  };
  const key = (which: 'from' | 'to') => (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const was = state.window.peek();
    const next = { ...was, [which]: was[which] + (by * length) / 50 };
    commands.window(inside(ordered(next), bounds));
  };
  const edge = (which: 'from' | 'to') => (
    <div
      class={`edge ${which}`}
      role="slider"
      tabIndex={0}
      aria-label={which === 'from' ? 'Time window, begin' : 'Time window, end'}
      aria-valuemin={0}
      aria-valuemax={Math.round(length)}
      aria-valuenow={Math.round(state.window.value[which])}
      aria-valuetext={duration(axis.time(state.window.value[which]))}
      onPointerDown={resize(which)}
      onKeyDown={key(which)}
    />
  );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the two edges are sliders for the keyboard
    <div
      class="nb-map"
      title="Drag to zoom, double click to see all"
      onPointerDown={draw}
      onDblClick={() => commands.window(null)}
    >
      <Spans />
      <div
        class={part ? 'win part' : 'win'}
        style={`left:${((from - bounds.from) / length) * 100}%;width:${((to - from) / length) * 100}%`}
        onPointerDown={carry}
      >
        {edge('from')}
        {edge('to')}
      </div>
    </div>
  );
});

const ordered = ({ from, to }: Window): Window => ({ from: Math.min(from, to), to: Math.max(from, to) });

const Spans = watched(function Spans() {
  const { state } = useView();
  const tree = state.tree.value;
  const { place } = state.axis.value;
  const { to } = state.bounds.value;
  return useMemo(
    () =>
      tree.order.length < MINIMAP_COLUMNS_FROM ? (
        minimapBars(tree, to, LINES, COLUMNS * 2, place).map((bar, i) => (
          <i key={i} class={`f-${bar.fill}`} style={lineOf(bar)} />
        ))
      ) : (
        <Columns columns={minimapColumns(tree, to, COLUMNS, place)} colour="var(--nb-flow)" least={0.12} />
      ),
    [tree, place, to],
  );
});

function lineOf({ row, from, to }: MiniBar): string {
  return `left:${(from * 100).toFixed(2)}%;width:${((to - from) * 100).toFixed(2)}%;top:${row}px`;
}
