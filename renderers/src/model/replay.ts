/** A request as a form: what can be edited in it, and what an edit makes of it. */
import type { Json, ReplayAsk, WireCall } from '../wire/types';
import { canonical } from './canonical';
import { own } from './own';
import { diffWords } from './worddiff';

/** Where a text stands in the request. */
export type Path = readonly (string | number)[];

export interface Editable {
  /** `system`, `user`, `assistant` … */
  role: string;
  path: Path;
  text: string;
}

export interface Fixed {
  role: string;
  /** Why it is not a text: `image, tool result`. */
  what: string;
}

export interface Form {
  model: string;
  /** In their order; those worth trying are there even where the request has none. */
  params: { name: string; value: Json | undefined }[];
  /** The instruction the model was given, wherever this API keeps it. */
  system: Editable | null;
  messages: (Editable | Fixed)[];
  /** The key of the request that holds the messages. */
  key: string | null;
}

export const isEditable = (item: Editable | Fixed): item is Editable => 'path' in item;

const HOLDERS = ['messages', 'input', 'prompt', 'contents', 'inputs'];
const SYSTEMS = ['system', 'instructions'];
/** What a form has a better place for, or what is not the user's to change. */
const NOT_PARAMS = new Set([
  ...HOLDERS,
  ...SYSTEMS,
  'model',
  'stream',
  'stream_options',
  'tools',
  'usage_context',
  'client_request_id',
]);

export function formOf(call: WireCall): Form {
  const request = isObject(call.request) ? call.request : {};
  const key = HOLDERS.find((name) => request[name] !== undefined) ?? null;
  const all = key ? itemsOf(request[key], [key], 'user') : [];
  const outside = SYSTEMS.find((name) => typeof request[name] === 'string');
  const first = all.findIndex((item) => item.role === 'system' || item.role === 'developer');
  const at = all[first];
  const inside = at && isEditable(at) ? at : null;
  const system = outside ? { role: 'system', path: [outside], text: String(request[outside]) } : inside;
  return {
    model: typeof request.model === 'string' ? request.model : (call.model ?? call.endpoint ?? ''),
    params: paramsOf(call, request),
    system,
    messages: outside || !inside ? all : all.filter((item) => item !== inside),
    key,
  };
}

function paramsOf(call: WireCall, request: Record<string, Json>): Form['params'] {
  const given = Object.entries({ ...call.params, ...request }).filter(([name]) => !NOT_PARAMS.has(name));
  const names = given.map(([name]) => name);
  const likely =
    call.api === 'embeddings' ? [] : ['temperature', names.find((name) => /^max_/.test(name)) ?? 'max_tokens'];
  const simple = given.filter(([, value]) => typeof value !== 'object' || value === null);
  const all = [...likely, ...simple.map(([name]) => name)];
  return [...new Set(all)].map((name) => ({ name, value: own(request, name) ?? own(call.params, name) }));
}

function itemsOf(value: Json | undefined, path: Path, role: string): (Editable | Fixed)[] {
  if (typeof value === 'string') return [{ role, path, text: value }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((item, i): (Editable | Fixed)[] => {
    const at = [...path, i];
    if (typeof item === 'string') return [{ role, path: at, text: item }];
    if (!isObject(item)) return [];
    const who = typeof item.role === 'string' ? item.role : role;
    const inner = item.content ?? item.parts;
    const name = item.content === undefined ? 'parts' : 'content';
    if (typeof inner === 'string') return [{ role: who, path: [...at, name], text: inner }];
    if (Array.isArray(inner)) return inner.map((part, j) => partOf(part, [...at, name, j], who));
    return [partOf(item, at, who)];
  });
}

function partOf(part: Json, path: Path, role: string): Editable | Fixed {
  if (typeof part === 'string') return { role, path, text: part };
  if (isObject(part) && typeof part.text === 'string') return { role, path: [...path, 'text'], text: part.text };
  const type = isObject(part) ? (part.type ?? (part.tool_calls ? 'tool calls' : Object.keys(part)[0])) : undefined;
  return { role, what: String(type ?? 'no text').replaceAll('_', ' ') };
}

export interface Edits {
  model?: string;
  /** As typed. */
  params: Readonly<Record<string, string>>;
  /** By the path's key. */
  texts: Readonly<Record<string, string>>;
}

export const NO_EDITS: Edits = { params: {}, texts: {} };

/** The edits that make one request of another: what a replay was sent with, in the form of its original. */
export function editsBetween(from: Form, to: Form): Edits {
  const params: Record<string, string> = {};
  for (const { name, value } of from.params) {
    const now = shown(to.params.find((param) => param.name === name)?.value);
    if (now !== shown(value)) params[name] = now;
  }
  const texts: Record<string, string> = {};
  const later = new Map(
    [to.system, ...to.messages].flatMap((item) => (item && isEditable(item) ? [[keyOf(item.path), item.text]] : [])),
  );
  for (const item of [from.system, ...from.messages]) {
    if (!item || !isEditable(item)) continue;
    const now = later.get(keyOf(item.path));
    if (now !== undefined && now !== item.text) texts[keyOf(item.path)] = now;
  }
  return { params, texts, ...(to.model === from.model ? {} : { model: to.model }) };
}

export const keyOf = (path: Path) => path.join('\u0000');

/** A parameter as it is shown in a field. */
export function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was typed, as the type the parameter had; throws a sentence. */
export function typed(name: string, text: string, was: Json | undefined): Json {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (typeof was === 'string') return text;
  try {
    const value = JSON.parse(trimmed) as Json;
    if (typeof was === 'number' && typeof value !== 'number') throw new Error();
    return value;
  } catch {
    if (was === undefined || was === null) return text;
    throw new Error(
      `${name}: expected ${Array.isArray(was) ? 'a list' : `a ${typeof was}`}, got “${trimmed.slice(0, 40)}”.`,
    );
  }
}

/** What to ask the kernel for: only what is different. Throws a sentence where something cannot be read. */
export function askOf(span: string, call: WireCall, form: Form, edits: Edits): ReplayAsk {
  const ask: ReplayAsk = { call: span };
  if (edits.model?.trim() && edits.model !== form.model) ask.model = edits.model.trim();
  const params: Record<string, Json> = {};
  for (const { name, value } of form.params) {
    const text = own(edits.params, name);
    if (text === undefined) continue;
    const next = typed(name, text, value);
    if (canonical(next) !== canonical(value ?? null)) params[name] = next;
  }
  let messages: Json | undefined;
  for (const item of [form.system, ...form.messages]) {
    if (!item || !isEditable(item)) continue;
    const text = own(edits.texts, keyOf(item.path));
    if (text === undefined || text === item.text) continue;
    const [first, ...rest] = item.path;
    if (first !== form.key) params[String(first)] = text;
    else messages = put(messages ?? (isObject(call.request) ? (call.request[form.key] ?? null) : null), rest, text);
  }
  if (Object.keys(params).length) ask.params = params;
  if (messages !== undefined) ask.messages = messages;
  return ask;
}

export const isChanged = (ask: ReplayAsk) =>
  ask.model !== undefined || ask.params !== undefined || ask.messages !== undefined;

/** A copy with one place changed; what is not on the way stays the same object. */
function put(value: Json, path: Path, text: string): Json {
  const [step, ...rest] = path;
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? put(item, rest, text) : item));
  if (isObject(value)) return { ...value, [step]: put(value[step] ?? null, rest, text) };
  return value;
}

/** `+ 2 words`, `− 3 words`, `4 words changed`; empty when nothing changed. */
export function editWord(before: string, after: string): string {
  if (before === after) return '';
  const { changes } = diffWords(before, after);
  const count = (k: string) =>
    changes.reduce((n, change) => n + (change.k === k ? (change.text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0) : 0), 0);
  const [gone, come] = [count('removed'), count('added')];
  const words = (n: number) => `${n} ${n === 1 ? 'word' : 'words'}`;
  if (!gone && !come) return 'marks changed';
  if (!gone) return `+ ${words(come)}`;
  return come ? `${words(Math.max(gone, come))} changed` : `− ${words(gone)}`;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
