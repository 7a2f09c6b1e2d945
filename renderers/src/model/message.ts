/** Reading a message, whichever of its two forms it has. */
import type { WireMessage, WirePart } from '../wire/types';
import { bytes, count, whole } from './format';

export type ToolCall = Extract<WirePart, { k: 'tool_call' }>;

/** Visible text: text and refusals, without reasoning and tool calls. */
export function messageText(message: WireMessage): string {
  if (message.text !== undefined) return message.text;
  let text = '';
  for (const part of message.parts ?? []) {
    if (part.k === 'text' || part.k === 'refusal' || part.k === 'tool_result') text += part.text;
  }
  return text;
}

export function partsOf(message: WireMessage): WirePart[] {
  return message.parts ?? (message.text === undefined ? [] : [{ k: 'text', text: message.text }]);
}

export function toolCallsOf(message: WireMessage): ToolCall[] {
  return (message.parts ?? []).filter((part) => part.k === 'tool_call');
}

/** A message in one line: `(image 1.2 MB) What is on this slide?`, `64 vectors × 1,024 · norm 1.00`. */
export function oneLine(message: WireMessage, most = 400): string {
  const words = partsOf(message).map(partLine).filter(Boolean).join(' ');
  return words
    .slice(0, most * 4)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, most);
}

function partLine(part: WirePart): string {
  switch (part.k) {
    case 'text':
    case 'refusal':
    case 'tool_result':
      return part.text.slice(0, 4000);
    case 'reasoning':
      return '';
    case 'tool_call':
      return `${part.name}(${part.args.slice(0, 400)})`;
    case 'image':
    case 'audio':
    case 'file':
      return `(${mediaLine(part)})`;
    case 'vectors':
      return vectorsLine(part);
    case 'json':
      return typeof part.value === 'string' ? part.value : '(JSON)';
  }
}

/** `image 1.2 MB`, `file report.pdf 80 kB` */
export function mediaLine(part: Extract<WirePart, { k: 'image' | 'audio' | 'file' }>): string {
  return [part.k, part.name, part.bytes === undefined ? undefined : bytes(part.bytes)].filter(Boolean).join(' ');
}

/** `64 vectors × 1,024 · norm 1.00` */
export function vectorsLine(part: Extract<WirePart, { k: 'vectors' }>): string {
  const dim = part.dim === undefined ? '' : ` × ${whole(part.dim)}`;
  const norm = part.norm === undefined ? '' : ` · norm ${part.norm.toFixed(2)}`;
  return `${count(part.count, 'vector')}${dim}${norm}`;
}
