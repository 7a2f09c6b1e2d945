import { useEffect, useRef } from 'preact/hooks';
import { count } from '../model/format';
import { foldedLine } from '../model/words';
import { Axis } from './Axis';
import { useView } from './context';
import { Divider, LowerEdge } from './Divider';
import { Detail } from './detail/Detail';
import { Find } from './Find';
import { Header } from './header';
import { treeKeys } from './keys';
import { Legend } from './Legend';
import { Minimap } from './Minimap';
import { More } from './more/More';
import { Notes } from './Notes';
import { Icon } from './parts/Icon';
import { RunningHead } from './RunningHead';
import { Split } from './Split';
import { BESIDE, Tree, useTreeHeight } from './Tree';
import { watched } from './watched';

/** From this many spans on there is something to find. */
const FIND_FROM = 20;
const LEGEND_FROM = 10;

export const TraceView = watched(function TraceView() {
  const { state, commands } = useView();
  const root = useRef<HTMLDivElement>(null);
  const { order } = state.tree.value;
  const running = state.wire.value.state === 'running';
  const selected = state.node(state.at.value);
  const detail = state.detail.value && selected !== undefined;
  const flat = state.flat.value;

  useEffect(() => {
    commands.focusDetail = () =>
      root.current?.querySelector<HTMLElement>('.nb-detail [role=tab][aria-selected=true]')?.focus();
  }, [commands]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the whole view; each part has a role of its own
    <div ref={root} onKeyDown={(event) => treeKeys(event, commands, state)}>
      {running ? <RunningHead /> : <Header />}
      {!running && <Split />}
      {(!flat || order.length >= LEGEND_FROM) && <Legend />}
      {state.filtersOpen.value && <More name="filters" />}
      <Notes />
      <Body detail={detail} flat={flat} />
      {detail && state.query.value && (
        <More name="found" root={root} query={state.query.value} shown={selected.span.id} />
      )}
      {state.help.value && <More name="help" />}
    </div>
  );
});

const Body = watched(function Body({ detail, flat }: { detail: boolean; flat: boolean }) {
  const { state, commands } = useView();
  const selected = state.node(state.at.value);
  const beside = state.width.value >= BESIDE;
  const height = useTreeHeight(detail && !beside);
  const { order } = state.tree.value;
  const big = state.big.value;
  // A running span's detail shows what arrived so far.
  state.clock.value;
  return (
    <div class={detail ? 'nb-body has-detail' : 'nb-body'} style={`--split:${state.split.value}%`}>
      <div class={big ? 'nb-trace big' : 'nb-trace'}>
        {order.length >= FIND_FROM && (
          <div class="nb-bar">
            <Find />
            <span class="n end wide">{state.zoomed.value && <FitButton />}</span>
            <Minimap />
          </div>
        )}
        <div class="nb-cols">
          <span>{flat ? 'Call' : 'Span'}</span>
          <span class="n tok">Tokens</span>
          <button
            type="button"
            class="n"
            title={
              state.ownTime.value
                ? 'Own time, without what is below. Press for all.'
                : 'Press for own time, without what is below.'
            }
            onClick={() => commands.ownTime()}
          >
            {state.ownTime.value ? 'Own' : 'Time'}
          </button>
          <Axis />
        </div>
        <Tree height={height} flat={flat} />
        {!detail && <LowerEdge height={height} />}
        {big && <BigFoot />}
      </div>
      {detail && selected && (
        <>
          <Divider beside={beside} height={height} />
          <Detail
            span={selected.span}
            store={state.store.value}
            select={(id) => commands.reveal(id)}
            close={() => commands.closeDetail()}
          />
        </>
      )}
    </div>
  );
});

function FitButton() {
  const { commands } = useView();
  return (
    <button
      type="button"
      aria-label="Show the whole time"
      title="Show the whole time (f)"
      onClick={() => commands.window(null)}
    >
      <Icon name="expand" />
      fit
    </button>
  );
}

const BigFoot = watched(function BigFoot() {
  const { state, commands } = useView();
  const all = state.rows.value;
  // The line above an open group stands for none.
  const rows = all.filter((row) => row.folded || !row.similar).length;
  const spans = state.tree.value.order.length;
  const folded = all.some((row) => row.folded);
  const grouped = all.some((row) => row.folded && row.similar);
  return (
    <div class="nb-foot">
      <span>{rows < spans ? foldedLine(rows, spans) : count(spans, 'span')}</span>
      {grouped && <span class="mid">groups of 20 and more are folded; errors and the slowest stay</span>}
      <span class="sp" />
      <button type="button" onClick={() => (folded ? commands.unfoldAll() : commands.foldAll())}>
        {folded ? 'Unfold all' : 'Fold all'}
      </button>
    </div>
  );
});
