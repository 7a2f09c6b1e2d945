import { useView } from './context';
import { BadCounts, Facts, SavedChip, Title, titleOf } from './header';
import { asText } from './parts/asText';
import { Icon } from './parts/Icon';
import { Split } from './Split';
import type { ViewState } from './state';
import { watched } from './watched';

/** A trace as three lines: facts, what went in, what came out. A press anywhere opens it. */
export const Folded = watched(function Folded() {
  const { state } = useView();
  const title = titleOf(state);
  const { input, output, bad } = ends(state);
  const open = () => {
    state.collapsed.value = false;
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the button in the head does the same for the keyboard
    <div class="nb-folded" role="group" aria-label={`${title || 'trace'}, folded`} onClick={open}>
      <div class="nb-head">
        <button type="button" class="tog" aria-expanded="false" aria-label="Open the trace" onClick={open}>
          <Icon name="fold" />
        </button>
        <Title text={title} />
        <Facts short />
        <div class="acts">
          <BadCounts />
          <SavedChip />
        </div>
      </div>
      <Split />
      <div class="nb-prev">
        <span class="who">input</span>
        <span class="cut">{input}</span>
      </div>
      <div class="nb-prev">
        <span class="who">{bad ? 'error' : 'output'}</span>
        <span class={bad ? 'cut err' : 'cut fg'}>{output}</span>
      </div>
    </div>
  );
});

/** Of the root span, else of the first and the last call. */
function ends(state: ViewState): { input: string; output: string; bad: boolean } {
  const { roots, order } = state.tree.value;
  const calls = order.filter((node) => node.span.call);
  const root = roots.length === 1 ? roots[0] : undefined;
  const first = calls[0]?.span.call;
  const last = calls.at(-1)?.span.call;
  const error = root?.span.error?.message;
  const input = asText(root?.span.inputs) || asText(first?.messages.findLast((m) => m.role === 'user')?.text);
  const output = error ?? (asText(root?.span.outputs) || asText(last?.answers[0]?.text));
  return { input, output, bad: error !== undefined };
}
