import type { SplitKind } from '../model/types';
import { useView } from './context';
import { watched } from './watched';

/** Classes of the parts, in the colours of the bars. */
export const FILL: Record<SplitKind, string> = {
  model: 'f-model',
  tool: 'f-tool',
  data: 'f-data',
  wait: 'f-wait',
  flow: 'f-flow',
  hold: 'f-hold',
  error: 'f-error',
};

/** Where the time went: one thin line. */
export const Split = watched(function Split() {
  const { state } = useView();
  return (
    <div class="nb-split" aria-hidden="true">
      {state.parts.value.map(({ kind, ms }) => (
        <i key={kind} class={FILL[kind]} style={`flex:${Math.max(ms, 0.001)}`} />
      ))}
    </div>
  );
});
