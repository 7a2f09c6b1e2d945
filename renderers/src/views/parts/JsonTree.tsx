import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { jsonRows, openedTo } from '../../model/json';
import type { Json } from '../../wire/types';
import { brief } from './brief';
import { canToggle, type JsonLine, jsonLines } from './jsonLines';
import { selecting } from './selecting';

const ROW = 20;
const OVERSCAN = 10;
/** Unfolded by itself: about a pane full. */
const FIRST_LEVELS = 6;
const FIRST_ROWS = 34;

interface Props {
  value: Json;
  label: string;
  /** Rows shown before it scrolls. */
  most?: number;
}

/** JSON of any size: rows are virtual, folded nodes say how much is in them, long strings are cut. */
export function JsonTree({ value, label, most = 24 }: Props) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openedTo(value, FIRST_LEVELS, FIRST_ROWS));
  const [columns, setColumns] = useState(80);
  const rows = useMemo(() => jsonLines(jsonRows(value, open), open, columns), [value, open, columns]);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const view = useWindow(box, rows.length, setColumns);
  const id = useId();
  const current = Math.min(at, rows.length - 1);

  const toggle = (i: number) => {
    const row = rows[i];
    if (!row || !canToggle(row, columns)) return;
    setAt(i);
    setOpen(toggled(open, row.path));
  };
  const go = (i: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, i));
    setAt(to);
    reveal(box.current, to);
  };
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const row = rows[current];
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? ROW) / ROW) - 1);
    const steps: Record<string, () => void> = {
      ArrowDown: () => go(nextRow(rows, current, 1)),
      ArrowUp: () => go(nextRow(rows, current, -1)),
      PageDown: () => go(current + page),
      PageUp: () => go(current - page),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (row?.k === 'fold' ? toggle(current) : row?.k === 'open' && go(current + 1)),
      ArrowLeft: () => (row?.k === 'open' ? toggle(current) : go(parentRow(rows, current))),
      Enter: () => toggle(current),
      ' ': () => toggle(current),
    };
    const step = steps[event.key];
    if (!step) return;
    step();
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      class="nb-json"
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={current >= view.from && current < view.to ? `${id}-${current}` : undefined}
      style={`max-height:${most * ROW + 4}px`}
      ref={box}
      onScroll={view.scrolled}
      onKeyDown={key}
      data-lm-suppress-shortcuts="true"
    >
      <div style={`height:${rows.length * ROW}px`} role="presentation">
        <div style={`transform:translateY(${view.from * ROW}px)`} role="presentation">
          {rows.slice(view.from, view.to).map((row, j) => {
            const i = view.from + j;
            return (
              <Line
                key={i}
                row={row}
                id={`${id}-${i}`}
                on={i === current}
                press={canToggle(row, columns) ? () => toggle(i) : undefined}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface LineProps {
  row: JsonLine;
  id: string;
  on: boolean;
  press?: () => void;
}

function Line({ row, id, on, press }: LineProps) {
  const folds = row.k === 'fold' || row.k === 'open';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it takes the keys, as a tree does
    <div
      class={`ln${press ? ' press' : ''}${on ? ' on' : ''}`}
      role="treeitem"
      tabIndex={-1}
      id={id}
      aria-level={row.depth + 1}
      aria-expanded={folds ? row.k === 'open' : undefined}
      aria-selected={on}
      style={`padding-left:${(row.depth + (row.part ? 1 : 0)) * 14}px`}
      onClick={press && ((event) => !selecting(event.currentTarget) && press())}
    >
      {row.key !== undefined && !row.part && <span class="k">{brief(row.key, 120)} </span>}
      {row.text}
      {row.note && <span class="z">{row.note}</span>}
    </div>
  );
}

function toggled(open: ReadonlySet<string>, path: string): ReadonlySet<string> {
  const next = new Set(open);
  if (!next.delete(path)) next.add(path);
  return next;
}

/** Closing brackets are no stops. */
function nextRow(rows: JsonLine[], from: number, step: 1 | -1): number {
  for (let i = from + step; i >= 0 && i < rows.length; i += step) if (rows[i]?.k !== 'close') return i;
  return from;
}

function parentRow(rows: JsonLine[], from: number): number {
  const depth = rows[from]?.depth ?? 0;
  for (let i = from - 1; i >= 0; i--) if (rows[i]?.k === 'open' && (rows[i]?.depth ?? 0) < depth) return i;
  return from;
}

function reveal(box: HTMLElement | null, i: number): void {
  if (!box) return;
  const top = i * ROW;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
}

/** A figure of the code font at 12 px is near this wide; a little too wide is safe. */
const FIGURE = 7.3;

/** The rows in sight, and some more either side. */
function useWindow(box: { current: HTMLDivElement | null }, count: number, setColumns: (n: number) => void) {
  const [range, setRange] = useState({ from: 0, to: 60 });
  const scrolled = () => {
    const el = box.current;
    if (!el) return;
    const from = Math.max(0, Math.floor(el.scrollTop / ROW) - OVERSCAN);
    const to = Math.ceil((el.scrollTop + el.clientHeight) / ROW) + OVERSCAN;
    setRange((old) => (old.from === from && old.to === to ? old : { from, to }));
    if (el.clientWidth) setColumns(Math.max(20, Math.floor(el.clientWidth / FIGURE) - 2));
  };
  useLayoutEffect(scrolled, [count]);
  useEffect(() => {
    if (!box.current || typeof ResizeObserver === 'undefined') return;
    const watch = new ResizeObserver(scrolled);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  // Folding leaves fewer rows than were scrolled past.
  const from = Math.max(0, Math.min(range.from, count - (range.to - range.from)));
  return { from, to: from + range.to - range.from, scrolled };
}
