import { useRef, useState } from 'preact/hooks';
import { duration, tokens } from '../../model/format';
import { area, bars, HEIGHT, line } from '../../model/graphs';
import {
  allBuckets,
  amount,
  type Bucket,
  money,
  roundUp,
  short,
  stepWord,
  sumOf,
  timeTicks,
  windowWord,
} from '../../model/overview';
import { percent } from '../../model/time';
import type { WireOverview } from '../../wire/types';
import { dragAlong } from '../drag';

export interface TimeWindow {
  from: number;
  to: number;
}

interface Props {
  of: Pick<WireOverview, 'from' | 'to' | 'step' | 'buckets'>;
  at: TimeWindow | null;
  brush: (to: TimeWindow | null) => void;
  /** Enter: the calls behind the window. */
  list: () => void;
  live: boolean;
}

/** Requests, latency and tokens on one time axis; dragging over them chooses a window. */
export function Graphs({ of, at, brush, list, live }: Props) {
  const buckets = allBuckets(of);
  const n = buckets.length;
  const end = of.from + n * of.step;
  const place = (t: number) => percent(t, of.from, end);
  const [drag, setDrag] = useState<TimeWindow | null>(null);
  const shown = drag ?? at;
  const root = useRef<HTMLDivElement>(null);

  const under = (event: PointerEvent) => {
    const box = root.current?.querySelector('.g')?.getBoundingClientRect();
    if (!box?.width) return 0;
    return Math.min(n - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * n)));
  };
  const span = (i: number, j: number): TimeWindow => ({
    from: of.from + Math.min(i, j) * of.step,
    to: of.from + (Math.max(i, j) + 1) * of.step,
  });
  const down = (event: PointerEvent) => {
    if (!(event.target as Element).closest('.g')) return;
    const start = under(event);
    const same = at && at.from <= of.from + start * of.step && at.to > of.from + start * of.step;
    let now = span(start, start);
    let moved = false;
    setDrag(now);
    dragAlong(event, {
      move: (next) => {
        moved ||= under(next) !== start;
        now = span(start, under(next));
        setDrag(now);
      },
      end: () => {
        setDrag(null);
        brush(!moved && same ? null : now);
      },
    });
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const first = at ? Math.round((at.from - of.from) / of.step) : -1;
    const last = at ? Math.round((at.to - of.from) / of.step) - 1 : -1;
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -24, PageDown: 24 }[event.key];
    const clamp = (i: number) => Math.min(n - 1, Math.max(0, i));
    if (by !== undefined) {
      const to = clamp(last < 0 && by < 0 ? n - 1 : last + by);
      brush(event.shiftKey && at ? span(first, Math.max(first, to)) : span(to, to));
    } else if (event.key === 'Home' || event.key === 'End')
      brush(event.key === 'Home' ? span(0, 0) : span(n - 1, n - 1));
    else if (event.key === 'Escape' && at) brush(null);
    else if (event.key === 'Enter' && at && !event.shiftKey) list();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const spoken = shown ? tipOf(buckets, shown) : null;
  return (
    <div
      class="nb-ov"
      ref={root}
      role="slider"
      tabIndex={0}
      aria-label="Window of time"
      aria-valuemin={0}
      aria-valuemax={n - 1}
      aria-valuenow={shown ? Math.round((shown.from - of.from) / of.step) : 0}
      aria-valuetext={spoken ? [spoken.when, ...spoken.facts].join(', ') : 'all'}
      onPointerDown={down}
      onKeyDown={key}
      data-lm-suppress-shortcuts="true"
    >
      <Lines buckets={buckets} step={of.step} ticks={timeTicks(of.from, end).map((tick) => place(tick.at))} />
      <div />
      <div class="g xt" aria-hidden="true">
        {timeTicks(of.from, end).map((tick) => (
          <span key={tick.at} style={`left:${place(tick.at)}%`}>
            {/* Where its word would not fit, a line alone. */}
            {place(tick.at) < 96 && tick.text}
          </span>
        ))}
      </div>
      {shown && (
        <div class="over" aria-hidden="true">
          <div class="sel" style={`left:${place(shown.from)}%;width:${place(shown.to) - place(shown.from)}%`} />
          {spoken && <Tip of={spoken} left={place(shown.from)} right={place(shown.to)} live={live} />}
        </div>
      )}
    </div>
  );
}

interface TipWords {
  when: string;
  facts: string[];
  limited?: string;
}

function tipOf(buckets: Bucket[], { from, to }: TimeWindow): TipWords {
  const sum = sumOf(buckets.filter(({ start }) => start >= from - 1 && start < to - 1));
  const used = (sum.in ?? 0) + (sum.out ?? 0);
  const facts = [
    `${amount(sum.requests)} requests`,
    sum.errors ? `${amount(sum.errors)} errors` : '',
    sum.blocked ? `${amount(sum.blocked)} blocked` : '',
    sum.p95 === undefined ? '' : `p95 up to ${duration(sum.p95)}`,
    used ? `${tokens(used)} tok` : '',
    sum.usd === undefined ? '' : money(sum),
  ];
  return {
    when: windowWord(from, to),
    facts: facts.filter(Boolean),
    ...(sum.limited ? { limited: `${amount(sum.limited)} × 429` } : {}),
  };
}

function Tip({ of, left, right, live }: { of: TipWords; left: number; right: number; live: boolean }) {
  // On the side where there is more room.
  const side = right > 60 ? `right:calc(${100 - left}% + 6px)` : `left:calc(${right}% + 6px)`;
  const [requests, ...others] = of.facts;
  return (
    <div class="nb-tip" style={side}>
      <b>{of.when}</b>
      <br />
      {requests}
      {of.limited && (
        <>
          {' · '}
          <span class="hold">{of.limited}</span>
        </>
      )}
      <br />
      {others.join(' · ')}
      <br />
      <span class="m">{live ? 'Enter shows these calls' : 'drag for a window, Esc for all'}</span>
    </div>
  );
}

/** The three graphs, drawn anew only when their numbers change. */
function Lines({ buckets, step, ticks }: { buckets: Bucket[]; step: number; ticks: number[] }) {
  const n = buckets.length;
  const per = stepWord(step);
  const most = (value: (bucket: Bucket) => number) => buckets.reduce((top, bucket) => Math.max(top, value(bucket)), 0);
  const requests = roundUp(most((b) => b.requests));
  const slow = roundUp(most((b) => b.p99 ?? b.p95 ?? b.p50 ?? 0));
  const used = roundUp(most((b) => (b.in ?? 0) + (b.out ?? 0)));
  const at = (i: number) => buckets[i] as Bucket;
  const bad = (i: number) => (at(i).errors ?? 0) + (at(i).limited ?? 0) + (at(i).blocked ?? 0);
  const ok = (i: number) => Math.max(0, at(i).requests - bad(i));
  const held = (i: number) => ok(i) + (at(i).limited ?? 0) + (at(i).blocked ?? 0);
  const unit = slow >= 1000 ? `${short(slow / 1000)} s` : `${short(slow)} ms`;
  return (
    <>
      <div class="k">
        <b>Requests</b>
        {per}
        <br />
        <span class="sw f-model" /> ok <span class="sw f-error" /> errors
        <br />
        <span class="sw f-hold" /> 429, blocked
      </div>
      <Plot n={n} top={short(requests)} ticks={ticks} label={`Requests ${per}, 429s and errors`}>
        <path class="s-ok" d={bars(n, () => 0, ok, requests)} />
        <path class="s-held" d={bars(n, ok, held, requests)} />
        <path class="s-err" d={bars(n, held, (i) => at(i).requests, requests)} />
      </Plot>
      <div class="k">
        <b>Latency</b>
        {slow >= 1000 ? 'seconds' : 'milliseconds'}
        <br />
        <span class="ln" /> p50 <span class="ln s95" /> p95
        <br />
        <span class="ln s99" /> p99
      </div>
      <Plot n={n} top={unit} ticks={ticks} label="Latency, p50, p95 and p99">
        <path class="s-99" d={line(buckets, (b) => b.p99, slow)} />
        <path class="s-95" d={line(buckets, (b) => b.p95, slow)} />
        <path class="s-50" d={line(buckets, (b) => b.p50, slow)} />
      </Plot>
      <div class="k">
        <b>Tokens</b>
        {per}
        <br />
        <span class="sw s-in" /> in
        <br />
        <span class="sw f-model" /> out
      </div>
      <Plot n={n} top={short(used)} ticks={ticks} label={`Tokens ${per}, in and out`}>
        <path class="s-in" d={area(n, (i) => (at(i).in ?? 0) + (at(i).out ?? 0), used)} />
        <path class="s-out" d={area(n, (i) => at(i).out ?? 0, used)} />
      </Plot>
    </>
  );
}

interface PlotProps {
  n: number;
  top: string;
  ticks: number[];
  label: string;
  children: preact.ComponentChildren;
}

function Plot({ n, top, ticks, label, children }: PlotProps) {
  return (
    <div class="g">
      <div class="y" aria-hidden="true">
        {top}
      </div>
      <div class="vg" aria-hidden="true">
        {ticks.map((x) => (
          <i key={x} style={`left:${x}%`} />
        ))}
      </div>
      <svg viewBox={`0 0 ${n} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
        <title>{label}</title>
        {children}
      </svg>
    </div>
  );
}
