import { isEmptyFilter, modelsOf } from '../../model/search';
import type { Status } from '../../wire/types';
import { useView } from '../context';
import { Icon } from '../parts/Icon';
import { watched } from '../watched';

const STATUSES: [Status, string][] = [
  ['ok', 'ok'],
  ['error', 'error'],
  ['blocked', 'blocked'],
  ['rate_limited', 'rate limited'],
  ['interrupted', 'interrupted'],
  ['running', 'running'],
];

/** Status, model, duration, text: one line, on demand. Parents of what passes stay. */
export const Filters = watched(function Filters() {
  const { state, commands } = useView();
  const filter = state.filter.value;
  const models = modelsOf(state.tree.value);
  const [status = ''] = filter.statuses ?? [];
  const [model = ''] = filter.models ?? [];
  const one = <T,>(value: T | '') => (value === '' ? undefined : new Set([value]));
  return (
    <div class="nb-filters" role="group" aria-label="Filters">
      <label>
        status
        <select
          value={status}
          onChange={(event) => commands.filter({ statuses: one(event.currentTarget.value as Status | '') })}
        >
          <option value="">any</option>
          {STATUSES.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </select>
      </label>
      {models.length > 1 && (
        <label>
          model
          <select value={model} onChange={(event) => commands.filter({ models: one(event.currentTarget.value) })}>
            <option value="">any</option>
            {models.map(({ name, calls }) => (
              <option key={name} value={name}>
                {name} ({calls})
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        over
        <input
          inputMode="decimal"
          aria-label="Longer than, in seconds"
          value={filter.minMs === undefined ? '' : String(filter.minMs / 1000)}
          onChange={(event) => commands.filter({ minMs: seconds(event.currentTarget.value) })}
        />
        s
      </label>
      <label>
        with text
        <input
          style="width:140px"
          value={filter.text ?? ''}
          onChange={(event) => commands.filter({ text: event.currentTarget.value.trim() || undefined })}
        />
      </label>
      <span class="sp" />
      {!isEmptyFilter(filter) && (
        <button type="button" onClick={() => commands.clearFilter()}>
          Clear
        </button>
      )}
      <button type="button" aria-label="Close the filters" onClick={() => commands.filters()}>
        <Icon name="close" />
      </button>
    </div>
  );
});

function seconds(text: string): number | undefined {
  const value = Number.parseFloat(text.replace(',', '.'));
  return Number.isFinite(value) && value > 0 ? value * 1000 : undefined;
}
