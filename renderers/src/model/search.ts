/** Find in a trace, and filters that keep the parents of what they keep. */
import type { Json, Status, WireCall, WireMessage, WireSpan } from '../wire/types';
import { shortModel, statusOf, statusWord } from './kind';
import type { Kind, Node, Tree } from './types';

/** Of one span; the rest of a 10 MB text is not searched. */
const MOST_CHARS = 400_000;

/** Spans keep their identity between changes, so what was built for one stays true. */
const built = new WeakMap<WireSpan, string>();

/** All words of a span, in lower case: name, hint, messages, tool arguments, errors, JSON. */
export function haystack(span: WireSpan): string {
  const known = built.get(span);
  if (known !== undefined) return known;
  const text = textsOf(span).join('\n').toLowerCase();
  built.set(span, text);
  return text;
}

class Texts {
  readonly parts: string[] = [];
  private room = MOST_CHARS;

  add(...texts: (string | undefined)[]): void {
    for (const text of texts) {
      if (!text || this.room <= 0) continue;
      this.parts.push(text.length > this.room ? text.slice(0, this.room) : text);
      this.room -= text.length;
    }
  }

  /** Keys and leaves of a JSON value, in a loop. */
  addJson(value: Json | undefined): void {
    const stack: Json[] = value === undefined ? [] : [value];
    for (let next = stack.pop(); next !== undefined && this.room > 0; next = stack.pop()) {
      if (typeof next === 'string') this.add(next);
      else if (typeof next === 'number') this.add(String(next));
      else if (Array.isArray(next)) for (let i = next.length - 1; i >= 0; i--) stack.push(next[i] ?? null);
      else if (next && typeof next === 'object') {
        for (const [key, inner] of Object.entries(next).reverse()) stack.push(inner, key);
      }
    }
  }
}

function textsOf(span: WireSpan): string[] {
  const texts = new Texts();
  texts.add(span.name, span.hint, statusWord(span));
  texts.add(span.error?.type, span.error?.message, span.error?.stack);
  if (span.call) addCall(texts, span.call);
  texts.addJson(span.attributes);
  texts.addJson(span.inputs);
  texts.addJson(span.outputs);
  for (const event of span.events ?? []) {
    texts.add(event.name);
    texts.addJson(event.attributes);
  }
  return texts.parts;
}

function addCall(texts: Texts, call: WireCall): void {
  texts.add(call.model, call.served, call.endpoint, call.api, call.url, ...(call.finish ?? []));
  for (const message of [...call.messages, ...call.answers]) addMessage(texts, message);
  texts.add(call.verdict?.title, ...(call.verdict?.text ?? []), call.verdict?.next, call.body);
  for (const attempt of call.attempts) texts.add(attempt.error);
  texts.addJson(call.facts?.tags);
  texts.addJson(call.params);
  texts.addJson(call.tools);
}

function addMessage(texts: Texts, message: WireMessage): void {
  texts.add(message.text, message.name);
  for (const part of message.parts ?? []) {
    switch (part.k) {
      case 'tool_call':
        texts.add(part.name, part.args, part.id);
        break;
      case 'json':
        texts.addJson(part.value);
        break;
      case 'image':
      case 'audio':
      case 'file':
        texts.add(part.name, part.mime);
        break;
      case 'vectors':
        break;
      default:
        texts.add(part.text);
    }
  }
}

/** Shorter texts are words: as part of a hexadecimal id they would be found everywhere. */
const LEAST_OF_ID = 6;

/** @param needle in lower case */
function holds(span: WireSpan, needle: string): boolean {
  if (haystack(span).includes(needle)) return true;
  return needle.length >= LEAST_OF_ID && idsOf(span).some((id) => id?.toLowerCase().includes(needle));
}

function idsOf(span: WireSpan): (string | undefined)[] {
  const facts = span.call?.facts;
  const requests = span.call?.attempts.map((attempt) => attempt.request_id) ?? [];
  return [span.id, span.trace, facts?.request_id, facts?.client_request_id, facts?.gateway_trace_id, ...requests];
}

/** Ids of the spans that hold the text, whatever its case, in the order of the tree. */
export function find(tree: Tree, text: string): string[] {
  const needle = text.trim().toLowerCase();
  if (!needle) return [];
  return tree.order.filter((node) => holds(node.span, needle)).map((node) => node.span.id);
}

/** Where the text stands in another, for marking it: pairs of from and to. */
export function occurrences(text: string, needle: string): [number, number][] {
  const wanted = needle.trim().toLowerCase();
  const lower = text.toLowerCase();
  // Lower case may be longer (İ): then places differ and none are marked.
  if (!wanted || lower.length !== text.length) return [];
  const found: [number, number][] = [];
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
    found.push([at, at + wanted.length]);
  }
  return found;
}

export interface Filter {
  kinds?: ReadonlySet<Kind>;
  statuses?: ReadonlySet<Status>;
  /** Short or full names. */
  models?: ReadonlySet<string>;
  text?: string;
  minMs?: number;
  maxMs?: number;
  /** Calls with more than one attempt. */
  retried?: boolean;
}

export interface Filtered {
  /** Spans that pass. */
  matches: Set<string>;
  /** These and their parents. */
  keep: Set<string>;
}

export function filterTree(tree: Tree, filter: Filter): Filtered {
  const needle = filter.text?.trim().toLowerCase() ?? '';
  const matches = new Set<string>();
  const keep = new Set<string>();
  for (const node of tree.order) {
    if (!passes(node, filter, needle)) continue;
    matches.add(node.span.id);
    for (let up: Node | null = node; up && !keep.has(up.span.id); up = up.parent) keep.add(up.span.id);
  }
  return { matches, keep };
}

/** Ids of the spans that pass, with their parents. */
export function filterSpans(tree: Tree, filter: Filter): Set<string> {
  return filterTree(tree, filter).keep;
}

/** True if the filter lets everything through. */
export function isEmptyFilter(filter: Filter): boolean {
  return (
    !filter.kinds?.size &&
    !filter.statuses?.size &&
    !filter.models?.size &&
    !filter.text?.trim() &&
    filter.minMs === undefined &&
    filter.maxMs === undefined &&
    !filter.retried
  );
}

function passes(node: Node, filter: Filter, needle: string): boolean {
  const { span } = node;
  const ms = node.end - span.at;
  if (filter.kinds?.size && !filter.kinds.has(node.kind)) return false;
  if (filter.statuses?.size && !filter.statuses.has(statusOf(span))) return false;
  if (filter.models?.size && !hasModel(span, filter.models)) return false;
  if (filter.minMs !== undefined && ms < filter.minMs) return false;
  if (filter.maxMs !== undefined && ms > filter.maxMs) return false;
  if (filter.retried && (span.call?.attempts.length ?? 0) < 2) return false;
  return !needle || holds(span, needle);
}

function hasModel(span: WireSpan, models: ReadonlySet<string>): boolean {
  const name = span.call?.served ?? span.call?.model ?? span.call?.endpoint;
  return name !== undefined && (models.has(name) || models.has(shortModel(name)));
}

/** Models that answered, by how often. */
export function modelsOf(tree: Tree): { name: string; calls: number }[] {
  const counts = new Map<string, number>();
  for (const { span } of tree.order) {
    const name = span.call?.served ?? span.call?.model ?? span.call?.endpoint;
    if (name) counts.set(shortModel(name), (counts.get(shortModel(name)) ?? 0) + 1);
  }
  return [...counts].map(([name, calls]) => ({ name, calls })).sort((a, b) => b.calls - a.calls);
}

/** The next id after `from` in the list, in the order of the tree; round at the ends. */
export function nextOf(tree: Tree, ids: readonly string[], from: string | null, step: 1 | -1): string | null {
  if (!ids.length) return null;
  const rank = new Map(tree.order.map((node, i) => [node.span.id, i]));
  const here = from === null ? (step > 0 ? -1 : Number.POSITIVE_INFINITY) : (rank.get(from) ?? -1);
  const after = (id: string) => ((rank.get(id) ?? 0) - here) * step > 0;
  const list = step > 0 ? ids : [...ids].reverse();
  return list.find(after) ?? list[0] ?? null;
}
