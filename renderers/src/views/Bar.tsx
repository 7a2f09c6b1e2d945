import { barOf } from '../model/bar';
import type { Squeeze } from '../model/gaps';
import { percent, type Window } from '../model/time';
import type { Node, Segment } from '../model/types';

interface Props {
  node: Node;
  /** End of what still runs. */
  now: number;
  window: Window;
  axis: Squeeze;
  critical: boolean;
  /** Of a trace that has ended nothing runs, also what has no end. */
  live: boolean;
}

const CLASS: Record<Segment['kind'], string> = {
  rail: 'rail',
  wait: 'ttft',
  work: '',
  retry: 'f-wait',
  failed: 'f-error',
  hold: 'f-hold',
};

/** Marks of single chunks only where they stand apart: as a share of the axis, and in number. */
const CHUNK_GAP = 0.6;
const CHUNKS = 120;

/** A span's bar in the waterfall. Pieces outside the window are left out, the rest is cut at its edges. */
export function Bar({ node, now, window, axis, critical, live }: Props) {
  const bar = barOf(node, now);
  const at = (t: number) => percent(axis.place(t), window.from, window.to);
  const last = bar.segments.at(-1);
  const pieces = bar.segments.map((s, i) => {
    const place = cut(at(s.from), at(s.to));
    if (!place) return null;
    const fill = s.kind === 'work' ? `f-${bar.kind}` : CLASS[s.kind];
    const ends = s.kind === 'rail' ? `${at(s.from) < 0 ? ' cut-from' : ''}${at(s.to) > 100 ? ' cut-to' : ''}` : '';
    // What has no end of its own yet is torn; waits are open by their look.
    const torn = bar.torn && s === last && (s.kind === 'work' || s.kind === 'rail') ? ' torn' : '';
    const pulse = live && node.span.ms === undefined && s === last ? ' pulse' : '';
    const colour = s.kind === 'wait' ? `;--c:var(--nb-${bar.kind})` : '';
    return <i key={i} class={`${fill}${ends}${torn}${pulse}`} style={`${place}${colour}`} />;
  });
  const first = bar.first === undefined ? undefined : at(bar.first);
  const whole = critical && node.kind !== 'flow' ? cut(at(node.span.at), at(node.end)) : undefined;
  return (
    <>
      {pieces}
      {chunkMarks(node, at)}
      {first !== undefined && first >= 0 && first <= 100 && <i class="first" style={`left:${round(first)}%`} />}
      {whole && <i class="crit" style={whole} />}
    </>
  );
}

/** `left` and `width`, cut to the axis; undefined when nothing of it is in sight. */
export function cut(from: number, to: number): string | undefined {
  if (to < 0 || from > 100) return undefined;
  const left = Math.max(0, from);
  return `left:${round(left)}%;width:${round(Math.min(100, to) - left)}%`;
}

const round = (x: number) => Math.round(x * 1000) / 1000;

function chunkMarks({ span }: Node, at: (t: number) => number) {
  const chunks = span.call?.chunks;
  if (!chunks || chunks.length < 3) return null;
  const seen = chunks.map((t) => at(span.at + t)).filter((x) => x >= 0 && x <= 100);
  const from = seen[0];
  const to = seen.at(-1);
  if (from === undefined || to === undefined || seen.length > CHUNKS || (to - from) / seen.length < CHUNK_GAP)
    return null;
  return seen.slice(1).map((x, i) => <i key={`c${i}`} class="chunk" style={`left:${round(x)}%`} />);
}
