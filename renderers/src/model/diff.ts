/** Two traces aligned as trees. */
import type { Json, WireCall, WireMessage, WireSpan } from '../wire/types';
import { align } from './align';
import { canonical } from './canonical';
import { shortModel, statusOf, statusWord } from './kind';
import { messageText } from './message';
import type { Node, Tree } from './types';

export type Mark = 'same' | 'changed' | 'added' | 'removed';

export interface DiffNode {
  /** Id for folding and selecting: that of the newer span, or of the one removed. */
  id: string;
  mark: Mark;
  a: Node | null;
  b: Node | null;
  depth: number;
  children: DiffNode[];
  /** What changed, in words: `gpt-oss-120b → claude-haiku-4-5`, `system prompt changed`. */
  words: string[];
  /** Of the subtree without itself. */
  below: Record<Mark, number>;
}

export interface DiffTree {
  roots: DiffNode[];
  /** Depth-first. */
  order: DiffNode[];
  counts: Record<Mark, number>;
}

interface Work {
  a: readonly Node[];
  b: readonly Node[];
  depth: number;
  into: DiffNode[];
}

/** `a` is the older run. Spans pair by name, type and place among their siblings; hint and status break ties. */
export function diffTrees(a: Tree, b: Tree): DiffTree {
  const roots: DiffNode[] = [];
  const work: Work[] = [{ a: a.roots, b: b.roots, depth: 0, into: roots }];
  for (let item = work.pop(); item; item = work.pop()) {
    for (const [left, right] of align(item.a, item.b, likeness, keyOf)) {
      const node = diffNode(left, right, item.depth);
      item.into.push(node);
      work.push({ a: left?.children ?? [], b: right?.children ?? [], depth: item.depth + 1, into: node.children });
    }
  }
  const order = flatten(roots);
  return { roots, order, counts: sumUp(order) };
}

function keyOf(node: Node): string {
  return `${node.span.type}\n${node.span.name}`;
}

function likeness(a: Node, b: Node): number {
  if (a.span.name !== b.span.name || a.kind !== b.kind) return 0;
  return 4 + (a.span.hint === b.span.hint ? 2 : 0) + (statusOf(a.span) === statusOf(b.span) ? 1 : 0);
}

function diffNode(a: Node | null, b: Node | null, depth: number): DiffNode {
  const words = a && b ? changesOf(a.span, b.span) : [];
  const mark: Mark = !a ? 'added' : !b ? 'removed' : words.length ? 'changed' : 'same';
  const id = b ? b.span.id : `−${a?.span.id ?? ''}`;
  return { id, mark, a, b, depth, children: [], words, below: { same: 0, changed: 0, added: 0, removed: 0 } };
}

function flatten(roots: readonly DiffNode[]): DiffNode[] {
  const order: DiffNode[] = [];
  const stack = [...roots].reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    order.push(node);
    for (let i = node.children.length - 1; i >= 0; i--) {
      const child = node.children[i];
      if (child) stack.push(child);
    }
  }
  return order;
}

const MARKS: readonly Mark[] = ['same', 'changed', 'added', 'removed'];

function sumUp(order: readonly DiffNode[]): Record<Mark, number> {
  const counts: Record<Mark, number> = { same: 0, changed: 0, added: 0, removed: 0 };
  const path: DiffNode[] = [];
  for (const node of order) {
    counts[node.mark]++;
    path.length = node.depth;
    path.push(node);
  }
  for (let i = order.length - 1; i >= 0; i--) {
    for (const child of order[i]?.children ?? []) {
      const node = order[i];
      if (!node) continue;
      for (const mark of MARKS) node.below[mark] += child.below[mark] + (child.mark === mark ? 1 : 0);
    }
  }
  return counts;
}

/** The mark of a row: a folded parent shows what is below it. */
export function markOf(node: DiffNode, folded: boolean): Mark {
  if (node.mark !== 'same' || !folded) return node.mark;
  return node.below.changed + node.below.added + node.below.removed > 0 ? 'changed' : 'same';
}

/** What is folded at first: parents below which all is the same. */
export function foldSame(tree: DiffTree): Set<string> {
  const folded = new Set<string>();
  for (const node of tree.order) {
    const { changed, added, removed } = node.below;
    if (node.children.length && node.depth > 0 && node.mark === 'same' && changed + added + removed === 0)
      folded.add(node.id);
  }
  return folded;
}

/** What differs between two runs of a span, times apart. */
export function changesOf(a: WireSpan, b: WireSpan): string[] {
  const words: string[] = [];
  if (statusOf(a) !== statusOf(b)) words.push(`${statusWord(a) || 'ok'} → ${statusWord(b) || 'ok'}`);
  if (a.call && b.call) words.push(...callChanges(a.call, b.call));
  else if (!a.call && !b.call) {
    if (!equalJson(a.inputs, b.inputs)) words.push('input changed');
    if (!equalJson(a.outputs, b.outputs)) words.push('output changed');
    if (!words.length && a.inputs === undefined && b.inputs === undefined && a.hint !== b.hint) {
      words.push(`${a.hint ?? 'nothing'} → ${b.hint ?? 'nothing'}`);
    }
  }
  return words;
}

function callChanges(a: WireCall, b: WireCall): string[] {
  const words: string[] = [];
  const [from, to] = [modelOf(a), modelOf(b)];
  if (from !== to) words.push(`${from || 'no model'} → ${to || 'no model'}`);
  const system = (call: WireCall) => textOf(call.messages.filter(isSystem));
  const prompt = (call: WireCall) => textOf(call.messages.filter((message) => !isSystem(message)));
  if (system(a) !== system(b)) words.push('system prompt changed');
  if (prompt(a) !== prompt(b)) words.push('messages changed');
  if (!equalJson(a.params, b.params)) words.push('parameters changed');
  if (!equalJson(a.tools, b.tools)) words.push('tools changed');
  if (textOf(a.answers) !== textOf(b.answers)) words.push('answer changed');
  return words;
}

function isSystem(message: WireMessage): boolean {
  return message.role === 'system' || message.role === 'developer';
}

function modelOf(call: WireCall): string {
  return shortModel(call.served ?? call.model ?? call.endpoint ?? '');
}

function textOf(messages: readonly WireMessage[]): string {
  return messages
    .map((message) => {
      const calls = (message.parts ?? []).flatMap((part) =>
        part.k === 'tool_call' ? [`${part.name}(${part.args})`] : [],
      );
      return [message.role, messageText(message), ...calls].join('\u0000');
    })
    .join('\u0001');
}

function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b || a === undefined || b === undefined) return a === b;
  return canonical(a) === canonical(b);
}
