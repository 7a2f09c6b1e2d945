import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCurl, toOpenAiPython } from '../../src/model/snippets';
import type { Json } from '../../src/wire/types';
import { call } from './make';

const request = {
  model: 'databricks-claude-haiku-4-5',
  messages: [{ role: 'user', content: 'It\'s "quoted"\n$HOME `id` \\ ümlaut \u202e 😀' }],
  temperature: 0.2,
  stream: true,
  stop: null,
  usage_context: { team: 'a' },
};
const url = 'https://w.example/serving-endpoints/chat/completions?key=sk-secret';

/** Runs Python on the texts and gives back what it prints as JSON. */
function python(script: string, texts: string[]): Json {
  return JSON.parse(execFileSync('python3', ['-c', script], { input: JSON.stringify(texts), encoding: 'utf8' }));
}

const KEYWORDS = `
import ast, json, sys
out = []
for text in json.load(sys.stdin):
    call = ast.parse(text).body[-1].value
    out.append({k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg != "headers"})
print(json.dumps(out))
`;

describe('toOpenAiPython', () => {
  it('is Python that sends the same request, unknown parameters apart', () => {
    const text = toOpenAiPython(call({ url, request }));
    const { usage_context, ...known } = request;
    expect(python(KEYWORDS, [text])).toEqual([{ ...known, extra_body: { usage_context } }]);
    expect(text).toContain(
      'client = OpenAI(base_url="https://w.example/serving-endpoints", api_key=os.environ["DATABRICKS_TOKEN"])',
    );
    expect(text).not.toContain('sk-secret');
    expect(text).not.toContain('\u202e');
  });

  it('keeps any JSON', () => {
    const any = fc
      .sample(fc.jsonValue({ maxDepth: 4 }), { numRuns: 60, seed: 7 })
      .map((value) => JSON.parse(JSON.stringify(value)) as Json);
    const texts = any.map((value) =>
      toOpenAiPython(call({ api: 'embeddings', url: 'https://x/v1/embeddings', request: { input: value } })),
    );
    expect(python(KEYWORDS, texts)).toEqual(any.map((input) => ({ input })));
  });

  it.each([
    ['chat.completions', 'https://w/serving-endpoints/my%20bot/invocations', 'base_url="https://w/serving-endpoints"'],
    ['chat.completions', 'https://w/serving-endpoints/bot/invocations', 'model="bot"'],
    [
      'messages',
      'https://w/ai-gateway/anthropic/v1/messages',
      'client = Anthropic(base_url="https://w/ai-gateway/anthropic"',
    ],
    ['responses', 'https://u:p@w/v1/responses#x', 'client.responses.create('],
    ['rerank', 'https://w/rerank', 'answer = httpx.post('],
    ['unknown', '', '"https://gateway.example"'],
  ])('%s %s', (api, at, part) => {
    const text = toOpenAiPython(call({ api, url: at, request: { input: 'x' } }));
    expect(text).toContain(part);
    expect(text).not.toContain('u:p@');
  });
});

describe('toCurl', () => {
  const run = (text: string) => {
    const script = `DATABRICKS_TOKEN=T; ANTHROPIC_API_KEY=K; curl() { for a in "$@"; do printf '%s\\036' "$a"; done; }\n${text}`;
    return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\u001e').slice(0, -1);
  };

  it('gives a shell the address, the headers and the same body', () => {
    const [at, ...rest] = run(toCurl(call({ url, request })));
    expect(at).toBe('https://w.example/serving-endpoints/chat/completions');
    expect(rest.slice(0, 4)).toEqual(['-H', 'Authorization: Bearer T', '-H', 'Content-Type: application/json']);
    expect(JSON.parse(rest.at(-1) ?? '')).toEqual(request);
  });

  it('keeps what is in single quotes there, whatever it is', () => {
    const texts = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 4, seed: 3 });
    for (const content of [...texts, "'; rm -rf / #", '$(id)', '\\', "''"]) {
      const body = run(toCurl(call({ url, request: { content } }))).at(-1) ?? '';
      expect(JSON.parse(body)).toEqual({ content: content });
    }
  });

  it('uses the headers of Anthropic for its API', () => {
    expect(run(toCurl(call({ api: 'messages', url: 'https://a/v1/messages', request: {} })))).toContain('x-api-key: K');
  });
});
