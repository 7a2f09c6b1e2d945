/** Spans for tests: hand-made ones, and any at all. */
import fc from 'fast-check';
import type { Status, Wire, WireCall, WireSpan } from '../../src/wire/types';

export function span(id: string, at: number, ms: number | undefined, more: Partial<WireSpan> = {}): WireSpan {
  const made: WireSpan = { id, name: id, type: 'CHAIN', at, ...more };
  if (ms !== undefined) made.ms = ms;
  return made;
}

export function call(more: Partial<WireCall> = {}): WireCall {
  return { api: 'chat.completions', messages: [], answers: [], attempts: [], ...more };
}

export function chat(
  id: string,
  at: number,
  ms: number | undefined,
  more: Partial<WireSpan> = {},
  inner: Partial<WireCall> = {},
) {
  return span(id, at, ms, { type: 'CHAT_MODEL', call: call(inner), ...more });
}

export function wire(spans: WireSpan[], more: Partial<Wire> = {}): Wire {
  return { v: 1, uid: 'u', state: 'done', start: 0, spans, totals: { spans: spans.length, calls: 0 }, ...more };
}

const STATUSES: Status[] = ['ok', 'error', 'blocked', 'rate_limited', 'interrupted', 'running'];
const TYPES = ['CHAT_MODEL', 'LLM', 'TOOL', 'AGENT', 'CHAIN', 'RETRIEVER', 'EMBEDDING', 'something', ''];

const attempts = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 500 }),
    ms: fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }),
    code: fc.constantFrom(200, 429, 500),
  }),
  { maxLength: 4 },
);

/** Whatever can come: parents that are not there or in circles, ids twice, ends before starts, no times. */
export const anySpans: fc.Arbitrary<WireSpan[]> = fc.array(
  fc
    .record({
      id: fc.integer({ min: 0, max: 30 }),
      parent: fc.option(fc.integer({ min: 0, max: 34 }), { nil: undefined }),
      at: fc.oneof(fc.integer({ min: -50, max: 2000 }), fc.constant(Number.NaN)),
      ms: fc.option(fc.integer({ min: -50, max: 1500 }), { nil: undefined }),
      type: fc.constantFrom(...TYPES),
      name: fc.constantFrom('chat', 'run_sql', 'plan', 'item 1', 'item 2'),
      status: fc.option(fc.constantFrom(...STATUSES), { nil: undefined }),
      attempts: fc.option(attempts, { nil: undefined }),
    })
    .map(({ id, parent, attempts: tries, ms, status, ...rest }) => {
      const made: WireSpan = { ...rest, id: `s${id}` };
      if (parent !== undefined) made.parent = `s${parent}`;
      if (ms !== undefined) made.ms = ms;
      if (status !== undefined) made.status = status;
      if (tries) made.call = call({ attempts: tries.sort((a, b) => a.at - b.at) });
      return made;
    }),
  { maxLength: 40 },
);

/** A large trace as evaluations make them: shards, items, calls and tools. */
export function largeTrace(count: number): WireSpan[] {
  const spans: WireSpan[] = [span('root', 0, count * 10, { type: 'AGENT', name: 'eval_batch' })];
  const perShard = Math.max(5, Math.ceil(count / 8));
  for (let i = 1; i < count; i++) {
    const at = i * 10;
    if ((i - 1) % perShard === 0)
      spans.push(span(`shard${i}`, at, perShard * 10, { parent: 'root', name: `shard ${i}` }));
    else if ((i - 1) % 5 === 1 || !spans.at(-1))
      spans.push(span(`item${i}`, at, 50, { parent: lastOf(spans, 'shard'), name: `item ${i}` }));
    else if (i % 500 === 3)
      spans.push(
        chat(`e${i}`, at, 12, {
          parent: lastOf(spans, 'item'),
          status: 'error',
          name: 'chat',
          error: { message: 'timeout' },
        }),
      );
    else if (i % 2)
      spans.push(
        chat(
          `c${i}`,
          at,
          12,
          { parent: lastOf(spans, 'item'), name: 'chat' },
          {
            first: 4,
            tokens: { in: 10, out: 5, total: 15 },
            messages: [{ role: 'user', text: `question ${i}` }],
            answers: [{ role: 'assistant', text: 'an answer' }],
          },
        ),
      );
    else spans.push(span(`t${i}`, at, 8, { parent: lastOf(spans, 'item'), type: 'TOOL', name: 'search_docs' }));
  }
  return spans;
}

function lastOf(spans: readonly WireSpan[], prefix: string): string {
  for (let i = spans.length - 1; i >= 0; i--) {
    const id = spans[i]?.id;
    if (id?.startsWith(prefix)) return id;
  }
  return 'root';
}
