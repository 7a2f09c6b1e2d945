import { useId, useRef, useState } from 'preact/hooks';
import { count } from '../../model/format';
import { binWord, categoriesOf, type Histogram, histogramOf, kindOfColumn, labelOf } from '../../model/frame';
import { shortModel } from '../../model/kind';
import type { FrameCondition, WireColumn, WireFrame } from '../../wire/types';
import { dragAlong } from '../drag';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Icon } from '../parts/Icon';
import { moved } from '../parts/keys';

interface Props {
  frame: WireFrame;
  at: number;
  condition?: FrameCondition;
  sort: WireFrame['sort'];
  setSort: (column: string) => void;
  set: (condition: FrameCondition | null) => void;
}

/** The head of a column: its name sorts, what is under it filters. */
export function ColumnHead({ frame, at, condition, sort, setSort, set }: Props) {
  const column = frame.columns[at];
  if (!column) return null;
  const kind = kindOfColumn(column);
  const sorted = sort?.column === column.name;
  const direction = sorted ? (sort?.descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" class={kind === 'number' ? 'n' : kind === 'text' ? 'txt' : undefined} aria-sort={direction}>
      <Button class="lab" title={`Sort by ${brief(column.name, 60)}`} press={() => setSort(column.name)}>
        {sorted && <Icon name={sort?.descending ? 'next' : 'prev'} />}
        {brief(labelOf(column), 40)}
      </Button>
      {kind === 'number' || kind === 'time' ? (
        <Bins frame={frame} column={column} at={at} condition={condition} set={set} />
      ) : kind === 'category' ? (
        <Categories frame={frame} column={column} at={at} condition={condition} set={set} />
      ) : (
        <Words column={column} condition={condition} set={set} />
      )}
    </th>
  );
}

interface PartProps {
  frame: WireFrame;
  column: WireColumn;
  at: number;
  condition?: FrameCondition;
  set: (condition: FrameCondition | null) => void;
}

function Bins({ frame, column, at, condition, set }: PartProps) {
  const histogram = histogramOf(frame, at);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const box = useRef<HTMLDivElement>(null);
  if (!histogram) return <div class="hist" />;
  const { edges, counts } = histogram;
  const n = counts.length;
  const most = Math.max(1, ...counts);
  const [first, last] = drag ?? chosen(histogram, condition);
  const under = (event: PointerEvent) => {
    const { left, width } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.min(n - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * n)));
  };
  const choose = (a: number, b: number) => {
    const [i, j] = [Math.min(a, b), Math.max(a, b)];
    if (i === 0 && j === n - 1) return set(null);
    // The outer bars hold all that is beyond them.
    set({ column: column.name, ...(i > 0 ? { from: edges[i] } : {}), ...(j < n - 1 ? { to: edges[j + 1] } : {}) });
  };
  const down = (event: PointerEvent) => {
    event.stopPropagation();
    const start = under(event);
    let now = start;
    setDrag([start, start]);
    dragAlong(event, {
      move: (next) => {
        now = under(next);
        setDrag([Math.min(start, now), Math.max(start, now)]);
      },
      end: (moved) => {
        setDrag(null);
        if (!moved && condition && start === first && start === last) set(null);
        else choose(start, now);
      },
    });
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) {
      const clamp = (i: number) => Math.min(n - 1, Math.max(0, i));
      if (event.shiftKey) choose(first, clamp(last + by));
      else choose(clamp(condition ? first + by : by > 0 ? 1 : 0), n - 1);
    } else if (event.key === 'Escape' && condition) set(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const sum = counts.slice(first, last + 1).reduce((a, b) => a + b, 0);
  return (
    <div
      class="hist"
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label={`Filter ${brief(labelOf(column), 40)}`}
      aria-valuemin={0}
      aria-valuemax={n - 1}
      aria-valuenow={first}
      aria-valuetext={condition ? binWord(column, edges[first] ?? 0, edges[last + 1] ?? 0, sum) : 'all'}
      onPointerDown={down}
      onKeyDown={key}
      data-lm-suppress-shortcuts="true"
    >
      {counts.map((size, i) => (
        <i
          key={i}
          class={i >= first && i <= last ? 'in' : undefined}
          style={`height:${size ? Math.max(5, (size / most) * 100) : 0}%`}
          title={binWord(column, edges[i] ?? 0, edges[i + 1] ?? 0, size)}
        />
      ))}
    </div>
  );
}

/** First and last bar of a condition; all without. */
function chosen({ edges, counts }: Histogram, condition?: FrameCondition): [number, number] {
  const last = counts.length - 1;
  if (!condition || 'in' in condition || 'contains' in condition) return [0, last];
  const { from, to } = condition;
  const first =
    from === undefined
      ? 0
      : Math.max(
          0,
          edges.findIndex((edge) => edge >= from - 1e-9),
        );
  const end = to === undefined ? last : edges.findIndex((edge) => edge >= to - 1e-9) - 1;
  return [Math.min(first, last), Math.min(last, end < 0 ? last : end)];
}

const MOST_CATEGORIES = 8;
/** Of the column: less has no room for its name. */
const NAMED = 0.3;

function Categories({ frame, column, at, condition, set }: PartProps) {
  const [active, setActive] = useState(0);
  const id = useId();
  const all = categoriesOf(frame, at);
  const shown = all.slice(0, MOST_CATEGORIES);
  const sum = shown.reduce((total, each) => total + each.count, 0);
  const picked = condition && 'in' in condition ? new Set(condition.in.map(String)) : null;
  const toggle = (value: string) => {
    const next = new Set(picked ?? []);
    if (!next.delete(value)) next.add(value);
    set(next.size && next.size < all.length ? { column: column.name, in: [...next] } : null);
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const to = moved(event, active, shown.length, 'row');
    const here = shown[active];
    if (to >= 0) setActive(to);
    else if ((event.key === ' ' || event.key === 'Enter') && here) toggle(here.value);
    else if (event.key === 'Escape' && picked) set(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="cats"
      role="listbox"
      tabIndex={0}
      aria-label={`Filter ${brief(labelOf(column), 40)}`}
      aria-multiselectable="true"
      aria-activedescendant={`${id}-${active}`}
      onKeyDown={key}
      data-lm-suppress-shortcuts="true"
    >
      {shown.map(({ value, count: n }, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and takes the keys
        <div
          key={value}
          id={`${id}-${i}`}
          class={`${!picked || picked.has(value) ? 'in' : ''}${i === active ? ' here' : ''}`}
          role="option"
          aria-selected={picked?.has(value) ?? false}
          aria-label={`${brief(value, 80)}: ${count(n, 'row')}`}
          title={`${brief(value, 80)}: ${count(n, 'row')}`}
          style={`flex:${n} 1 0`}
          onClick={() => {
            setActive(i);
            toggle(value);
          }}
        >
          {n >= sum * NAMED && brief(shortModel(value), 40)}
        </div>
      ))}
    </div>
  );
}

function Words({ column, condition, set }: Pick<PartProps, 'column' | 'condition' | 'set'>) {
  const text = condition && 'contains' in condition ? condition.contains : '';
  return (
    <label class={text ? 'nb-find on' : 'nb-find'}>
      <Icon name="find" />
      <input
        placeholder="contains"
        aria-label={`${brief(labelOf(column), 40)} contains`}
        value={text}
        onInput={(event) => {
          const words = event.currentTarget.value;
          set(words ? { column: column.name, contains: words } : null);
        }}
        onKeyDown={(event) => event.key !== 'Escape' && event.stopPropagation()}
        data-lm-suppress-shortcuts="true"
      />
    </label>
  );
}
