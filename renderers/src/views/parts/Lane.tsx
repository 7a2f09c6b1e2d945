import { useLayoutEffect, useRef } from 'preact/hooks';
import { barOf, laneLabels } from '../../model/bar';
import { percent } from '../../model/time';
import type { Node } from '../../model/types';
import { brief } from './brief';
import { laneSentence } from './laneSentence';
import { Marks } from './Marks';

interface Props {
  node: Node;
  now: number;
}

/** A call's own time from edge to edge, with its labels; those that would run into another are left out. */
export function Lane({ node, now }: Props) {
  const from = node.span.at;
  const to = Math.max(node.span.ms === undefined ? now : node.end, from + 0.001);
  const labels = laneLabels(node, now);
  const box = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const lane = box.current;
    if (!lane) return;
    const place = () => placeLabels(lane);
    place();
    if (typeof ResizeObserver === 'undefined') return;
    const watch = new ResizeObserver(place);
    watch.observe(lane);
    return () => watch.disconnect();
  });

  return (
    <div class="nb-lane" role="img" aria-label={laneSentence(node.span, now)} ref={box}>
      <Marks bar={barOf(node, now)} from={from} to={to} />
      {labels.map((label, i) => (
        <span key={i} data-at={percent(label.at, from, to)} data-align={label.align}>
          {brief(label.text, 60)}
        </span>
      ))}
    </div>
  );
}

const GAP = 8;
/** How far left of its mark a label begins, as a part of its width. */
const SHIFT: Record<string, number> = { start: 0, center: 0.5, end: 1 };

/** The total wins, then the first token, then by time. Read all, then write all: one layout, not one a label. */
function placeLabels(lane: HTMLElement): void {
  const width = lane.clientWidth;
  if (!width) return;
  const labels = [...lane.querySelectorAll<HTMLElement>(':scope > span')];
  const rank = (el: HTMLElement, i: number) =>
    i === labels.length - 1 ? 0 : el.textContent?.startsWith('first') ? 1 : 2 + i;
  const measured = labels.map((el, i) => ({ el, rank: rank(el, i), wide: el.offsetWidth }));
  const taken: [number, number][] = [];
  for (const { el, wide } of measured.sort((a, b) => a.rank - b.rank)) {
    const mark = (Number(el.dataset.at) / 100) * width - wide * (SHIFT[el.dataset.align ?? 'start'] ?? 0);
    const x = Math.max(0, Math.min(mark, width - wide));
    const free = !taken.some(([from, to]) => x < to + GAP && x + wide > from - GAP);
    if (free) taken.push([x, x + wide]);
    // Held by the edge it belongs to: a font that comes late changes the width.
    if (x + wide >= width) el.style.cssText = 'right:0';
    else el.style.cssText = `left:${x}px`;
    el.style.visibility = free ? '' : 'hidden';
  }
}
