import type { WireCall, WireSpan } from '../../wire/types';

/** Ids of the call before and after; for a span that is no call, of the span before and after. */
export function neighbours(spans: WireSpan[], span: WireSpan): { before?: string; after?: string } {
  const row = span.call ? spans.filter((s) => s.call) : spans;
  const at = row.findIndex((s) => s.id === span.id);
  if (at < 0) return {};
  return { before: row[at - 1]?.id, after: row[at + 1]?.id };
}

/** Calls of the same trace that began before this one, by start. */
export function callsOf(spans: WireSpan[], span: WireSpan): WireCall[] {
  return spans
    .filter((s) => s.call && s.id !== span.id && s.at <= span.at && s.trace === span.trace)
    .flatMap((s) => (s.call ? [s.call] : []));
}

/** Spans that say they belong with this one. */
export function linkedFrom(spans: readonly WireSpan[], span: WireSpan): WireSpan[] {
  return spans.filter((each) => each.links?.some((link) => link.span === span.id));
}

/** Links from a span and to it. */
export function linksOf(spans: readonly WireSpan[], span: WireSpan): number {
  return (span.links?.length ?? 0) + linkedFrom(spans, span).length;
}
