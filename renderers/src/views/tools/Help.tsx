import { useEffect, useRef } from 'preact/hooks';
import { useView } from '../context';
import { Icon } from '../parts/Icon';

/** The list of the `?` key: keys, what they do. */
const KEYS: [string[], string][] = [
  [['↑', '↓'], 'row before, after'],
  [['→', '←'], 'unfold, fold; else child, parent'],
  [['Home', 'End'], 'first, last row'],
  [['PgUp', 'PgDn'], 'a page'],
  [['Enter'], 'open the detail and go there'],
  [['Space'], 'fold, unfold'],
  [['Esc'], 'back: detail, find, notebook'],
  [['[', ']'], 'fold, unfold one level everywhere'],
  [['/'], 'find'],
  [["'"], 'then letters: the row of that name'],
  [['n', 'N'], 'next, previous match'],
  [['e', 'E'], 'next, previous error'],
  [['+', '−'], 'zoom the time at the selection'],
  [['<', '>'], 'pan the time'],
  [['f'], 'fit: the whole time, or the selected span'],
  [['p'], 'critical path'],
  [['?'], 'this list'],
];

/** The list of keys, below the tree. */
export function Help() {
  const { state, commands } = useView();
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  const shut = () => {
    state.help.value = false;
    commands.focusTree();
  };
  return (
    <div class="nb-help" role="dialog" aria-label="Keys">
      <div class="nb-head">
        <h3>Keys</h3>
        <div class="facts">
          <span>while the view has the focus</span>
        </div>
        <div class="acts">
          <button type="button" ref={close} aria-label="Close" onClick={shut}>
            <Icon name="close" />
          </button>
        </div>
      </div>
      <div class="nb-keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            {keys.map((key) => (
              <kbd key={key}>{key}</kbd>
            ))}
            <span>{what}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
