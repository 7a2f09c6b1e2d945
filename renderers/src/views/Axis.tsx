import { fitting, percent, pointerLabel, tickLabel, tickStep, ticks, type Window } from '../model/time';
import { useView } from './context';
import { dragAlong } from './drag';
import type { ViewState } from './state';
import { useLocal, watched } from './watched';

const MOST_TICKS = 6;
/** As a share of the axis: nearer than this two labels would touch. */
const CLOSEST = 9;

/** In percent: behind it a label would run out of the view. */
const LAST_LABEL = 92;

export interface Tick {
  at: number;
  label: string;
}

export function axisTicks(state: ViewState): Tick[] {
  const window = state.window.value;
  const axis = state.axis.value;
  // The axis has a bit less than half of the width (or of the tree's part of it).
  const wide = state.width.value || 900;
  const px = (state.detail.value && wide >= 900 ? wide * 0.58 : wide) * 0.44;
  const [from, to] = [axis.time(window.from), axis.time(window.to)];
  const most = fitting(from, to, px, MOST_TICKS);
  const step = tickStep(from, to, most);
  const inGap = (t: number) => axis.gaps.some((gap) => t > gap.from && t < gap.to);
  const all: Tick[] = [];
  for (const t of ticks(from, to, axis.gaps.length ? most * 4 : most)) {
    const at = percent(axis.place(t), window.from, window.to);
    const last = all.at(-1);
    if (at < -0.01 || inGap(t) || (last && axis.gaps.length && at - last.at < CLOSEST)) continue;
    all.push({ at: Math.max(0, at), label: tickLabel(t, step) });
  }
  return all;
}

/** Time of a place on the axis under the pointer, 0 to 1. */
export const under = (event: MouseEvent, box: Element): number => {
  const { left, width } = box.getBoundingClientRect();
  return width > 0 ? (event.clientX - left) / width : 0;
};

/** The axis: drag to zoom, double click to see all. */
export const Axis = watched(function Axis() {
  const { state, commands } = useView();
  const window = state.window.value;
  const cursor = state.cursor.value;
  const dragged = useLocal<Window | null>(null);

  const press = (event: PointerEvent) => {
    const box = event.currentTarget as HTMLElement;
    const from = clamp01(under(event, box));
    dragAlong(event, {
      move: (to) => {
        const at = clamp01(under(to, box));
        const range = { from: Math.min(from, at), to: Math.max(from, at) };
        dragged.value = range;
        state.dragged.value = range;
      },
      end: (moved) => {
        const range = dragged.value;
        dragged.value = null;
        state.dragged.value = null;
        if (!moved || !range || range.to - range.from < 0.005) return;
        const length = window.to - window.from;
        commands.window({ from: window.from + range.from * length, to: window.from + range.to * length });
      },
    });
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys + - < > f do the same
    <div
      class="nb-axis"
      title="Drag to zoom, double click to see all"
      onPointerDown={press}
      onDblClick={() => commands.window(null)}
    >
      {axisTicks(state)
        .filter((tick) => tick.at < LAST_LABEL)
        .map((tick) => (
          <span key={tick.label} style={`left:${tick.at.toFixed(2)}%`}>
            {tick.label}
          </span>
        ))}
      {dragged.value && (
        <div class="drag" style={`left:${dragged.value.from * 100}%;right:${100 - dragged.value.to * 100}%`} />
      )}
      {cursor !== null && (
        <span class="nb-at" style={`left:${cursor * 100}%`}>
          {pointerLabel(state.axis.value.time(window.from + cursor * (window.to - window.from)))}
        </span>
      )}
    </div>
  );
});

export const clamp01 = (x: number) => Math.min(1, Math.max(0, x));

/** Lines of the axis behind the rows, with gaps that were squeezed and the pointer's time. */
export const Ticks = watched(function Ticks() {
  const { state } = useView();
  const window = state.window.value;
  const axis = state.axis.value;
  const cursor = state.cursor.value;
  const dragged = state.dragged.value;
  return (
    <div class="nb-ticks" aria-hidden="true">
      <div>
        {axisTicks(state).map((tick) => (
          <i key={tick.label} style={`left:${tick.at.toFixed(2)}%`} />
        ))}
        {axis.gaps.map((gap) => {
          const from = percent(axis.place(gap.from), window.from, window.to);
          const to = percent(axis.place(gap.to), window.from, window.to);
          return to < 0 || from > 100 ? null : (
            <i
              key={gap.from}
              class="gap"
              style={`left:${Math.max(0, from)}%;width:${Math.min(100, to) - Math.max(0, from)}%`}
            />
          );
        })}
        {dragged && (
          <i class="drag" style={`left:${dragged.from * 100}%;right:${100 - dragged.to * 100}%;width:auto`} />
        )}
        {cursor !== null && <i class="nb-cursor" style={`left:${cursor * 100}%`} />}
      </div>
    </div>
  );
});
