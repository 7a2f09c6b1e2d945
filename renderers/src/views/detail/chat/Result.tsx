import { useState } from 'preact/hooks';
import type { Json } from '../../../wire/types';
import { Button } from '../../parts/Button';
import { brief } from '../../parts/brief';
import { JsonTree } from '../../parts/JsonTree';
import { LongText } from '../../parts/LongText';
import { type Table, tableOf } from './table';

/** Above this a result is not read as JSON before it is asked for. */
const PARSE_MOST = 2_000_000;

/** What a tool gave back: rows as a small table, other JSON as a tree, else text. */
export function Result({ text, plain }: { text: string; plain?: boolean }) {
  const value = plain ? undefined : parse(text);
  if (value === undefined) return <LongText text={text} most={600} class="result" />;
  const table = tableOf(value);
  if (table) return <MiniTable table={table} />;
  if (JSON.stringify(value).length < 100) return <code class="result">{JSON.stringify(value)}</code>;
  return (
    <div class="result tree">
      <JsonTree value={value} label="Result" most={10} />
    </div>
  );
}

function parse(text: string): Json | undefined {
  if (text.length > PARSE_MOST || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Two rows tell what kind of rows they are; three are not worth a cut. */
const FIRST = 2;
const STEP = 100;

function MiniTable({ table }: { table: Table }) {
  const [shown, setShown] = useState(table.rows.length <= FIRST + 1 ? table.rows.length : FIRST);
  const left = table.rows.length - shown;
  return (
    <table class="nb-mini">
      <thead>
        <tr>
          {table.columns.map((c) => (
            <th key={c.name} class={c.numeric ? 'r' : undefined} scope="col">
              {brief(c.name, 40)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.slice(0, shown).map((row, i) => (
          <tr key={i}>
            {row.map((cell, j) => (
              <td
                key={table.columns[j]?.name}
                class={table.columns[j]?.numeric ? 'r' : undefined}
                title={cell.length > 60 ? cell : undefined}
              >
                {cell.length > 60 ? `${cell.slice(0, 60)}…` : cell}
              </td>
            ))}
          </tr>
        ))}
        {left > 0 && (
          <tr>
            <td colSpan={table.columns.length}>
              <Button class="nb-more" press={() => setShown(shown + STEP)}>
                {left.toLocaleString('en')} more {left === 1 ? 'row' : 'rows'}
              </Button>
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
