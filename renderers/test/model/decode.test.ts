import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barOf } from '../../src/model/bar';
import { chatRows } from '../../src/model/chat';
import { decode } from '../../src/model/decode';
import { haystack } from '../../src/model/search';
import { buildTree } from '../../src/model/tree';
import { rowLabel } from '../../src/model/words';
import { chat, span, wire } from './make';

const plain = wire([span('a', 0, 5, { inputs: { q: 'hello' } })]);
const zip = (value: unknown) => ({
  v: 1,
  uid: 'u',
  state: 'done',
  start: 0,
  totals: plain.totals,
  z: gzipSync(JSON.stringify(value)).toString('base64'),
});

describe('decode', () => {
  it('reads an object, its text and the zipped form', async () => {
    expect(decode(plain)).toEqual(plain);
    expect(decode(JSON.stringify(plain))).toEqual(plain);
    const zipped = decode(zip(plain));
    expect(zipped).toBeInstanceOf(Promise);
    expect(await zipped).toEqual(plain);
    expect(await decode(JSON.stringify(zip(plain)))).toEqual(plain);
  });

  it('keeps sound spans the objects they are, and changes nothing it was given', () => {
    const given = Object.freeze({ ...plain, spans: Object.freeze(plain.spans) });
    const read = decode(given);
    if (read instanceof Promise) throw new Error('not zipped');
    expect(read.spans[0]).toBe(plain.spans[0]);
  });

  it('puts texts of the table back, also in the zipped form', async () => {
    const packed = {
      ...plain,
      texts: ['hello', 'chat'],
      spans: [
        {
          id: 'a',
          name: { $: 1 },
          type: 'CHAIN',
          at: 0,
          ms: 5,
          inputs: { q: [{ $: 0 }, { $: [0] }, { $: [{ $: 1 }] }, { $: 0, x: 1 }] },
        },
      ],
    };
    const want = [
      {
        id: 'a',
        name: 'chat',
        type: 'CHAIN',
        at: 0,
        ms: 5,
        inputs: { q: ['hello', { $: 0 }, { $: 'chat' }, { $: 0, x: 1 }] },
      },
    ];
    const read = decode(packed);
    expect(read).toMatchObject({ spans: want });
    expect(read).not.toHaveProperty('texts');
    expect(await decode(zip(packed))).toMatchObject({ spans: want });
    expect(packed.spans[0]?.inputs.q[0]).toEqual({ $: 0 });
  });

  it.each([
    [null, 'This output holds nothing where a trace was expected. Run the cell again.'],
    [[], 'This output holds a list where a trace was expected. Run the cell again.'],
    ['{"v":1', 'The saved trace is damaged: its data is not JSON. Run the cell again.'],
    [{}, 'This output is not a trace of nbext: it names no format. Run the cell again.'],
    [{ v: 2 }, 'This trace has format 2, which a newer nbext wrote; this viewer reads format 1. Update nbext.'],
    [{ v: 1 }, 'The saved trace is damaged: it has no id. Run the cell again.'],
    [{ v: 1, uid: 'u' }, 'The saved trace is damaged: it has no list of spans. Run the cell again.'],
    [{ ...plain, spans: [1] }, 'The saved trace is damaged: span 1 has no id. Run the cell again.'],
    [
      { ...plain, texts: [], spans: [{ $: 4 }] },
      'The saved trace is damaged: text 4 is not there. Run the cell again.',
    ],
  ])('%j', (data, sentence) => expect(() => decode(data)).toThrow(sentence));

  it.each([['AAAA'], ['not base64 !'], [gzipSync('[').toString('base64')]])(
    'says that compressed data is damaged: %s',
    async (z) => {
      await expect(decode({ v: 1, uid: 'u', z })).rejects.toThrow(
        /^The saved trace is damaged: its (compressed data cannot be read|data is not JSON)\. Run/,
      );
    },
  );

  it('does not unfold without end', async () => {
    const z = gzipSync(' '.repeat(1_000_000)).toString('base64');
    await expect(decode({ v: 1, uid: 'u', z }, 100_000)).rejects.toThrow('The saved trace is too large to open here.');
  });

  it('gives views what they take for granted, or says why not', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.object({
            key: fc.constantFrom(
              'id',
              'at',
              'ms',
              'name',
              'type',
              'call',
              'messages',
              'answers',
              'attempts',
              'parts',
              'role',
              'k',
              'text',
              'api',
            ),
          }),
        ),
        (spans) => {
          let read: ReturnType<typeof decode>;
          try {
            read = decode(
              JSON.parse(JSON.stringify({ v: 1, uid: 'u', spans: spans.map((s, i) => ({ id: `s${i}`, ...s })) })),
            );
          } catch (error) {
            expect(String(error)).toMatch(/span \d+ has no id/);
            return;
          }
          if (read instanceof Promise) throw new Error('not zipped');
          const tree = buildTree(read.spans, 10);
          for (const node of tree.order) {
            expect(barOf(node, 10).segments.length).toBeGreaterThan(0);
            expect(rowLabel(node)).not.toContain('undefined');
            haystack(node.span);
            if (node.span.call) chatRows(node.span.call, [], read.spans);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('leaves out what a call cannot hold', () => {
    const bad = {
      ...chat('a', 0, 1),
      call: { api: 3, messages: [{ role: 'user', text: 'x' }, 5, { text: 'no role' }], attempts: 'x' },
    };
    const read = decode({ ...plain, spans: [bad] });
    expect(read).toMatchObject({
      spans: [{ call: { api: 'unknown', messages: [{ role: 'user', text: 'x' }], answers: [], attempts: [] } }],
    });
  });

  it('takes 50,000 levels in the string table form', () => {
    let deep: unknown = { $: 0 };
    for (let i = 0; i < 50_000; i++) deep = [deep];
    const read = decode({ ...plain, texts: ['x'], spans: [{ id: 'a', name: 'a', type: 'T', at: 0, inputs: deep }] });
    if (read instanceof Promise) throw new Error('not zipped');
    let at: unknown = read.spans[0]?.inputs;
    while (Array.isArray(at)) at = at[0];
    expect(at).toBe('x');
  });

  it('keeps "__proto__" a key like any other', () => {
    const read = decode(
      JSON.parse(
        '{"v":1,"uid":"u","texts":["t"],"spans":[{"id":"a","name":"a","type":"T","at":0,"inputs":{"__proto__":{"polluted":{"$":0}}}}]}',
      ),
    );
    if (read instanceof Promise) throw new Error('not zipped');
    expect(Object.keys(read.spans[0]?.inputs ?? {})).toEqual(['__proto__']);
    expect({}).not.toHaveProperty('polluted');
  });
});
