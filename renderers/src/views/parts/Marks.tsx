import { percent } from '../../model/time';
import type { Bar, Segment } from '../../model/types';

interface Props {
  bar: Bar;
  from: number;
  to: number;
}

/** The pieces of one bar on an axis; the grammar is the same in every lane of the view. */
export function Marks({ bar, from, to }: Props) {
  const at = (t: number) => Math.min(100, Math.max(0, percent(t, from, to)));
  const last = bar.segments.at(-1);
  const piece = (s: Segment, i: number) => {
    const torn = bar.torn && s === last ? ' torn' : '';
    return (
      <i
        key={i}
        class={`s-${s.kind} k-${bar.kind}${torn}`}
        style={`left:${at(s.from)}%;width:${at(s.to) - at(s.from)}%`}
      />
    );
  };
  return (
    <>
      {bar.segments.map(piece)}
      {bar.first !== undefined && <i class="first" style={`left:${at(bar.first)}%`} />}
    </>
  );
}
