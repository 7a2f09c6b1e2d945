import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { chatRows } from '../../../model/chat';
import { count, whole } from '../../../model/format';
import { oneLine } from '../../../model/message';
import type { ChatRow } from '../../../model/types';
import { WAITING } from '../../../model/words';
import type { WireCall, WireMessage, WireSpan } from '../../../wire/types';
import { brief } from '../../parts/brief';
import { Fold } from '../../parts/Fold';
import { Hidden } from '../Hidden';
import { Rule } from '../Pairs';
import { Earlier } from './Earlier';
import { MessageBody } from './MessageBody';
import { textsLine } from './oneLine';
import { ToolBox } from './ToolBox';

interface Props {
  span: WireSpan;
  call: WireCall;
  /** Calls of the same trace before this one, by start. */
  earlier: WireCall[];
  spans: WireSpan[];
  /** The sent text is shown though a rule fired on it. */
  shown: boolean;
  show: () => void;
  jump: (id: string) => void;
}

interface Group {
  who: string;
  name?: string;
  rows: ChatRow[];
}

/** The conversation, one role after the other. */
export function Chat({ span, call, earlier, spans, shown, show, jump }: Props) {
  const rows = useMemo(() => chatRows(shown ? unhidden(call) : call, earlier, spans), [call, earlier, spans, shown]);
  const groups = useMemo(() => groupRows(rows, call), [rows, call]);
  const growing = span.status === 'running';
  return (
    <div class="nb-chat">
      {groups.map((group, i) => (
        <GroupView
          key={i}
          group={group}
          call={call}
          show={show}
          jump={jump}
          growing={growing && i === groups.length - 1}
        />
      ))}
      {growing && call.first === undefined && <p class="m nb-waiting">{WAITING}</p>}
    </div>
  );
}

const unhidden = (call: WireCall): WireCall =>
  call.verdict?.hide ? { ...call, verdict: { ...call.verdict, hide: undefined } } : call;

/** Rows of one role stand under one name: the text, then its tool calls. */
export function groupRows(rows: ChatRow[], call: WireCall): Group[] {
  const groups: Group[] = [];
  for (const row of rows) {
    const who = whoOf(row, call);
    const last = groups.at(-1);
    const joins = last && last.who === who && (row.k === 'tool' || last.rows.every((r) => r.k === 'earlier'));
    if (joins) last.rows.push(row);
    else groups.push({ who, rows: [row], ...(row.k === 'message' && row.message.name && { name: row.message.name }) });
  }
  return groups;
}

function whoOf(row: ChatRow, call: WireCall): string {
  switch (row.k) {
    case 'message':
      // Where a policy denied the call, the words are the gateway's, not the model's.
      return row.answer && call.verdict?.kind === 'policy' ? 'gateway' : row.message.role;
    case 'earlier':
      return speaker(row.messages);
    case 'tool':
      return 'assistant';
    case 'rule':
      return '';
    case 'hidden':
      return call.api === 'embeddings' ? 'input' : 'user';
  }
}

const speaker = (messages: WireMessage[]) =>
  messages.find((m) => m.role === 'assistant')?.role ?? messages[0]?.role ?? 'earlier';

interface GroupProps {
  group: Group;
  call: WireCall;
  show: () => void;
  jump: (id: string) => void;
  growing: boolean;
}

function GroupView({ group, call, show, jump, growing }: GroupProps) {
  const first = group.rows[0];
  if (first?.k === 'rule') return <Rule>{brief(first.label)}</Rule>;
  return (
    <Said who={group.who} name={group.name}>
      {group.rows.map((row, i) => (
        <RowView
          key={i}
          row={row}
          call={call}
          show={show}
          jump={jump}
          growing={growing && i === group.rows.length - 1}
        />
      ))}
    </Said>
  );
}

/** Who, and beside it what. */
export function Said({ who, name, children }: { who: string; name?: string; children: ComponentChildren }) {
  return (
    <div class="nb-msg" data-role={who}>
      <div class="who" title={name && brief(name)}>
        {brief(who, 40)}
        {name && <span class="name">{brief(name, 40)}</span>}
      </div>
      <div class="what">{children}</div>
    </div>
  );
}

interface RowProps {
  row: ChatRow;
  call: WireCall;
  show: () => void;
  jump: (id: string) => void;
  growing: boolean;
}

function RowView({ row, call, show, jump, growing }: RowProps) {
  switch (row.k) {
    case 'message':
      return <MessageRow row={row} call={call} growing={growing} />;
    case 'earlier':
      return <Earlier row={row} call={call} />;
    case 'tool':
      return <ToolBox row={row} jump={jump} />;
    case 'hidden':
      return (
        <Hidden
          words={`${whole(row.chars)} characters hidden: they may hold personal data.`}
          button="Show what was sent"
          show={show}
        />
      );
    case 'rule':
      return null;
  }
}

interface MessageProps {
  row: Extract<ChatRow, { k: 'message' }>;
  call: WireCall;
  growing: boolean;
}

function MessageRow({ row, call, growing }: MessageProps) {
  const { message } = row;
  const choice = row.answer ? row.index - call.messages.length : undefined;
  const body = () => <MessageBody message={message} call={call} growing={growing} choice={choice} />;
  if (!row.folded) return body();
  return (
    <Fold
      line={
        (message.role === 'input' ? textsLine([message]) : oneLine(message)) ||
        `${count(message.parts?.length ?? 0, 'part')}`
      }
      size={message.tokens === undefined ? undefined : `${whole(message.tokens)} tok`}
    >
      {body}
    </Fold>
  );
}
