import { kindOf } from '../../model/kind';
import type { Node } from '../../model/types';
import type { WireSpan } from '../../wire/types';

/** A span as a node of its own, for drawing its bar where there is no tree. */
export function soloNode(span: WireSpan, now: number): Node {
  const end = Math.max(span.at, span.at + (span.ms ?? now - span.at));
  return {
    span,
    parent: null,
    children: [],
    depth: 0,
    kind: kindOf(span),
    twin: false,
    end,
    from: span.at,
    to: end,
    spans: 1,
    errors: 0,
    held: 0,
    tokens: span.call?.tokens?.total ?? 0,
    own: end - span.at,
  };
}
