import { count, whole } from '../../../model/format';
import type { ChatRow } from '../../../model/types';
import type { WireCall } from '../../../wire/types';
import { brief } from '../../parts/brief';
import { Fold } from '../../parts/Fold';
import { MessageBody } from './MessageBody';

type EarlierRow = Extract<ChatRow, { k: 'earlier' }>;

/** Messages that an earlier call has shown already: one line that says where. */
export function Earlier({ row, call }: { row: EarlierRow; call: WireCall }) {
  const { label, from, messages } = row;
  const named = from !== undefined && label.endsWith(from);
  const line = named ? (
    <>
      {label.slice(0, -from.length)}
      <b>{brief(from)}</b>
    </>
  ) : (
    label
  );
  return (
    <Fold line={line} size={<Outcome row={row} />}>
      {() => (
        <div class="nb-again">
          {messages.map((message, i) => (
            <div key={i}>
              <span class="m t1">{brief(message.role, 40)}</span>
              <MessageBody message={message} call={call} tools />
            </div>
          ))}
        </div>
      )}
    </Fold>
  );
}

/** How the folded tool calls went, else how long the messages are. */
function Outcome({ row }: { row: EarlierRow }) {
  const { ok = 0, errors = 0 } = row;
  if (ok || errors) {
    return (
      <>
        {ok > 0 && `${ok} ok`}
        {ok > 0 && errors > 0 && ' · '}
        {errors > 0 && <span class="err">{count(errors, 'error')}</span>}
      </>
    );
  }
  const tokens = row.messages.reduce((sum, m) => sum + (m.tokens ?? 0), 0);
  return tokens > 0 ? <span>{whole(tokens)} tok</span> : null;
}
