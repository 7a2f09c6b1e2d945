import type { Json, WireCall } from '../../../wire/types';

/** The names a reader knows the parameters by. */
const SHORT: Record<string, string> = {
  max_tokens: 'max',
  max_completion_tokens: 'max',
  max_output_tokens: 'max',
  reasoning_effort: 'reasoning',
  tool_choice: 'tool choice',
  top_p: 'top p',
  response_format: 'format',
};

/** Parts of the request that say nothing to a reader: they have places of their own. */
const SKIPPED = new Set(['stream', 'stream_options', 'model', 'messages', 'tools', 'input', 'extra_headers']);

function short(value: Json): string {
  if (typeof value === 'string') return value.length > 40 ? `${value.slice(0, 40)}…` : value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (!Array.isArray(value) && typeof value.type === 'string') return value.type;
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** `stream · temperature 0.2 · max 256` */
export function paramsWords(call: WireCall): string {
  const words = call.stream ? ['stream'] : [];
  for (const [name, value] of Object.entries(call.params ?? {})) {
    if (!SKIPPED.has(name) && value !== null) words.push(`${SHORT[name] ?? name} ${short(value)}`);
  }
  return words.join(' · ');
}
