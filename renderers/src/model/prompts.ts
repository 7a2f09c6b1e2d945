/** Templates of a prompt registry, and the words that took the place of their variables. */
import type { Json, WireMessage, WirePrompt } from '../wire/types';
import { messageText } from './message';
import { own } from './own';

export interface TemplatePart {
  k: 'text' | 'variable';
  text: string;
  /** Of a variable. */
  name?: string;
}

const VARIABLE = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** `Answer about {{ topic }}.` in its parts; a variable keeps its braces. */
export function templateParts(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  for (const match of template.matchAll(VARIABLE)) {
    if (match.index > at) parts.push({ k: 'text', text: template.slice(at, match.index) });
    parts.push({ k: 'variable', text: match[0], name: match[1] ?? '' });
    at = match.index + match[0].length;
  }
  if (at < template.length) parts.push({ k: 'text', text: template.slice(at) });
  return parts;
}

/**
 * The same parts with what stands in `text` for each variable; null when the text was not made from
 * the template. A known value is preferred where the words around it leave a choice.
 */
export function filledParts(template: string, text: string, known: Record<string, Json> = {}): TemplatePart[] | null {
  const parts = templateParts(template);
  const filled: TemplatePart[] = [];
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as TemplatePart;
    if (part.k === 'text') {
      if (!text.startsWith(part.text, at)) return null;
      filled.push(part);
      at += part.text.length;
      continue;
    }
    const value = own(known, part.name ?? '');
    const said = value === undefined || value === null ? undefined : typeof value === 'string' ? value : String(value);
    const next = parts[i + 1];
    let end = said !== undefined && text.startsWith(said, at) ? at + said.length : -1;
    if (end < 0 && next?.k === 'variable') end = at;
    if (end < 0) end = next ? (parts[i + 2] ? text.indexOf(next.text, at) : text.lastIndexOf(next.text)) : text.length;
    if (end < at) return null;
    filled.push({ k: 'variable', text: text.slice(at, end), name: part.name ?? '' });
    at = end;
  }
  return at === text.length ? filled : null;
}

/** A template as one text per message. */
export function templateTexts(template: WirePrompt['template']): { role?: string; text: string }[] {
  return typeof template === 'string'
    ? [{ text: template }]
    : template.map(({ role, content }) => ({ role, text: content }));
}

/** All of a template as one text, for a comparison of versions. */
export function templateText(template: WirePrompt['template']): string {
  return templateTexts(template)
    .map(({ role, text }) => (role ? `${role}:\n${text}` : text))
    .join('\n\n');
}

export interface Rendered {
  role: string;
  parts: TemplatePart[];
  /** False: no message of the call fits the template, so the template's own words stand here. */
  found: boolean;
}

/** Each text of the template as it was sent. */
export function renderedOf(prompt: WirePrompt, messages: readonly WireMessage[]): Rendered[] {
  const named = prompt.messages?.flatMap((i) => messages[i] ?? []);
  const pool = named?.length ? named : [...messages];
  const used = new Set<WireMessage>();
  return templateTexts(prompt.template).map(({ role, text }) => {
    for (const message of pool) {
      if (used.has(message) || (role && message.role !== role)) continue;
      const parts = filledParts(text, messageText(message), prompt.variables);
      if (!parts) continue;
      used.add(message);
      return { role: message.role, parts, found: true };
    }
    return { role: role ?? '', parts: templateParts(text), found: false };
  });
}
