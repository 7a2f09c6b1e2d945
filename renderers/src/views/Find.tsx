import { useEffect, useRef } from 'preact/hooks';
import { matchLine } from '../model/words';
import { useView } from './context';
import { Icon } from './parts/Icon';
import { watched } from './watched';

/** Typing in a long trace must not wait for the search. */
const TYPING_MS = 120;

/** Find over names, messages, arguments, errors and ids. It owns Ctrl F here: the rows are virtual. */
export const Find = watched(function Find() {
  const { state, commands } = useView();
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const query = state.query.value;
  const total = state.matches.value.length;
  const place = state.at.value === null ? -1 : state.matches.value.indexOf(state.at.value);

  useEffect(() => {
    commands.focusFind = () => {
      input.current?.focus();
      input.current?.select();
    };
    return () => clearTimeout(timer.current);
  }, [commands]);
  useEffect(() => {
    if (input.current && input.current.value !== query) input.current.value = query;
  }, [query]);

  const now = () => {
    clearTimeout(timer.current);
    if (input.current) commands.query(input.current.value);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    now();
    commands.nextMatch(event.shiftKey ? -1 : 1);
  };

  return (
    <label class={query ? 'nb-find on' : 'nb-find'}>
      <Icon name="find" />
      <input
        ref={input}
        placeholder="Find in names, messages, JSON"
        aria-label="Find in trace"
        spellcheck={false}
        autocomplete="off"
        onInput={() => {
          clearTimeout(timer.current);
          timer.current = setTimeout(now, TYPING_MS);
        }}
        onKeyDown={key}
      />
      {query ? (
        <>
          <span class="t1" role="status">
            {matchLine(place < 0 ? null : place, total)}
          </span>
          {total > 0 && (
            <>
              <button
                type="button"
                aria-label="Previous match"
                title="Previous match (N)"
                onClick={() => commands.nextMatch(-1)}
              >
                <Icon name="prev" />
              </button>
              <button
                type="button"
                aria-label="Next match"
                title="Next match (n)"
                onClick={() => commands.nextMatch(1)}
              >
                <Icon name="next" />
              </button>
            </>
          )}
        </>
      ) : (
        <kbd class="mid">/</kbd>
      )}
    </label>
  );
});
