import { type CompareRow, compareLabel, markSign } from '../../model/compareRows';
import { rowDelta } from '../../model/deltas';
import { iconOf } from '../../model/kind';
import { percent } from '../../model/time';
import type { Node } from '../../model/types';
import { brief } from '../parts/brief';
import { Icon } from '../parts/Icon';

interface Props {
  row: CompareRow;
  id: string;
  index: number;
  end: number;
  at: boolean;
  press: () => void;
  toggle: () => void;
}

const DEEPEST = 8;

/** One span of both runs: A above in grey, B below in the brand colour. */
export function CompareRowView({ row, id, index, end, at, press, toggle }: Props) {
  const { node, mark } = row;
  const span = (node.b ?? node.a)?.span;
  if (!span) return null;
  const { a, b, delta, bold } = rowDelta(node);
  const kind = (node.b ?? node.a)?.kind;
  const icon = iconOf(span);
  const tone = icon === 'error' ? 'err' : kind;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and takes the keys
    <div
      class={node.mark === 'removed' ? 'nb-row gone' : 'nb-row'}
      role="row"
      id={id}
      aria-level={node.depth + 1}
      aria-rowindex={index + 1}
      aria-expanded={node.children.length ? !row.folded : undefined}
      aria-selected={at}
      aria-label={compareLabel(row, a, b, delta)}
      onClick={press}
    >
      <div class={mark === 'added' ? 'mark plus' : 'mark'} role="gridcell">
        {markSign(mark)}
      </div>
      <div class="name" role="gridcell" style={`--d:${Math.min(node.depth, DEEPEST)}`}>
        {node.children.length ? (
          // biome-ignore lint/a11y/useKeyWithClickEvents: arrow keys and Space fold the row
          // biome-ignore lint/a11y/noStaticElementInteractions: aria-expanded of the row says it
          <span
            class="fold"
            onClick={(event) => {
              event.stopPropagation();
              toggle();
            }}
          >
            <Icon name="fold" />
          </span>
        ) : (
          <span class="fold none" />
        )}
        {node.depth > DEEPEST && <span class="deep">⋯ {node.depth}</span>}
        <Icon name={icon} tone={tone} />
        <b title={brief(span.name)}>{brief(span.name) || '(no name)'}</b>
        <span class="cut" title={brief(row.hint)}>
          {brief(row.hint)}
        </span>
      </div>
      <div class="n m" role="gridcell">
        {a}
      </div>
      <div class="n time" role="gridcell">
        {b}
      </div>
      <div class="n time" role="gridcell">
        {bold ? <b>{delta}</b> : <span class="m">{delta}</span>}
      </div>
      <div class="nb-fall" role="gridcell">
        <Bar node={node.a} end={end} tone="f-old" />
        <Bar node={node.b} end={end} tone="f-new" />
      </div>
    </div>
  );
}

function Bar({ node, end, tone }: { node: Node | null; end: number; tone: string }) {
  if (!node) return null;
  const from = percent(node.span.at, 0, end);
  return <i class={tone} style={`left:${from}%;width:${Math.max(0, percent(node.end, 0, end) - from)}%`} />;
}
