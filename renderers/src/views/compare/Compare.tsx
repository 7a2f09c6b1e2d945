import { useId, useMemo, useRef, useState } from 'preact/hooks';
import { compareRows, markSign } from '../../model/compareRows';
import { totalDeltas } from '../../model/deltas';
import { type DiffTree, diffTrees, foldSame, type Mark } from '../../model/diff';
import { whole } from '../../model/format';
import { iconOf } from '../../model/kind';
import { percent, tickLabel, tickStep, ticks } from '../../model/time';
import { buildTree } from '../../model/tree';
import { UNTRUSTED } from '../../model/words';
import { lastEnd } from '../../wire/jsonStore';
import type { Store } from '../../wire/store';
import type { Wire, WireCompare, WireSide } from '../../wire/types';
import { useRows } from '../more/useRows';
import { useWire } from '../more/useWire';
import { Failure, Loading, Note } from '../Notes';
import { Button } from '../parts/Button';
import { brief } from '../parts/brief';
import { Icon } from '../parts/Icon';
import { stopKeys } from '../parts/keys';
import { Menu } from '../parts/Menu';
import { ComparePane } from './ComparePane';
import { CompareRowView } from './CompareRow';

const ROW = 24;
const MOST_ROWS = 25;

export function Compare({ store, payload }: { store: Store; payload: WireCompare }) {
  const trusted = store.liveness() !== 'untrusted';
  const [swapped, setSwapped] = useState(false);
  const a = useWire(payload.a.wire, trusted);
  const b = useWire(payload.b.wire, trusted);
  for (const one of [a, b]) {
    const ready = one.readiness?.();
    if (ready === 'loading') return <Loading />;
    if (typeof ready === 'object') return <Failure title="One of the two runs cannot be shown" text={ready.error} />;
  }
  const sides = { a: { side: payload.a, wire: a.get() }, b: { side: payload.b, wire: b.get() } };
  const { a: left, b: right } = swapped ? { a: sides.b, b: sides.a } : sides;
  return (
    <>
      {!trusted && <Note icon="lock" lead={UNTRUSTED[0]} text={UNTRUSTED[1]} under />}
      <Both a={left} b={right} swap={() => setSwapped(!swapped)} />
    </>
  );
}

interface Run {
  side: WireSide;
  wire: Wire;
}

function Both({ a, b, swap }: { a: Run; b: Run; swap: () => void }) {
  const [only, setOnly] = useState<Mark>();
  const trees = useMemo(() => [treeOf(a.wire), treeOf(b.wire)] as const, [a.wire, b.wire]);
  const diff = useMemo(() => diffTrees(trees[0], trees[1]), [trees]);
  const [folded, setFolded] = useState<ReadonlySet<string>>(() => foldSame(diff));
  const end = Math.max(0.001, ...[...trees[0].roots, ...trees[1].roots].map((node) => node.to));
  const root = diff.roots.length === 1 ? (diff.roots[0]?.b ?? diff.roots[0]?.a) : undefined;
  const title = root?.span.name || b.wire.name || a.wire.name || 'two runs';
  return (
    <div class="nb-cmp" role="group" aria-label={`Two runs of ${brief(title)} compared`}>
      <div class="nb-head">
        <Icon name={root ? iconOf(root.span) : 'chain'} tone={root?.kind ?? 'flow'} />
        <h3 title={brief(title)}>{brief(title)}</h3>
        <div class="facts">
          <span>
            <span class="sw f-old" /> A <span class="mid">{sideLabel(a)}</span>
          </span>
          <b>
            <span class="sw f-new" /> B <span class="mid">{sideLabel(b)}</span>
          </b>
        </div>
        <div class="acts">
          <Counts diff={diff} only={only} choose={setOnly} />
          <Button class="line wide" press={swap}>
            Swap
          </Button>
          <Menu
            icon="more"
            label="More: swap, show less, fold"
            items={() => [
              { word: 'Swap A and B', icon: 'retry', run: swap },
              only
                ? { word: 'Show all spans', icon: 'filter', run: () => setOnly(undefined) }
                : { word: 'Only what changed', icon: 'filter', run: () => setOnly('changed') },
              { word: 'Fold what is the same', icon: 'fold', run: () => setFolded(foldSame(diff)) },
              { word: 'Unfold all', icon: 'open', run: () => setFolded(new Set()) },
            ]}
          />
        </div>
      </div>
      <Totals a={a.wire} b={b.wire} />
      <Rows diff={diff} end={end} only={only} folded={folded} setFolded={setFolded} />
    </div>
  );
}

const treeOf = (wire: Wire) => buildTree(wire.spans, wire.ms ?? lastEnd(wire));

/** `run 3, 14:02`, the time in the reader's own zone. */
function sideLabel({ side, wire }: Run): string {
  const at = new Date(wire.start);
  const time = wire.start ? at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' }) : '';
  const label = side.label ?? (wire.cell === undefined ? '' : `cell ${wire.cell}`);
  return brief([label, time].filter(Boolean).join(', '), 60);
}

const COUNTED: [Mark, string][] = [
  ['changed', 'changed'],
  ['added', 'added'],
  ['removed', 'removed'],
  ['same', 'same'],
];

function Counts({ diff, only, choose }: { diff: DiffTree; only?: Mark; choose: (mark?: Mark) => void }) {
  return (
    <>
      {COUNTED.map(([mark, word]) => (
        <Button
          key={mark}
          aria-pressed={only === mark}
          title={`Show only what is ${word}`}
          disabled={!diff.counts[mark]}
          press={() => choose(only === mark ? undefined : mark)}
        >
          {markSign(mark) || '='} {whole(diff.counts[mark])} <span class="wide">{word}</span>
        </Button>
      ))}
    </>
  );
}

function Totals({ a, b }: { a: Wire; b: Wire }) {
  return (
    <dl class="nb-delta">
      {totalDeltas(a, b).map((total) => (
        <div key={total.name}>
          <dt>{total.name}</dt>
          <dd>
            <span class="m">{total.a}</span> → {total.b} <b>{total.delta}</b>
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface RowsProps {
  diff: DiffTree;
  end: number;
  only?: Mark;
  folded: ReadonlySet<string>;
  setFolded: (folded: ReadonlySet<string>) => void;
}

function Rows({ diff, end, only, folded, setFolded }: RowsProps) {
  const [at, setAt] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const prefix = useId();
  const rows = useMemo(() => compareRows(diff, folded, only), [diff, folded, only]);
  const height = Math.min(rows.length, MOST_ROWS) * ROW + 4;
  const view = useRows(rows.length, ROW, height);
  const current = rows.findIndex((row) => row.node.id === at);
  const selected = rows[current];

  const go = (index: number) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    setAt(rows[to]?.node.id ?? null);
    view.show(box.current, to);
  };
  const toggle = (index: number) => {
    const row = rows[index];
    if (!row?.node.children.length) return;
    const next = new Set(folded);
    if (!next.delete(row.node.id)) next.add(row.node.id);
    setFolded(next);
  };
  const nextChange = (by: 1 | -1) => {
    for (let i = current + by; i >= 0 && i < rows.length; i += by) if (rows[i]?.mark !== 'same') return go(i);
  };
  const parent = () => {
    for (let i = current - 1; i >= 0; i--) if ((rows[i]?.node.depth ?? 0) < (selected?.node.depth ?? 0)) return go(i);
  };
  const level = (fold: boolean) =>
    setFolded(fold ? new Set(diff.order.filter((n) => n.children.length && n.depth > 0).map((n) => n.id)) : new Set());
  const page = Math.max(1, Math.floor(height / ROW) - 1);
  const steps: Record<string, () => void> = {
    ArrowDown: () => go(current + 1),
    ArrowUp: () => go(current < 0 ? 0 : current - 1),
    PageDown: () => go(current + page),
    PageUp: () => go(current - page),
    Home: () => go(0),
    End: () => go(rows.length - 1),
    ArrowRight: () => (selected?.folded ? toggle(current) : go(current + 1)),
    ArrowLeft: () => (selected?.node.children.length && !selected.folded ? toggle(current) : parent()),
    ' ': () => toggle(current),
    Enter: () => setOpen(true),
    Escape: () => setOpen(false),
    n: () => nextChange(1),
    N: () => nextChange(-1),
    '[': () => level(true),
    ']': () => level(false),
  };
  const key = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && event.key !== 'N')) return;
    if (event.key === 'Escape' && !open) return;
    step();
    event.preventDefault();
    stopKeys(event);
  };

  return (
    <>
      <div class="nb-trace">
        <Heads end={end} />
        <div
          class="nb-rows"
          role="treegrid"
          aria-label="Spans of both runs"
          aria-rowcount={rows.length}
          aria-activedescendant={selected ? `${prefix}-${current}` : undefined}
          tabIndex={0}
          ref={box}
          style={`height:${height}px`}
          onScroll={view.scrolled}
          onKeyDown={key}
          data-lm-suppress-shortcuts="true"
        >
          <div class="nb-space" role="presentation" style={`height:${rows.length * ROW}px`}>
            <Ticks end={end} />
            <div class="nb-slab" role="presentation" style={`transform:translateY(${view.from * ROW}px)`}>
              {rows.slice(view.from, view.to).map((row, i) => (
                <CompareRowView
                  key={row.node.id}
                  row={row}
                  id={`${prefix}-${view.from + i}`}
                  index={view.from + i}
                  end={end}
                  at={row.node.id === at}
                  press={() => {
                    setAt(row.node.id);
                    setOpen(true);
                  }}
                  toggle={() => toggle(view.from + i)}
                />
              ))}
            </div>
          </div>
        </div>
      </div>
      {open && selected && (
        <ComparePane
          key={selected.node.id}
          node={selected.node}
          close={() => {
            setOpen(false);
            box.current?.focus();
          }}
        />
      )}
    </>
  );
}

const MOST_TICKS = 6;

function Heads({ end }: { end: number }) {
  const step = tickStep(0, end, MOST_TICKS);
  return (
    <div class="nb-cols">
      <span />
      <span>Span</span>
      <span class="n">A</span>
      <span class="n">B</span>
      <span class="n">B − A, s</span>
      <div class="nb-axis">
        {ticks(0, end, MOST_TICKS).map((t) => (
          <span key={t} style={`left:${percent(t, 0, end)}%`}>
            {tickLabel(t, step)}
          </span>
        ))}
      </div>
    </div>
  );
}

function Ticks({ end }: { end: number }) {
  return (
    <div class="nb-ticks" aria-hidden="true">
      <div>
        {ticks(0, end, MOST_TICKS).map((t) => (
          <i key={t} style={`left:${percent(t, 0, end)}%`} />
        ))}
      </div>
    </div>
  );
}
