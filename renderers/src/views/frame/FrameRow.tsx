import { cellText, kindOfColumn } from '../../model/frame';
import { iconOf, shortModel } from '../../model/kind';
import type { Json, Status, WireColumn } from '../../wire/types';
import { brief } from '../parts/brief';
import { Icon, type IconName } from '../parts/Icon';

interface Props {
  id: string;
  place: number;
  index: number;
  columns: { column: WireColumn; at: number }[];
  values: Json[];
  at: boolean;
  /** Longest duration of all rows, for the bar beside the figure. */
  longest: number;
  first?: number;
  press: () => void;
}

const STATUSES: Status[] = ['ok', 'error', 'blocked', 'rate_limited', 'interrupted', 'running'];

export function FrameRow({ id, place, index, columns, values, at, longest, first, press }: Props) {
  const status = String(
    columns.find(({ column }) => column.name === 'status')?.column ? values[statusAt(columns)] : '',
  );
  const bad = status === 'error' || status === 'blocked' || status === 'rate_limited';
  return (
    <tr id={id} aria-rowindex={index + 2} aria-selected={at} onClick={press}>
      <td class="n m">{place}</td>
      {columns.map(({ column, at: i }) => (
        <Cell
          key={column.name}
          column={column}
          value={values[i]}
          status={status}
          bad={bad}
          longest={longest}
          first={first === undefined ? undefined : values[first]}
        />
      ))}
    </tr>
  );
}

const statusAt = (columns: Props['columns']) => columns.find(({ column }) => column.name === 'status')?.at ?? -1;

interface CellProps {
  column: WireColumn;
  value: Json | undefined;
  status: string;
  bad: boolean;
  longest: number;
  first: Json | undefined;
}

function Cell({ column, value, status, bad, longest, first }: CellProps) {
  const text = cellText(column, value);
  if (column.name === 'status') return <StatusCell status={text} />;
  if (column.name === 'duration_ms' && typeof value === 'number') {
    const tone = status === 'error' ? 'f-error' : bad ? 'f-hold' : 'f-model';
    const width = longest > 0 ? (value / longest) * 100 : 0;
    const waited = typeof first === 'number' && longest > 0 && !bad ? (first / longest) * 100 : 0;
    return (
      <td class="n">
        <span class="nb-spark mid">
          <i class={tone} style={`width:${width}%`} />
          {waited > 0 && <i class="tt" style={`width:${waited}%`} />}
        </span>
        <span class="num5">{text}</span>
      </td>
    );
  }
  const kind = kindOfColumn(column);
  if (kind === 'number') return <td class={column.name === 'ttft_ms' ? 'n m' : 'n'}>{text}</td>;
  const shown = /model|endpoint/.test(column.name) ? shortModel(text) : text;
  return (
    <td class={`${bad && column.name === 'model' ? '' : 'm'} ${kind === 'text' ? 'txt' : ''}`} title={brief(text)}>
      <span class="cut">{brief(shown)}</span>
    </td>
  );
}

/** A cross, a shield, a gauge; ok is a check in muted ink. The word is in the label, and beside it where there is room. */
function StatusCell({ status }: { status: string }) {
  const known = STATUSES.find((each) => each === status);
  const icon: IconName =
    status === 'ok'
      ? 'check'
      : status === 'running'
        ? 'run'
        : iconOf({ id: '', name: '', type: '', at: 0, status: known });
  const tone = status === 'error' ? 'err' : status === 'blocked' || status === 'rate_limited' ? 'hold' : 'm';
  return (
    <td class={tone}>
      <Icon name={icon} /> <span class="word">{brief(status, 40)}</span>
    </td>
  );
}
