/** Two runs of one call, message by message and parameter by parameter. */
import type { Json, WireCall, WireMessage } from '../wire/types';
import { align, type Pair } from './align';
import { canonical } from './canonical';
import { messageText } from './message';
import { own } from './own';

/** All that a message says, tool calls as their names and arguments. */
export function spoken(message: WireMessage): string {
  const calls = (message.parts ?? []).flatMap((part) => (part.k === 'tool_call' ? [`${part.name}(${part.args})`] : []));
  return [messageText(message), ...calls].filter(Boolean).join('\n');
}

/** Messages that took each other's place; in order, those only one run has with null on the other side. */
export function pairMessages(a: readonly WireMessage[], b: readonly WireMessage[]): Pair<WireMessage>[] {
  const likeness = (x: WireMessage, y: WireMessage) => (x.role !== y.role ? 0 : spoken(x) === spoken(y) ? 4 : 1);
  return align(a, b, likeness, (message) => `${message.role}\n${spoken(message)}`);
}

export function sameMessage([a, b]: Pair<WireMessage>): boolean {
  return a !== null && b !== null && spoken(a) === spoken(b);
}

export interface Parameter {
  name: string;
  a?: Json;
  b?: Json;
  changed: boolean;
}

/** Model, endpoint, parameters and tools of both; what changed comes first. */
export function pairParameters(a: WireCall, b: WireCall): Parameter[] {
  const [left, right] = [settingsOf(a), settingsOf(b)];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  const all = names.map((name) => {
    const [x, y] = [own(left, name), own(right, name)];
    return { name, a: x, b: y, changed: canonical(x ?? null) !== canonical(y ?? null) };
  });
  return [...all.filter((p) => p.changed), ...all.filter((p) => !p.changed)];
}

function settingsOf(call: WireCall): Record<string, Json> {
  return {
    ...(call.model === undefined ? {} : { model: call.model }),
    ...(call.served === undefined ? {} : { 'answered by': call.served }),
    ...(call.endpoint === undefined || call.endpoint === call.model ? {} : { endpoint: call.endpoint }),
    ...call.params,
    ...(call.tools?.length ? { tools: call.tools } : {}),
  };
}
