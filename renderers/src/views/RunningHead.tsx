import { useRef } from 'preact/hooks';
import { runningClock } from '../model/live';
import { progressOf } from '../model/progress';
import { runningLine, runningPieces } from '../model/words';
import { useView } from './context';
import { PieceView, Title, titleOf } from './header';
import { Icon } from './parts/Icon';
import { Menu } from './parts/Menu';
import { watched } from './watched';

/** How often the line is spoken. */
const SPEAK_MS = 5000;

export function useProgress() {
  const { state } = useView();
  return progressOf(state.wire.value.spans, state.now.value, state.store.value.planned?.());
}

/** One status line and the progress, while the cell runs. */
export const RunningHead = watched(function RunningHead() {
  const { state, commands } = useView();
  const progress = useProgress();
  const spoken = useRef({ at: Number.NEGATIVE_INFINITY, line: '' });
  const now = state.now.value;
  if (now - spoken.current.at >= SPEAK_MS) spoken.current = { at: now, line: runningLine(progress) };
  const title = titleOf(state);
  return (
    <>
      <div class="nb-head">
        <Icon name="run" tone="flow pulse" />
        <Title text={title} />
        <div class="facts">
          {runningPieces(progress).map((piece) => (
            <PieceView key={piece.text.replace(/[\d.,]+/g, '')} piece={piece} />
          ))}
        </div>
        <div class="acts">
          <span class="n m mid chip">{runningClock(now)}</span>
          <Menu
            icon="more"
            label="More: filters, keys"
            items={() => [
              { word: 'Filter …', icon: 'filter', run: () => commands.filters() },
              { word: 'Keys', note: '?', icon: 'info', run: () => commands.help() },
            ]}
          />
        </div>
        <span class="sr" role="status">
          {spoken.current.line}
        </span>
      </div>
      <ProgressLine {...progress} planned={state.store.value.planned?.()} />
    </>
  );
});

function ProgressLine({
  done,
  failed,
  inFlight,
  planned,
}: {
  done: number;
  failed: number;
  inFlight: number;
  planned?: number;
}) {
  const all = Math.max(planned ?? 0, done + failed + inFlight, 1);
  const share = (n: number) => `width:${(n / all) * 100}%`;
  return (
    <div
      class="nb-prog"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={all}
      aria-valuenow={done + failed}
      aria-label={`${done + failed} of ${all} calls finished`}
    >
      <i class="f-model" style={share(done)} />
      <i class="f-error" style={share(failed)} />
      <i class="f-model flying" style={share(inFlight)} />
    </div>
  );
}
