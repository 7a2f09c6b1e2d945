/** Does an answer keep to the JSON schema it was asked for? The common keywords; unknown ones hold for all. */
import type { Json, WireCall } from '../wire/types';
import { canonical } from './canonical';
import { messageText } from './message';

export interface Mismatch {
  /** JSON pointer of the first value that does not fit; '' is the answer itself. */
  path: string;
  message: string;
}

export interface Structured {
  /** Name of the schema; absent for plain JSON mode. */
  name?: string;
  ok: boolean;
  /** The answer as JSON, if it is. */
  value?: Json;
  mismatch?: Mismatch;
}

type Schema = { [key: string]: Json };

/** For a call that asked for JSON; null for any other, and for one without an answer. */
export function checkStructured(call: WireCall, choice = 0): Structured | null {
  const asked = askedFor(call);
  const answer = call.answers[choice];
  if (!asked || !answer) return null;
  const head = asked.name ? { name: asked.name } : {};
  let value: Json;
  try {
    value = JSON.parse(messageText(answer));
  } catch {
    return { ...head, ok: false, mismatch: { path: '', message: 'the answer is not JSON' } };
  }
  const mismatch = asked.schema === undefined ? null : validate(value, asked.schema);
  return mismatch ? { ...head, ok: false, value, mismatch } : { ...head, ok: true, value };
}

/** The schema of `response_format` (chat), `text.format` (Responses) or `output_format` (Anthropic). */
function askedFor(call: WireCall): { name?: string; schema?: Json } | null {
  const from = [call.params, isSchema(call.request) ? call.request : undefined];
  for (const params of from) {
    if (!params) continue;
    const text = isSchema(params.text) ? params.text.format : undefined;
    for (const format of [params.response_format, text, params.output_format]) {
      if (!isSchema(format)) continue;
      if (format.type === 'json_object') return {};
      if (format.type !== 'json_schema') continue;
      const inner = isSchema(format.json_schema) ? format.json_schema : format;
      const name = typeof inner.name === 'string' ? { name: inner.name } : {};
      return inner.schema === undefined ? name : { ...name, schema: inner.schema };
    }
  }
  return null;
}

function isSchema(value: Json | undefined): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** References followed and levels gone down at most; a schema may point to itself. */
const DEEPEST = 200;
/** Values compared with rules at most: two branches that both point to the schema double at each level. */
const MOST_CHECKS = 200_000;

interface Run {
  root: Json;
  left: number;
}

/** The first value that does not fit, or null. */
export function validate(value: Json, schema: Json): Mismatch | null {
  return check(value, schema, '', { root: schema, left: MOST_CHECKS }, 0);
}

function check(value: Json, schema: Json, path: string, run: Run, depth: number): Mismatch | null {
  if (schema === false) return { path, message: 'is not allowed here' };
  if (!isSchema(schema) || depth > DEEPEST || --run.left < 0) return null;
  if (typeof schema.$ref === 'string') {
    const target = resolve(schema.$ref, run.root);
    const found = target === undefined ? null : check(value, target, path, run, depth + 1);
    if (found) return found;
  }
  return (
    checkType(value, schema, path) ??
    checkChoice(value, schema, path) ??
    checkNumber(value, schema, path) ??
    checkString(value, schema, path) ??
    checkList(value, schema, path, run, depth) ??
    checkObject(value, schema, path, run, depth) ??
    checkAny(value, schema, path, run, depth)
  );
}

/** `#/$defs/Person`; references to other documents are not followed. */
function resolve(ref: string, root: Json): Json | undefined {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: Json | undefined = root;
  for (const step of ref.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function checkType(value: Json, schema: Schema, path: string): Mismatch | null {
  const types = typeof schema.type === 'string' ? [schema.type] : Array.isArray(schema.type) ? schema.type : null;
  if (!types) return null;
  const type = typeOf(value);
  if (types.includes(type) || (type === 'integer' && types.includes('number'))) return null;
  return { path, message: `is ${type}, the schema wants ${types.join(' or ')}` };
}

function checkChoice(value: Json, schema: Schema, path: string): Mismatch | null {
  if (schema.const !== undefined && !equal(value, schema.const))
    return { path, message: `is not ${short(schema.const)}` };
  if (Array.isArray(schema.enum) && !schema.enum.some((one) => equal(value, one))) {
    return { path, message: `is ${short(value)}, not one of ${schema.enum.slice(0, 8).map(short).join(', ')}` };
  }
  return null;
}

function checkNumber(value: Json, schema: Schema, path: string): Mismatch | null {
  if (typeof value !== 'number') return null;
  const limit = (key: string) => (typeof schema[key] === 'number' ? schema[key] : undefined);
  const [least, most, above, below, step] = [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
  ].map(limit);
  if (least !== undefined && value < least) return { path, message: `is ${value}, below ${least}` };
  if (most !== undefined && value > most) return { path, message: `is ${value}, above ${most}` };
  if (above !== undefined && value <= above) return { path, message: `is ${value}, not above ${above}` };
  if (below !== undefined && value >= below) return { path, message: `is ${value}, not below ${below}` };
  if (step && Math.abs(value / step - Math.round(value / step)) > 1e-9)
    return { path, message: `is ${value}, no multiple of ${step}` };
  return null;
}

/** `pattern` is left out: a schema comes with the data, and its expression could run for hours. */
function checkString(value: Json, schema: Schema, path: string): Mismatch | null {
  if (typeof value !== 'string') return null;
  const length = [...value].length;
  if (typeof schema.minLength === 'number' && length < schema.minLength)
    return { path, message: `is shorter than ${schema.minLength}` };
  if (typeof schema.maxLength === 'number' && length > schema.maxLength)
    return { path, message: `is longer than ${schema.maxLength}` };
  return null;
}

function checkList(value: Json, schema: Schema, path: string, run: Run, depth: number): Mismatch | null {
  if (!Array.isArray(value)) return null;
  if (typeof schema.minItems === 'number' && value.length < schema.minItems) {
    return { path, message: `has ${value.length} items, fewer than ${schema.minItems}` };
  }
  if (typeof schema.maxItems === 'number' && value.length > schema.maxItems) {
    return { path, message: `has ${value.length} items, more than ${schema.maxItems}` };
  }
  const first = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
  for (const [i, item] of value.entries()) {
    const found = check(item, first[i] ?? schema.items ?? true, `${path}/${i}`, run, depth + 1);
    if (found) return found;
  }
  if (schema.uniqueItems === true && new Set(value.map(canonical)).size < value.length)
    return { path, message: 'has an item twice' };
  return null;
}

function checkObject(value: Json, schema: Schema, path: string, run: Run, depth: number): Mismatch | null {
  if (!isSchema(value)) return null;
  const properties = isSchema(schema.properties) ? schema.properties : {};
  for (const key of Array.isArray(schema.required) ? schema.required : []) {
    if (typeof key === 'string' && !Object.hasOwn(value, key)) return { path, message: `has no “${key}”` };
  }
  for (const [key, inner] of Object.entries(value)) {
    const known = Object.hasOwn(properties, key);
    const rule = known ? properties[key] : schema.additionalProperties;
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!known && rule === false) return { path: at, message: 'is not in the schema' };
    const found = rule === undefined ? null : check(inner, rule, at, run, depth + 1);
    if (found) return found;
  }
  return null;
}

function checkAny(value: Json, schema: Schema, path: string, run: Run, depth: number): Mismatch | null {
  for (const part of Array.isArray(schema.allOf) ? schema.allOf : []) {
    const found = check(value, part, path, run, depth + 1);
    if (found) return found;
  }
  for (const key of ['anyOf', 'oneOf']) {
    const parts = schema[key];
    if (!Array.isArray(parts) || !parts.length) continue;
    const found = parts.map((part) => check(value, part, path, run, depth + 1));
    const fit = found.filter((one) => one === null).length;
    // The branch that got furthest says most.
    if (!fit) return found.reduce((a, b) => ((b?.path.length ?? 0) > (a?.path.length ?? 0) ? b : a)) ?? null;
    if (key === 'oneOf' && fit > 1) return { path, message: `fits ${fit} of the forms, the schema wants one` };
  }
  if (schema.not !== undefined && check(value, schema.not, path, run, depth + 1) === null)
    return { path, message: 'has a form the schema rules out' };
  return null;
}

function equal(a: Json, b: Json): boolean {
  return a === b || (typeof a === 'object' && canonical(a) === canonical(b));
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
