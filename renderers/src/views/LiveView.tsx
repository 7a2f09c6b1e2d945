import { useRef } from 'preact/hooks';
import { count, duration, whole } from '../model/format';
import { NO_SQUEEZE } from '../model/gaps';
import { lineOf } from '../model/hint';
import { iconOf, kindOf, statusOf } from '../model/kind';
import { axisEnd, bandLayout } from '../model/live';
import { LIVE_ROWS, type LiveList, type LiveRow, nextLiveList } from '../model/progress';
import { percent, tickLabel, tickStep, ticks } from '../model/time';
import type { Node } from '../model/types';
import { Bar } from './Bar';
import { useView } from './context';
import { Notes } from './Notes';
import { Icon } from './parts/Icon';
import { RunningHead, useProgress } from './RunningHead';
import { watched } from './watched';

/** Many calls in flight: a line for each in a band, and the few worth a look below. */
export const LiveView = watched(function LiveView() {
  const { state } = useView();
  const progress = useProgress();
  const now = state.now.value;
  const spans = state.wire.value.spans;
  const list = useRef<LiveList | null>(null);
  const held = useRef(new Set<string>());
  list.current = nextLiveList(list.current, spans, now, held.current);
  const rows = list.current.rows;
  const longest = rows.reduce((most, row) => Math.max(most, row.ms), progress.median ?? 0);
  const axis = useRef(0);
  // Grown in steps, so that bars do not creep back while they run.
  axis.current = Math.max(axis.current, stepUp(longest));
  const finished = progress.done + progress.failed;
  return (
    <div class="nb-live">
      <RunningHead />
      <Notes />
      <Band />
      <div class="nb-trace">
        <LiveHeads end={axis.current} median={progress.median} />
        <div
          class="nb-rows"
          role="grid"
          aria-label="Calls in flight"
          style={`height:calc(${LIVE_ROWS} * ${state.rowHeight.value}px + 4px)`}
        >
          <LiveTicks end={axis.current} median={progress.median} />
          {rows.map((row) => (
            <LiveRowView key={row.span.id} row={row} end={axis.current} now={now} hold={held.current} />
          ))}
        </div>
        <div class="nb-foot">
          <span>live, 10 updates a second at most</span>
          <span class="sp" />
          <span class="mid">{count(finished, 'call')} captured</span>
        </div>
      </div>
    </div>
  );
});

/** 5 s, then as the band. */
function stepUp(ms: number): number {
  return ms <= 5000 ? 5000 : axisEnd(ms);
}

const BAND_PX = 104;

/** Every call as a line; a shape for each tone, however many there are. */
const Band = watched(function Band() {
  const { state } = useView();
  const now = state.now.value;
  const spans = state.wire.value.spans;
  const end = axisEnd(Math.max(now * 1.05, 1));
  const lines = bandLayout(spans, now, BAND_PX);
  const shape = (tone: string) =>
    lines
      .filter((line) => line.tone === tone)
      .map((line) => {
        const x = (line.from / end) * 1000;
        return `M${x.toFixed(1)} ${line.y.toFixed(2)}h${Math.max(2, ((line.to - line.from) / end) * 1000).toFixed(1)}v${line.height.toFixed(2)}H${x.toFixed(1)}z`;
      })
      .join('');
  const calls = spans.filter((span) => span.call).length;
  return (
    <div class="nb-band" role="img" aria-label={`${count(calls, 'call')} over time`}>
      <svg class="cols" viewBox={`0 0 1000 ${BAND_PX}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="done" d={shape('done')} />
        <path class="running pulse" d={shape('running')} />
        <path class="error" d={shape('error')} />
        <path class="hold" d={shape('hold')} />
      </svg>
      <div class="now" style={`left:${Math.min(100, (now / end) * 100)}%`} />
    </div>
  );
});

interface Scale {
  end: number;
  median?: number;
}

const TICKS = 4;

function LiveHeads({ end, median }: Scale) {
  const step = tickStep(0, end, TICKS);
  const p50 = median === undefined ? undefined : percent(median, 0, end);
  return (
    <div class="nb-cols">
      <span class="n">#</span>
      <span>Failed and in flight</span>
      <span class="n">Time</span>
      <span class="n tok">Tokens</span>
      <span class="n wide">tok/s</span>
      <div class="nb-axis">
        {ticks(0, end, TICKS)
          .map((t) => ({ at: percent(t, 0, end), label: tickLabel(t, step) }))
          .filter(({ at }) => p50 === undefined || Math.abs(at - p50) > 15)
          .map(({ at, label }) => (
            <span key={label} style={`left:${at}%`}>
              {label}
            </span>
          ))}
        {p50 !== undefined && (
          <span style={`left:${p50}%`} title="Half of the finished calls took less">
            p50
          </span>
        )}
      </div>
    </div>
  );
}

function LiveTicks({ end, median }: Scale) {
  return (
    <div class="nb-ticks" aria-hidden="true">
      <div>
        {ticks(0, end, TICKS).map((t) => (
          <i key={t} style={`left:${percent(t, 0, end)}%`} />
        ))}
        {median !== undefined && <i class="p50" style={`left:${percent(median, 0, end)}%`} />}
      </div>
    </div>
  );
}

interface LiveRowProps {
  row: LiveRow;
  end: number;
  now: number;
  hold: Set<string>;
}

const TONES: Record<LiveRow['tone'], string> = { text: 'cut', faint: 'cut', error: 'cut err', hold: 'cut hold' };

const LiveRowView = watched(function LiveRowView({ row, end, now, hold }: LiveRowProps) {
  const { state, commands } = useView();
  const { span } = row;
  const running = statusOf(span) === 'running';
  const retrying = running && row.tone === 'hold';
  const icon = retrying ? 'retry' : iconOf(span);
  const tone = row.tone === 'error' ? 'err' : row.tone === 'hold' ? 'hold' : kindOf(span);
  const node: Node | undefined = state.node(span.id);
  const text = row.tone === 'text' ? lineOf(row.text) : row.text;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the detail opens when the cell is done; until then rows are to be read
    <div
      class="nb-row"
      role="row"
      aria-label={`call ${row.number}, ${running ? (row.tone === 'faint' ? 'waiting' : 'streaming') : 'finished'}`}
      onPointerEnter={() => hold.add(span.id)}
      onPointerLeave={() => hold.delete(span.id)}
      onClick={() => commands.at(span.id)}
    >
      <div class="n num m" role="gridcell">
        {row.number}
      </div>
      <div class="name" role="gridcell">
        <Icon name={icon} tone={tone} />
        <span class={TONES[row.tone]}>
          {text}
          {running && row.tone === 'text' && <span class="caret" />}
        </span>
      </div>
      <div class="n time" role="gridcell">
        {duration(row.ms)}
      </div>
      <div class="n tok" role="gridcell">
        {row.tokens ? whole(row.tokens) : ''}
      </div>
      <div class="n wide" role="gridcell">
        {row.rate ? whole(row.rate) : ''}
      </div>
      <div class="nb-fall" role="gridcell">
        {node && (
          <Bar
            node={node}
            now={now}
            window={{ from: span.at, to: span.at + end }}
            axis={NO_SQUEEZE}
            critical={false}
            live
          />
        )}
      </div>
    </div>
  );
});
