/** What a span is: its colour, icon, status and the word for it. */
import type { Status, WireSpan } from '../wire/types';
import type { Kind } from './types';

/** Names of the icons in views/parts/icons. */
export type IconName =
  | 'model'
  | 'tool'
  | 'data'
  | 'embed'
  | 'agent'
  | 'chain'
  | 'error'
  | 'shield'
  | 'gauge'
  | 'coin'
  | 'stop'
  | 'retry';

// MLflow's SpanType, https://mlflow.org/docs/latest/genai/tracing/ ; all others are own code.
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['CHAT_MODEL', 'model'],
  ['LLM', 'model'],
  ['TOOL', 'tool'],
  ['RETRIEVER', 'data'],
  ['EMBEDDING', 'data'],
  ['RERANKER', 'data'],
]);

const NOUNS: ReadonlyMap<string, string> = new Map([
  ['CHAT_MODEL', 'model call'],
  ['LLM', 'model call'],
  ['TOOL', 'tool'],
  ['RETRIEVER', 'retriever'],
  ['EMBEDDING', 'embedding'],
  ['RERANKER', 'rerank'],
  ['AGENT', 'agent'],
]);

const ICONS: Readonly<Record<Kind, IconName>> = { model: 'model', tool: 'tool', data: 'data', flow: 'chain' };

export function kindOf(span: WireSpan): Kind {
  return KINDS.get(span.type.toUpperCase()) ?? (span.call ? 'model' : 'flow');
}

/** The type in words, for labels: "run_sql, tool, error, …". */
export function nounOf(span: WireSpan): string {
  return NOUNS.get(span.type.toUpperCase()) ?? (span.call ? 'model call' : 'step');
}

export function statusOf(span: WireSpan): Status {
  return span.status ?? (span.error ? 'error' : 'ok');
}

/** Went wrong or was held back: what the `e` key goes to and what stays out of folded groups. */
export function isBad(span: WireSpan): boolean {
  const status = statusOf(span);
  return status === 'error' || status === 'blocked' || status === 'rate_limited';
}

/** `error 400`, `blocked`, `over budget` …; empty for ok: what is right has no word. */
export function statusWord(span: WireSpan): string {
  switch (statusOf(span)) {
    case 'ok':
      return '';
    case 'error':
      return span.call?.code !== undefined && span.call.code >= 400 ? `error ${span.call.code}` : 'error';
    case 'blocked':
      return span.call?.verdict?.kind === 'budget' ? 'over budget' : 'blocked';
    case 'rate_limited':
      return 'rate limited';
    case 'interrupted':
      return 'interrupted';
    case 'running':
      return 'running';
  }
}

/** Status first: a failed call shows the cross, not the bubble. */
export function iconOf(span: WireSpan): IconName {
  switch (statusOf(span)) {
    case 'error':
      return 'error';
    case 'blocked':
      return span.call?.verdict?.kind === 'budget' ? 'coin' : 'shield';
    case 'rate_limited':
      return 'gauge';
    case 'interrupted':
      return 'stop';
    default:
      return typeIcon(span);
  }
}

/** By type alone. */
export function typeIcon(span: WireSpan): IconName {
  switch (span.type.toUpperCase()) {
    case 'EMBEDDING':
      return 'embed';
    case 'AGENT':
      return 'agent';
    default:
      return ICONS[kindOf(span)];
  }
}

/** `databricks-` is cut from names, and `system.ai.` of the Unity gateway; the full name stands in the tooltip. */
export function shortModel(name: string): string {
  return name.replace(/^(?:databricks-|system\.ai\.(?:databricks-)?)(?=.)/, '');
}
