import type { Column } from '../model/similar';

interface Props {
  columns: Column[];
  /** CSS colour of those without an error. */
  colour: string;
  /** Least height of a column that is not empty, 0 to 1. */
  least?: number;
}

/** Many spans as columns over time: two shapes, however many there are. */
export function Columns({ columns, colour, least = 0.25 }: Props) {
  const n = columns.length;
  const shape = (wanted: (column: Column) => boolean) =>
    columns
      .map((column, i) => {
        if (!column.height || !wanted(column)) return '';
        const h = least + (1 - least) * column.height;
        return `M${i + 0.2} 1V${(1 - h).toFixed(3)}h.6V1z`;
      })
      .join('');
  return (
    <svg class="cols" viewBox={`0 0 ${n} 1`} preserveAspectRatio="none" aria-hidden="true">
      <path d={shape((c) => !c.error)} style={`fill:${colour}`} />
      <path d={shape((c) => c.error)} style="fill:var(--nb-error)" />
    </svg>
  );
}
