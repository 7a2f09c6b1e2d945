/**
 * Top-level functions of a bundle as arrow functions: `function a(e){return x}` is 16 characters longer
 * than `a=e=>x`, and there are hundreds. They move to the front, so what was hoisted still is.
 * Functions that have a `this`, `arguments` or a prototype of their own are left alone.
 */
import { parse } from 'acorn';

/** The statements of a bundle: those of the module, or of the one function that wraps them. */
function statements(program) {
  const only = program.body.find((node) => node.type === 'ExpressionStatement' && node.expression.type !== 'Literal');
  const call = only?.expression.type === 'UnaryExpression' ? only.expression.argument : only?.expression;
  const wrapper = call?.type === 'CallExpression' && program.body.length <= 2 ? call.callee : undefined;
  return wrapper?.body?.type === 'BlockStatement' ? wrapper.body : program;
}

const escaped = (name) => name.replace(/\$/g, '\\$');

/** Names are one or two letters, so another thing of that name may stop it: that costs some characters, no more. */
function convertible(node, code) {
  if (node.type !== 'FunctionDeclaration' || node.generator) return false;
  if (/\b(this|arguments|super)\b|new\.target/.test(code.slice(node.start, node.end))) return false;
  const name = escaped(node.id.name);
  const asClass = `(?:new|extends|instanceof)\\s+${name}(?![\\w$])|(?<![\\w$.])${name}\\.prototype`;
  return !new RegExp(asClass).test(code);
}

function arrow(node, code) {
  const text = (part) => code.slice(part.start, part.end);
  const [only] = node.params;
  const params =
    node.params.length === 1 && only.type === 'Identifier' ? text(only) : `(${node.params.map(text).join(',')})`;
  const [first] = node.body.body;
  const value = node.body.body.length === 1 && first.type === 'ReturnStatement' ? first.argument : null;
  const bare = value && text(value);
  const wrap = value && (value.type === 'SequenceExpression' || bare.startsWith('{'));
  const body = value ? (wrap ? `(${bare})` : bare) : text(node.body);
  return `${node.id.name}=${node.async ? 'async ' : ''}${params}=>${body}`;
}

export function arrows(code) {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  const scope = statements(program);
  const found = scope.body.filter((node) => convertible(node, code));
  if (found.length === 0) return code;
  // Before the first statement, after a "use strict".
  const first = scope.body.find((node) => !node.directive);
  let rest = '';
  let at = first.start;
  for (const node of found) {
    rest += code.slice(at, node.start);
    at = node.end;
  }
  rest += code.slice(at);
  return `${code.slice(0, first.start)}var ${found.map((node) => arrow(node, code)).join(',')};${rest}`;
}
