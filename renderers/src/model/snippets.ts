/** A call as code to run again. Never with a key: where one belongs, the environment is named. */
import type { Json, WireCall } from '../wire/types';

const TOKEN = 'DATABRICKS_TOKEN';

interface Sdk {
  suffix: RegExp;
  method: string;
  /** Keyword arguments the SDK knows; the rest goes into `extra_body`. */
  known: ReadonlySet<string>;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const OPENAI: Readonly<Record<string, Sdk>> = {
  'chat.completions': {
    suffix: /\/chat\/completions$/,
    method: 'chat.completions.create',
    known: words(
      'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata ' +
        'modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key reasoning_effort response_format ' +
        'safety_identifier seed service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity',
    ),
  },
  completions: {
    suffix: /\/completions$/,
    method: 'completions.create',
    known: words(
      'model prompt best_of echo frequency_penalty logit_bias logprobs max_tokens n presence_penalty seed stop stream stream_options suffix temperature top_p user',
    ),
  },
  embeddings: {
    suffix: /\/embeddings$/,
    method: 'embeddings.create',
    known: words('input model dimensions encoding_format user'),
  },
  responses: {
    suffix: /\/responses$/,
    method: 'responses.create',
    known: words(
      'background conversation include input instructions max_output_tokens max_tool_calls metadata model parallel_tool_calls ' +
        'previous_response_id prompt prompt_cache_key reasoning safety_identifier service_tier store stream stream_options ' +
        'temperature text tool_choice tools top_logprobs top_p truncation user',
    ),
  },
};

const ANTHROPIC: Sdk = {
  suffix: /\/v1\/messages$/,
  method: 'messages.create',
  known: words(
    'max_tokens messages model metadata service_tier stop_sequences stream system temperature thinking tool_choice tools top_k top_p',
  ),
};

/** As Python for the `openai` package (`anthropic` for its API, `httpx` for what has no SDK). */
export function toOpenAiPython(call: WireCall): string {
  const request = isObject(call.request) ? call.request : {};
  const url = cleanUrl(call.url);
  if (call.api === 'messages') return python('anthropic', 'Anthropic', ANTHROPIC, request, url, 'ANTHROPIC_API_KEY');
  const sdk = OPENAI[call.api];
  if (!sdk) return plainPython(call.request ?? {}, url);
  const invocations = /\/serving-endpoints\/([^/]+)\/invocations$/.exec(url);
  if (!invocations) return python('openai', 'OpenAI', sdk, request, url.replace(sdk.suffix, ''), TOKEN);
  // An endpoint of its own takes its name as the model.
  const model = decodeURIComponentSafely(invocations[1] ?? '');
  const base = `${url.slice(0, invocations.index)}/serving-endpoints`;
  return python('openai', 'OpenAI', sdk, { model, ...request }, base, TOKEN);
}

function python(
  pkg: string,
  client: string,
  sdk: Sdk,
  request: { [key: string]: Json },
  base: string,
  token: string,
): string {
  const args: string[] = [];
  const extra: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(request)) {
    if (sdk.known.has(key)) args.push(`    ${key}=${literal(value, 1)},`);
    else extra[key] = value;
  }
  if (Object.keys(extra).length) args.push(`    extra_body=${literal(extra, 1)},`);
  const at = pkg === 'anthropic' ? base.replace(sdk.suffix, '') : base;
  return [
    'import os',
    `from ${pkg} import ${client}`,
    '',
    `client = ${client}(base_url=${quoted(at)}, api_key=os.environ["${token}"])`,
    `answer = client.${sdk.method}(`,
    ...args,
    ')',
    '',
  ].join('\n');
}

function plainPython(request: Json, url: string): string {
  return [
    'import os',
    'import httpx',
    '',
    'answer = httpx.post(',
    `    ${quoted(url)},`,
    `    headers={"Authorization": "Bearer " + os.environ["${TOKEN}"]},`,
    `    json=${literal(request, 1)},`,
    ')',
    '',
  ].join('\n');
}

/** As one command of a POSIX shell. */
export function toCurl(call: WireCall): string {
  const anthropic = call.api === 'messages';
  const auth = anthropic ? '"x-api-key: $ANTHROPIC_API_KEY"' : `"Authorization: Bearer $${TOKEN}"`;
  return [
    `curl ${shell(cleanUrl(call.url))} \\`,
    `  -H ${auth} \\`,
    ...(anthropic ? ["  -H 'anthropic-version: 2023-06-01' \\"] : []),
    "  -H 'Content-Type: application/json' \\",
    `  -d ${shell(visible(JSON.stringify(call.request ?? {}, null, 2)))}`,
    '',
  ].join('\n');
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** User, password, fragment and query go: keys travel there. `api-version` is kept, Azure needs it. */
function cleanUrl(url: string | undefined): string {
  try {
    const parsed = new URL(url ?? '');
    const version = parsed.searchParams.get('api-version');
    return parsed.origin + parsed.pathname + (version ? `?api-version=${encodeURIComponent(version)}` : '');
  } catch {
    return (url || 'https://gateway.example').replace(/[?#].*$/s, '');
  }
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function shell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// C1 controls, bidi overrides and line separators would show other code than is run.
const HIDDEN = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Escapes that JSON and Python share, for characters that cannot be seen. */
function visible(text: string): string {
  return text.replace(HIDDEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function quoted(text: string): string {
  return visible(JSON.stringify(text));
}

/** A Python literal, four spaces a level, short ones on one line. */
function literal(value: Json, level: number): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return String(value);
  const array = Array.isArray(value);
  const items = array
    ? value.map((item) => literal(item, level + 1))
    : Object.entries(value).map(([key, item]) => `${quoted(key)}: ${literal(item, level + 1)}`);
  const [open, close] = array ? ['[', ']'] : ['{', '}'];
  const line = `${open}${items.join(', ')}${close}`;
  if (line.length <= 80 && !line.includes('\n')) return line;
  const pad = '    '.repeat(level);
  return `${open}\n${items.map((item) => `${pad}    ${item},\n`).join('')}${pad}${close}`;
}
