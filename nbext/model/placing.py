"""Which application spans and which calls are one and the same, and what hangs under what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .span import MODEL_TYPES, Span, span_around, span_of
from .span_calls import innermost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .call import Call


class Placing:
    """Joins the calls of a capture with the spans an application recorded around them.

    A span and a call are one if they share the id, if the span names the call, or if the span is of
    a model type and the call is the only one made directly in it. Such a pair is one row. A span of a
    model type that has ended without any call in it is a call itself: of a model in this process, or
    over an HTTP library that is not watched.

    Parameters
    ----------
    spans : iterable of Span
        The application spans.
    parents : mapping of str to str or None
        The span each call was made in, by call id.
    read : callable, optional
        Gives a span that is a call itself with that call; None for one that repeats a recorded call.
    """

    def __init__(
        self,
        spans: Iterable[Span],
        parents: Mapping[str, str | None],
        read: Callable[[Span], Span | None] | None = None,
    ) -> None:
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
        self._told = {} if read is None else self._tell(parents, read)

    def _tell(
        self, parents: Mapping[str, str | None], read: Callable[[Span], Span | None]
    ) -> dict[str, Span]:
        if not any(span.type in MODEL_TYPES and span.id not in self._calls for span in self._listed):
            return {}
        inside = {*self._calls, *(parent for parent in parents.values() if parent is not None)}
        found = (
            read(span)
            for span in innermost(self._listed, inside)
            if span.end_ns is not None and span.id not in inside
        )
        return {span.id: span for span in found if span is not None}

    @property
    def told(self) -> list[Span]:
        """Spans that are calls which nothing else tells of."""
        return [self._under(span) for span in self._told.values()]

    def is_told(self, span: Span) -> bool:
        """Tell whether a span is a call which nothing else tells of."""
        return span.id in self._told

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
        """Give an application span that is no recorded call, under its parent."""
        return self._under(self._told.get(span.id, span))

    def all(self, calls: Sequence[Call]) -> list[Span]:
        """Give all spans, by start."""
        rows = [self.of_call(call) for call in calls]
        rows += [self.of_span(span) for span in self._listed if span.id not in self._calls]
        return sorted(rows, key=lambda span: span.start_ns)

    def _under(self, span: Span) -> Span:
        renamed = self._renamed.get(span.parent_id or "")
        return span if renamed is None else replace(span, parent_id=renamed)
