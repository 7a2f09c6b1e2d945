/** A call in a few words: what tells it from calls of the same name and model. */
import type { WireCall } from '../wire/types';
import { oneLine, toolCallsOf } from './message';

/** Longest text of a row. */
const MOST = 120;

/** What a call asked for, by name; else what it was asked; after tool results what it answered. */
export function callWords({ messages, answers, verdict }: WireCall): string {
  const [answer] = answers;
  const tools = answer && toolCallsOf(answer).map((part) => part.name);
  if (tools?.length) return tools.join(', ');
  const last = messages.at(-1);
  if (last && last.role !== 'user' && last.role !== 'input' && answer) return oneLine(answer, MOST);
  const asked = messages.findLast((m) => m.role === 'user' || m.role === 'input') ?? last;
  return asked && !verdict?.hide ? oneLine(asked, MOST) : '';
}
