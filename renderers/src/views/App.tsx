import { useEffect } from 'preact/hooks';
import { useView } from './context';
import { Folded } from './Folded';
import { Header } from './header';
import { LiveView } from './LiveView';
import { More } from './more/More';
import { Empty, Failure, Loading, Notes } from './Notes';
import { OneCall } from './onecall/OneCall';
import { Split } from './Split';
import { TraceView } from './TraceView';
import { watched } from './watched';

/** Bars of what runs grow this often between two messages. */
const CLOCK_MS = 200;

/** Fewer calls have a row each from the start, and keep it when the cell ends. */
const MANY = 20;

/** Which of the views a capture takes. */
export const App = watched(function App() {
  const { state } = useView();
  const { state: at, payload, replay } = state.wire.value;
  const spans = state.spans.value;
  const store = state.store.value;
  const readiness = state.readiness.value;
  const planned = state.store.value.planned?.();
  useClock(at === 'running' && state.liveness.value === 'live');

  if (readiness === 'loading') {
    return (
      <>
        <Header />
        <Split />
        <Loading />
      </>
    );
  }
  if (typeof readiness === 'object') return <Failure title="This trace cannot be shown" text={readiness.error} />;
  if (payload)
    return <More key={payload.kind} name={payload.kind} store={store} meanwhile={<Loading />} payload={payload} />;
  const [only] = spans;
  // The view appears with the first call.
  if (spans.length === 0 && at !== 'done') return null;
  if (!only) return <Empty />;
  if (replay) return <More name="replayed" store={store} meanwhile={<Loading />} wire={state.wire.value} />;
  if (spans.length === 1 && only.call?.server)
    return <More name="joined" store={store} meanwhile={<Loading />} span={only} />;
  if (spans.length === 1 && only.call) return <Single />;
  if (at === 'running' && state.flat.value && Math.max(spans.length, planned ?? 0) >= MANY) return <LiveView />;
  if (state.collapsed.value && at === 'done') return <Folded />;
  return <TraceView />;
});

const Single = watched(function Single() {
  const { state } = useView();
  // Its figures grow with the clock.
  state.clock.value;
  state.version.value;
  const [span] = state.spans.value;
  if (!span) return null;
  return (
    <>
      <OneCall span={span} store={state.store.value} />
      <Notes />
    </>
  );
});

function useClock(on: boolean): void {
  const { state } = useView();
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => {
      state.clock.value++;
    }, CLOCK_MS);
    return () => clearInterval(timer);
  }, [on, state]);
}
