import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import { isBad } from '../model/kind';
import type { Row } from '../model/types';
import { useView } from './context';
import { dragAlong } from './drag';
import type { Signal } from './signals';
import { rowId } from './state';
import { watched } from './watched';

interface Props {
  scroller: RefObject<HTMLElement | null>;
  top: Signal<number>;
  height: number;
  rows: Row[];
}

/** Places for marks: more could not be told apart. */
const PLACES = 300;

/** Beside a long tree: where the matches are (or the errors), and the scroll bar. */
export const Ruler = watched(function Ruler({ scroller, top, height, rows }: Props) {
  const { state } = useView();
  const rowHeight = state.rowHeight.value;
  const total = Math.max(rows.length * rowHeight, height);
  const matches = state.matchSet.value;
  const marks = useMemo(() => marksOf(rows, matches), [rows, matches]);
  const move = (part: number) => {
    if (scroller.current) scroller.current.scrollTop = part * total - height / 2;
  };
  const part = (event: PointerEvent, box: Element) => (event.clientY - box.getBoundingClientRect().top) / height;
  const press = (down: PointerEvent) => {
    const box = down.currentTarget as HTMLElement;
    move(part(down, box));
    dragAlong(down, { move: (event) => move(part(event, box)), end: () => undefined });
  };
  return (
    <div class="nb-ruler" aria-hidden="true" onPointerDown={press}>
      {total > height && <b style={`top:${(top.value / total) * 100}%;height:${(height / total) * 100}%`} />}
      {marks}
    </div>
  );
});

/** Made anew when the rows change, not when they scroll. */
function marksOf(rows: Row[], matches: ReadonlySet<string>) {
  const finding = matches.size > 0;
  const places = new Set<number>();
  rows.forEach((row, i) => {
    const hit = finding ? matches.has(rowId(row)) : isBad(row.node.span) && !row.similar;
    if (hit) places.add(Math.round((i / rows.length) * PLACES));
  });
  return [...places].map((at) => (
    <i key={at} class={finding ? '' : 'f-error'} style={`top:${((at / PLACES) * 100).toFixed(2)}%`} />
  ));
}
