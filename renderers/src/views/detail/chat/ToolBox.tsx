import { duration } from '../../../model/format';
import type { ChatRow } from '../../../model/types';
import { Button } from '../../parts/Button';
import { brief } from '../../parts/brief';
import { Icon } from '../../parts/Icon';
import { MoreText, useCut } from '../../parts/LongText';
import { argsText } from './args';
import { Result } from './Result';

type ToolRow = Extract<ChatRow, { k: 'tool' }>;

/** A tool call and what came back are one thing. */
export function ToolBox({ row, jump }: { row: ToolRow; jump?: (id: string) => void }) {
  const cut = useCut(argsText(row.args), 900);
  return (
    <div class={row.error ? 'nb-call bad' : 'nb-call'}>
      <div class="in">
        <code>
          <span class="fn">{brief(row.name)}</span>({cut.text}
          {cut.left > 0 ? '… ' : ')'}
        </code>
        <MoreText left={cut.left} more={cut.more} />
      </div>
      {(row.result !== undefined || row.ms !== undefined) && (
        <div class={row.error ? 'out err' : 'out'}>
          {row.error && <Icon name="error" label="error" />}
          {row.result === undefined ? (
            <span class="m">no result in the messages</span>
          ) : (
            <Result text={row.result} plain={row.error} />
          )}
          {row.ms !== undefined && <Jump row={row} jump={jump} />}
        </div>
      )}
    </div>
  );
}

function Jump({ row, jump }: { row: ToolRow; jump?: (id: string) => void }) {
  const time = duration(row.ms ?? 0);
  const to = row.span;
  if (to === undefined || !jump) return <span class="jump n">{time}</span>;
  return (
    <Button
      class="jump"
      aria-label={`Go to the span of ${brief(row.name)}, ${time}`}
      title="Go to the span"
      press={() => jump(to)}
    >
      {time} <Icon name="jump" />
    </Button>
  );
}
