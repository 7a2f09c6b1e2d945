import { useEffect, useId, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { count, whole } from '../../model/format';
import {
  firstColumns,
  kindOfColumn,
  labelOf,
  pandasText,
  rowsOfFrame,
  withCategories,
  withCondition,
} from '../../model/frame';
import { own } from '../../model/own';
import { UNTRUSTED } from '../../model/words';
import type { Store } from '../../wire/store';
import type { FrameCondition, WireFrame } from '../../wire/types';
import { Detail } from '../detail/Detail';
import { useRows } from '../more/useRows';
import { useStore } from '../more/useStore';
import { Note } from '../Notes';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Copy } from '../parts/Copy';
import { Icon } from '../parts/Icon';
import { Menu } from '../parts/Menu';
import { FrameRow } from './FrameRow';
import { ColumnHead } from './Heads';
import { useSpans } from './useSpans';

const ROW = 24;
const MOST_ROWS = 14;
/** Conditions change while the pointer moves: the kernel hears of the last. */
const QUIET_MS = 250;

/** A frame that filters, sorts and opens; the filter is the pandas text that gives the same rows. */
export function Frame({ store, payload }: { store: Store; payload: WireFrame }) {
  useStore(store);
  const frame = useMemo(() => withCategories(payload), [payload]);
  const [conditions, setConditions] = useState<FrameCondition[]>(payload.filter ?? []);
  const [sort, setSort] = useState<WireFrame['sort']>(payload.sort);
  const [names, setNames] = useState(() => firstColumns(frame));
  const [detail, setDetail] = useState(true);
  const trusted = store.liveness() !== 'untrusted';
  const spans = useSpans(frame, store, trusted);
  const rows = useMemo(() => rowsOfFrame(frame, conditions, sort), [frame, conditions, sort]);
  const code = pandasText(frame, conditions);
  useTold(store, conditions, code);

  const selected = store.selected();
  const span = selected === null ? undefined : spans.get().spans.find((each) => each.id === selected);
  const all = frame.total > frame.rows.length;
  const words = `${whole(rows.length)} of ${whole(all && conditions.length === 0 ? frame.total : frame.rows.length)}`;
  const sortBy = (column: string) =>
    setSort(sort?.column !== column ? { column, descending: true } : sort.descending ? { column } : undefined);
  const open = span !== undefined && detail;
  const columns = names.flatMap((name) => {
    const at = frame.columns.findIndex((column) => column.name === name);
    const column = frame.columns[at];
    return column ? [{ column, at }] : [];
  });
  const items = frame.columns
    .filter((column) => !names.includes(column.name))
    .map((column) => ({ word: labelOf(column), run: () => setNames([...names, column.name]) }));
  return (
    <div class="nb-df" role="group" aria-label={`${brief(frame.name, 60)}, ${words} rows`}>
      <div class="nb-code">
        <Icon name="filter" tone="flow" />
        <code class="cut" title={brief(code, 500)}>
          {brief(code, 500)}
        </code>
        <span class="n m">{words}</span>
        <Copy text={pandasText(frame, conditions, sort)} label="Copy as pandas" />
        {items.length > 0 && (
          <Menu icon="more" label="Show another column" items={() => items.slice(0, 40)} class="mid" />
        )}
        {conditions.length > 0 && (
          <Button class="mid" press={() => setConditions([])}>
            Clear
          </Button>
        )}
      </div>
      {!trusted && <Note icon="lock" lead={UNTRUSTED[0]} text={UNTRUSTED[1]} under />}
      {all && (
        <Note
          icon="cut"
          tone="hold"
          lead={`The first ${whole(frame.rows.length)} of ${count(frame.total, 'row')} are here.`}
          text="The pandas text gives all that fit it."
          under
        />
      )}
      <div class={open ? 'nb-body has-detail' : 'nb-body'} style="--split:58%">
        <Table
          frame={frame}
          rows={rows}
          columns={columns}
          conditions={conditions}
          setConditions={setConditions}
          sort={sort}
          sortBy={sortBy}
          selected={selected}
          select={(id) => {
            store.select(id);
            setDetail(true);
          }}
          words={words}
        />
        {span && detail && (
          <Detail span={span} store={spans} select={(id) => store.select(id)} close={() => setDetail(false)} />
        )}
      </div>
    </div>
  );
}

function useTold(store: Store, conditions: FrameCondition[], code: string): void {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (store.liveness() !== 'live') return;
    const timer = setTimeout(() => store.ask?.('filter', { conditions, code }).catch(() => undefined), QUIET_MS);
    return () => clearTimeout(timer);
  }, [code]);
}

interface TableProps {
  frame: WireFrame;
  rows: number[];
  columns: { column: WireFrame['columns'][number]; at: number }[];
  conditions: FrameCondition[];
  setConditions: (conditions: FrameCondition[]) => void;
  sort: WireFrame['sort'];
  sortBy: (column: string) => void;
  selected: string | null;
  select: (id: string | null) => void;
  words: string;
}

function Table({ frame, rows, columns, conditions, setConditions, sort, sortBy, selected, select, words }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLTableElement>(null);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const prefix = useId();
  const height = Math.max(1, Math.min(rows.length, MOST_ROWS)) * ROW;
  const view = useRows(rows.length, ROW, height);
  const current = selected === null ? -1 : rows.findIndex((i) => frame.ids[i] === selected);
  const duration = frame.columns.findIndex((column) => column.name === 'duration_ms');
  const first = frame.columns.findIndex((column) => column.name === 'ttft_ms');
  const longest = useMemo(
    () => rows.reduce((most, i) => Math.max(most, Number(frame.rows[i]?.[duration] ?? 0)), 0),
    [rows, duration],
  );
  const go = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    select(frame.ids[rows[to] ?? -1] ?? null);
    view.show(box.current, to);
  };
  const steps: Record<string, () => void> = {
    ArrowDown: () => go(current + 1),
    ArrowUp: () => go(current < 0 ? 0 : current - 1),
    PageDown: () => go(current + MOST_ROWS - 1),
    PageUp: () => go(current - MOST_ROWS + 1),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    Enter: () => enterDetail(box.current),
    Escape: () => select(null),
  };
  const key = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (event.target !== grid.current || !step || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey)
      return;
    if (event.key === 'Escape' && selected === null) return;
    step();
    again(0);
    event.preventDefault();
    event.stopPropagation();
  };
  const before = view.from * ROW;
  const after = (rows.length - view.to) * ROW;
  return (
    <div class="nb-trace">
      <div class="nb-grid" ref={box} style={`max-height:${height + HEAD}px`} onScroll={view.scrolled}>
        <table
          class="nb-table nb-frame"
          ref={grid}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that is walked by keys is a grid
          role="grid"
          aria-label={brief(frame.name, 60)}
          aria-rowcount={rows.length + 1}
          aria-activedescendant={current >= view.from && current < view.to ? `${prefix}-${current}` : undefined}
          tabIndex={0}
          style={`--w:${widthOf(columns, false)}px;--wt:${widthOf(columns, true)}px`}
          onKeyDown={key}
          data-lm-suppress-shortcuts="true"
        >
          <colgroup>
            <col style={`width:${PLACE}px`} />
            {columns.map(({ column }) => (
              <col
                key={column.name}
                {...(kindOfColumn(column) === 'text' ? { class: 'txt' } : { style: `width:${columnWidth(column)}px` })}
              />
            ))}
          </colgroup>
          <thead>
            <tr>
              <th scope="col" class="n">
                <span class="lab">{frame.grain === 'calls' ? 'call' : 'row'}</span>
              </th>
              {columns.map(({ column, at }) => (
                <ColumnHead
                  key={column.name}
                  frame={frame}
                  at={at}
                  condition={conditions.find((condition) => condition.column === column.name)}
                  sort={sort}
                  setSort={sortBy}
                  set={(next) => setConditions(withCondition(conditions, column.name, next))}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <tr class="pad" style={`height:${before}px`} />}
            {rows.slice(view.from, view.to).map((i, j) => (
              <FrameRow
                key={i}
                id={`${prefix}-${view.from + j}`}
                place={i}
                index={view.from + j}
                columns={columns}
                values={frame.rows[i] ?? []}
                at={view.from + j === current}
                longest={longest}
                first={first < 0 ? undefined : first}
                press={() => select(frame.ids[i] ?? null)}
              />
            ))}
            {after > 0 && <tr class="pad" style={`height:${after}px`} />}
          </tbody>
        </table>
        {rows.length === 0 && (
          <div class="nb-note" role="status">
            <span>No row fits.</span>
            <Button class="line" press={() => setConditions([])}>
              Clear
            </Button>
          </div>
        )}
      </div>
      <div class="nb-foot">
        <span>{words} rows</span>
        <span class="sp" />
        <span>
          <code>.gateway.selected</code> {selected === null ? 'no row' : '1 row'}
        </span>
      </div>
    </div>
  );
}

/** px; the texts take what is left. */
const PLACE = 44;
const WIDTHS: Record<string, number> = {
  status: 64,
  model: 144,
  endpoint: 144,
  duration_ms: 116,
  ttft_ms: 54,
  output_tokens: 58,
  cost_usd: 64,
};
const columnWidth = (column: WireFrame['columns'][number]) =>
  own(WIDTHS, column.name) ?? { number: 84, time: 96, category: 110, text: 150 }[kindOfColumn(column)];
const widthOf = (columns: TableProps['columns'], texts: boolean) =>
  columns.reduce(
    (sum, { column }) => sum + (texts || kindOfColumn(column) !== 'text' ? columnWidth(column) : 0),
    PLACE,
  );

/** To the tabs of the pane beside the table. */
function enterDetail(box: HTMLElement | null): void {
  const tab = box?.closest('.nb-df')?.querySelector<HTMLElement>('.nb-detail [role=tab][aria-selected=true]');
  tab?.focus();
}

/** px: names and what filters under them. */
const HEAD = 50;
