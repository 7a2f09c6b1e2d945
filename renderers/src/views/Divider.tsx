import { useRef } from 'preact/hooks';
import { useView } from './context';
import { dragAlong } from './drag';
import { watched } from './watched';

const NARROWEST = 30;
const WIDEST = 75;
const LOWEST_PX = 96;

/** Between tree and detail: drag, or the arrow keys. Beside: it moves the split; below: the tree's height. */
export const Divider = watched(function Divider({ beside, height }: { beside: boolean; height: number }) {
  const { state } = useView();
  const line = useRef<HTMLDivElement>(null);
  const setSplit = (percent: number) => {
    state.split.value = Math.round(Math.min(WIDEST, Math.max(NARROWEST, percent)) * 10) / 10;
  };
  const setHeight = (px: number) => {
    state.height.value = Math.max(LOWEST_PX, Math.round(px));
  };
  const press = (down: PointerEvent) => {
    const body = line.current?.parentElement;
    if (!body) return;
    const box = body.getBoundingClientRect();
    dragAlong(down, {
      move: (event) => {
        if (beside) setSplit(((event.clientX - box.left) / box.width) * 100);
        else setHeight(height + event.clientY - down.clientY);
      },
      end: () => undefined,
    });
  };
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (beside) setSplit(state.split.value + by * 2);
    else setHeight(height + by * state.rowHeight.value);
  };
  return (
    <div
      class="nb-divide"
      ref={line}
      role="separator"
      tabIndex={0}
      aria-orientation={beside ? 'vertical' : 'horizontal'}
      aria-label="Size of the tree"
      aria-valuemin={beside ? NARROWEST : LOWEST_PX}
      aria-valuemax={beside ? WIDEST : 2000}
      aria-valuenow={Math.round(beside ? state.split.value : height)}
      onPointerDown={press}
      onKeyDown={key}
    />
  );
});

/** The lower edge of the tree: drag for more rows or fewer, double click for what it needs. */
export const LowerEdge = watched(function LowerEdge({ height }: { height: number }) {
  const { state } = useView();
  const press = (down: PointerEvent) => {
    dragAlong(down, {
      move: (event) => {
        state.height.value = Math.max(LOWEST_PX, Math.round(height + event.clientY - down.clientY));
      },
      end: () => undefined,
    });
  };
  return (
    <div
      class="nb-edge"
      aria-hidden="true"
      title="Drag for more rows"
      onPointerDown={press}
      onDblClick={() => {
        state.height.value = null;
      }}
    />
  );
});
