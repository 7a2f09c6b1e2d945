import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkStructured, validate } from '../../src/model/structured';
import type { Json } from '../../src/wire/types';
import { call } from './make';

const schema: Json = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2, maxLength: 5 },
    age: { type: 'integer', minimum: 0, exclusiveMaximum: 150 },
    tags: { type: 'array', items: { enum: ['a', 'b'] }, minItems: 1, maxItems: 3, uniqueItems: true },
    size: { type: 'number', multipleOf: 0.1 },
    boss: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
    place: { $ref: '#/$defs/place' },
  },
  required: ['name'],
  additionalProperties: false,
  $defs: { place: { type: 'object', properties: { city: { const: 'Oslo' } }, required: ['city'] } },
};

describe('validate', () => {
  it.each([
    [{ name: 'Ada' }, null],
    [
      { name: 'Ada', age: 3, tags: ['a'], size: 0.3, boss: { name: 'Bob', boss: null }, place: { city: 'Oslo', x: 1 } },
      null,
    ],
    [{}, ['', 'has no “name”']],
    [[], ['', 'is array, the schema wants object']],
    [{ name: 5 }, ['/name', 'is integer, the schema wants string']],
    [{ name: 'A' }, ['/name', 'is shorter than 2']],
    [{ name: '😀😀😀😀😀😀' }, ['/name', 'is longer than 5']],
    [{ name: 'Ada', age: 1.5 }, ['/age', 'is number, the schema wants integer']],
    [{ name: 'Ada', age: -1 }, ['/age', 'is -1, below 0']],
    [{ name: 'Ada', age: 150 }, ['/age', 'is 150, not below 150']],
    [{ name: 'Ada', tags: ['a', 'c'] }, ['/tags/1', 'is "c", not one of "a", "b"']],
    [{ name: 'Ada', tags: ['a', 'a'] }, ['/tags', 'has an item twice']],
    [{ name: 'Ada', tags: [] }, ['/tags', 'has 0 items, fewer than 1']],
    [{ name: 'Ada', size: 0.25 }, ['/size', 'is 0.25, no multiple of 0.1']],
    [{ name: 'Ada', 'x/y': 1 }, ['/x~1y', 'is not in the schema']],
    [{ name: 'Ada', boss: { name: 'Bob', boss: { age: 1 } } }, ['/boss/boss', 'has no “name”']],
    [{ name: 'Ada', place: { city: 'Rome' } }, ['/place/city', 'is not "Oslo"']],
    [{ name: 'Ada', toString: 1 }, ['/toString', 'is not in the schema']],
  ])('%j', (value, want) => {
    const found = validate(value as Json, schema);
    expect(found && [found.path, found.message]).toEqual(want);
  });

  it('knows the other keywords', () => {
    expect(validate(1, { oneOf: [{ type: 'number' }, { minimum: 0 }] })?.message).toBe(
      'fits 2 of the forms, the schema wants one',
    );
    expect(validate(1, { not: { type: 'integer' } })?.message).toBe('has a form the schema rules out');
    expect(validate(5, { allOf: [{ minimum: 1 }, { maximum: 4 }] })?.message).toBe('is 5, above 4');
    expect(validate(['a', 1], { prefixItems: [{ type: 'string' }], items: { type: 'string' } })?.path).toBe('/1');
    expect(validate({ a: 1 }, { additionalProperties: { type: 'string' } })?.path).toBe('/a');
    expect(validate(1, false)?.message).toBe('is not allowed here');
    expect(validate({ b: 1, a: [2] }, { enum: [{ a: [2], b: 1 }] })).toBeNull();
  });

  it('ends on any schema and any value, also one that points to itself', () => {
    const loop: Json = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
    expect(validate(1, loop)).toBeNull();
    const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
    const words = fc.dictionary(
      fc.constantFrom(
        'type',
        'enum',
        'items',
        'properties',
        'required',
        'anyOf',
        'oneOf',
        'not',
        '$ref',
        'minimum',
        'a',
      ),
      json,
    );
    fc.assert(
      fc.property(json, words, (value, any) => {
        const found = validate(value, any);
        expect(found === null || typeof found.message === 'string').toBe(true);
      }),
    );
  });

  it('is not slowed down by branches within branches', () => {
    let wide: Json = { type: 'string' };
    for (let i = 0; i < 12; i++) wide = { anyOf: [wide, { type: 'null' }], properties: { a: wide } };
    expect(validate({ a: 1 }, wide)).not.toBeNull();
    const doubling: Json = { anyOf: [{ $ref: '#' }, { $ref: '#' }] };
    validate(1, doubling);
  });
});

describe('checkStructured', () => {
  const format: Json = {
    type: 'json_schema',
    json_schema: { name: 'person', schema: { type: 'object', required: ['name'] } },
  };
  const of = (text: string, params: { [key: string]: Json }) =>
    checkStructured(call({ params, answers: [{ role: 'assistant', text }] }));

  it('checks the answer of a call that asked for JSON', () => {
    expect(of('{"name":1}', { response_format: format })).toEqual({ name: 'person', ok: true, value: { name: 1 } });
    expect(of('{}', { response_format: format })).toMatchObject({
      ok: false,
      mismatch: { path: '', message: 'has no “name”' },
    });
    expect(of('Sure! {}', { response_format: format })).toMatchObject({
      ok: false,
      mismatch: { message: 'the answer is not JSON' },
    });
    expect(of('[]', { response_format: { type: 'json_object' } })).toMatchObject({ ok: true });
    expect(
      of('{}', { text: { format: { type: 'json_schema', name: 'p', schema: { required: ['x'] } } } }),
    ).toMatchObject({ name: 'p', ok: false });
    expect(of('{}', { output_format: { type: 'json_schema', schema: {} } })).toEqual({ ok: true, value: {} });
    expect(of('{}', { response_format: { type: 'text' } })).toBeNull();
    expect(of('{}', {})).toBeNull();
    expect(checkStructured(call({ params: { response_format: format } }))).toBeNull();
  });
});
