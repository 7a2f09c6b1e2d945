"""Which application spans and which calls are one and the same, and what hangs under what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .span import MODEL_TYPES, Span, span_around, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .call import Call


class Placing:
    """Joins the calls of a capture with the spans an application recorded around them.

    A span and a call are one if they share the id, if the span names the call, or if the span is of
    a model type and the call is the only one made directly in it. Such a pair is one row.

    Parameters
    ----------
    spans : iterable of Span
        The application spans.
    parents : mapping of str to str or None
        The span each call was made in, by call id.
    """

    def __init__(self, spans: Iterable[Span], parents: Mapping[str, str | None]) -> None:
        self._listed = list(spans)
        self.spans = {span.id: span for span in self._listed}
        self._around: dict[str, Span] = {}
        # Spans that go by the id of the call they are.
        self._renamed: dict[str, str] = {}
        inside: dict[str, list[str]] = {}
        for call_id, parent in parents.items():
            if call_id in self.spans:
                self._around[call_id] = self.spans[call_id]
            elif parent is not None and parent in self.spans:
                inside.setdefault(parent, []).append(call_id)
        for span in self.spans.values():
            if span.call_id is not None and span.call_id in parents and span.id != span.call_id:
                self._around[span.call_id] = span
                self._renamed[span.id] = span.call_id
        for parent, calls in inside.items():
            span = self.spans[parent]
            alone = len(calls) == 1 and span.id not in parents and span.id not in self._renamed
            if alone and span.type in MODEL_TYPES and calls[0] not in self._around:
                self._around[calls[0]] = span
        self._calls = {span.id: call_id for call_id, span in self._around.items()}

    def of_call(self, call: Call) -> Span:
        """Give the span of a call, with what the application recorded of it."""
        around = self._around.get(call.call_id)
        if around is None:
            span = span_of(call)
        elif around.id in self._renamed:
            span = span_around(around, call, call.call_id)
        else:
            span = span_around(around, call, around.id)
        return self._under(span)

    def row_of(self, call_id: str) -> str:
        """Give the id of the span a call is shown as."""
        around = self._around.get(call_id)
        return call_id if around is None or around.id in self._renamed else around.id

    def call_of(self, span: Span) -> str | None:
        """Give the id of the call that an application span is; None for any other."""
        return self._calls.get(span.id)

    def of_span(self, span: Span) -> Span:
        """Give an application span that is no call, under its parent."""
        return self._under(span)

    def all(self, calls: Sequence[Call]) -> list[Span]:
        """Give all spans, by start."""
        rows = [self.of_call(call) for call in calls]
        rows += [self._under(span) for span in self._listed if span.id not in self._calls]
        return sorted(rows, key=lambda span: span.start_ns)

    def _under(self, span: Span) -> Span:
        renamed = self._renamed.get(span.parent_id or "")
        return span if renamed is None else replace(span, parent_id=renamed)
