import type { ComponentChildren } from 'preact';
import { count, durationLong, whole } from '../model/format';
import { iconOf, statusOf } from '../model/kind';
import type { Node } from '../model/types';
import { costPiece, NO_KERNEL, type Piece, savedLine, tokensPiece } from '../model/words';
import { useView, type ViewContext } from './context';
import { brief } from './parts/brief';
import { Icon, type IconName } from './parts/Icon';
import { Menu, type MenuItem } from './parts/Menu';
import type { ViewState } from './state';
import { watched } from './watched';

/** Name of a capture: its own, or that of its only root; empty where nobody named it. */
export function titleOf(state: ViewState): string {
  const { name } = state.wire.value;
  const [root, ...others] = state.tree.value.roots;
  return name || (root && others.length === 0 ? root.span.name : '');
}

export function Title({ text }: { text: string }) {
  return text ? <h3 title={brief(text)}>{brief(text)}</h3> : null;
}

function iconOfCapture(state: ViewState): IconName {
  const [root, ...others] = state.tree.value.roots;
  if (!root || others.length || statusOf(root.span) !== 'ok') return 'chain';
  return iconOf(root.span) as IconName;
}

export function PieceView({ piece }: { piece: Piece }) {
  const tone = piece.tone === 'error' ? 'err' : piece.tone === 'hold' ? 'hold' : undefined;
  const text = piece.dotted ? (
    <span class="est" title={piece.title}>
      {piece.text}
    </span>
  ) : (
    piece.text
  );
  return piece.tone === 'strong' ? <b title={piece.title}>{text}</b> : <span class={tone}>{text}</span>;
}

/** "tok" where there is no room for "tokens". */
function TokensFact({ piece, short }: { piece: Piece; short?: boolean }) {
  const [number = ''] = piece.text.split(' tokens');
  return (
    <span class={short ? 'wide' : undefined}>
      <span class={piece.dotted ? 'est' : undefined} title={piece.title}>
        {number} tok<span class="wide">ens</span>
      </span>
    </span>
  );
}

export const Facts = watched(function Facts({ short }: { short?: boolean }) {
  const { state } = useView();
  const { totals, ms, saved } = state.wire.value;
  const failed = Object.entries(totals.status ?? {}).reduce(
    (sum, [name, n]) => (name === 'ok' ? sum : sum + (n ?? 0)),
    0,
  );
  // "8 calls" says all then, and spans are not counted.
  const flat = state.flat.value;
  const ok = totals.status?.ok ?? 0;
  const tokens = tokensPiece(totals);
  const cost = costPiece(totals);
  const gateway = totals.gateway_ms === undefined ? undefined : `${durationLong(totals.gateway_ms)} at the gateway`;
  return (
    <div class="facts">
      <b title={gateway}>{durationLong(ms ?? state.end.value)}</b>
      {!flat && <span>{count(totals.spans, 'span')}</span>}
      <span>{count(totals.calls, 'call')}</span>
      {flat && failed > 0 && <span>{whole(ok)} ok</span>}
      {tokens && <TokensFact piece={tokens} short={short} />}
      {cost && <PieceView piece={cost} />}
      {state.liveness.value !== 'live' && saved && <span class="mid">{savedLine(state.wire.value)}</span>}
    </div>
  );
});

interface BadCount {
  icon: IconName;
  tone: 'err' | 'hold';
  one: string;
  many: string;
  is(node: Node): boolean;
}

const budget = (node: Node) => node.span.call?.verdict?.kind === 'budget';
const KINDS_OF_BAD: BadCount[] = [
  {
    icon: 'shield',
    tone: 'hold',
    one: 'blocked',
    many: 'blocked',
    is: (n) => statusOf(n.span) === 'blocked' && !budget(n),
  },
  {
    icon: 'gauge',
    tone: 'hold',
    one: 'rate limited',
    many: 'rate limited',
    is: (n) => statusOf(n.span) === 'rate_limited',
  },
  {
    icon: 'coin',
    tone: 'hold',
    one: 'over budget',
    many: 'over budget',
    is: (n) => statusOf(n.span) === 'blocked' && budget(n),
  },
  { icon: 'error', tone: 'err', one: 'error', many: 'errors', is: (n) => statusOf(n.span) === 'error' },
];

/** Of a call that gave up the retries are told by "rate limited". */
const retriesOf = ({ span }: Node) =>
  statusOf(span) === 'rate_limited' ? 0 : Math.max(0, (span.call?.attempts.length ?? 0) - 1);
const retried = (node: Node) => retriesOf(node) > 0;

/** Counts of what went wrong; a press goes to the next of them. */
export const BadCounts = watched(function BadCounts() {
  const { state, commands } = useView();
  const { failed } = state.tree.value;
  const { cut, totals } = state.wire.value;
  const retries = cut ? (totals.retries ?? 0) : state.tree.value.order.reduce((sum, node) => sum + retriesOf(node), 0);
  const open = (go: () => void) => () => {
    state.collapsed.value = false;
    go();
  };
  return (
    <>
      {KINDS_OF_BAD.map((kind) => {
        const n = failed.filter(kind.is).length;
        const word = n === 1 ? kind.one : kind.many;
        return n === 0 ? null : (
          <button
            type="button"
            key={kind.one}
            class={`st ${kind.tone}`}
            title={`Go to the next: ${kind.one}`}
            aria-label={`${whole(n)} ${word}, go to the next`}
            onClick={open(() => commands.nextError(1, kind.is))}
          >
            <Icon name={kind.icon} />
            {whole(n)} <span class="mid">{word}</span>
          </button>
        );
      })}
      {retries > 0 && (
        <button
          type="button"
          class="st hold wide"
          title="Go to the next call with a retry"
          onClick={open(() => commands.next(retried, 1))}
        >
          <Icon name="retry" />
          {count(retries, 'retry', 'retries')}
        </button>
      )}
    </>
  );
});

/** What the view can do and no button stands for. */
function menuOf({ state, commands }: ViewContext): MenuItem[] {
  const big = state.big.value;
  return [
    {
      word: state.critical.value ? 'Hide critical path' : 'Show critical path',
      note: 'p',
      icon: 'path',
      run: () => commands.critical(),
    },
    {
      word: state.squeezed.value ? 'Idle time at full length' : 'Shorten idle time',
      icon: 'clock',
      run: () => commands.squeeze(),
    },
    {
      word: state.ownTime.value ? 'Time with what is below' : 'Own time only',
      icon: 'clock',
      run: () => commands.ownTime(),
    },
    { word: 'Filter …', icon: 'filter', run: () => commands.filters() },
    { word: 'Fold all', icon: 'fold', run: () => commands.foldAll() },
    {
      word: 'Unfold all',
      note: big ? `${whole(state.tree.value.order.length)} rows` : undefined,
      icon: 'open',
      run: () => commands.unfoldAll(),
    },
    { word: 'Keys', note: '?', icon: 'info', run: () => commands.help() },
  ];
}

/** The head of a trace. Pressing the icon folds the view to three lines. */
export const Header = watched(function Header({ children }: { children?: ComponentChildren }) {
  const view = useView();
  const { state } = view;
  const title = titleOf(state);
  return (
    <div class="nb-head">
      <button
        type="button"
        class="tog"
        aria-expanded="true"
        aria-label="Fold the trace"
        title="Fold to three lines"
        onClick={() => {
          state.collapsed.value = true;
        }}
      >
        <Icon name={iconOfCapture(state)} tone="flow" />
        <Icon name="open" tone="turn" />
      </button>
      <Title text={title} />
      <Facts />
      <div class="acts">
        {children}
        <BadCounts />
        <SavedChip />
        <Menu icon="more" label="More: critical path, idle time, filters, keys" items={() => menuOf(view)} />
      </div>
    </div>
  );
});

export const SavedChip = watched(function SavedChip() {
  const { state } = useView();
  if (state.liveness.value !== 'saved' || state.options.embedded) return null;
  return (
    <span class="n m chip mid" title={NO_KERNEL}>
      saved
    </span>
  );
});
