"""What of the application spans a running capture has to tell a living view."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..model.span import span_of
from .wire_span import span_wire

if TYPE_CHECKING:
    from ..model.call import Call
    from ..model.capture import Capture
    from ..model.placing import Placing
    from ..model.span import Span

Wire = dict[str, Any]

# Longest text of a span on its way to a living view, in characters; the rest is in the final bundle.
TEXT_LIMIT = 20_000


@dataclass(slots=True)
class Found:
    """What a look found.

    Attributes
    ----------
    told : list
        Spans to tell, new ones and changed ones.
    gone : list
        What was told before in their place.
    calls : list of str
        Calls that are to be told anew, as the span around them changed.
    """

    told: list[Wire] = field(default_factory=list)
    gone: list[Wire] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


class SpanChanges:
    """Follows the application spans of a capture. They end later than they begin to be told.

    Parameters
    ----------
    capture : Capture
    """

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self._seen = 0
        self._open: list[tuple[Span, tuple[Any, ...] | None, Wire | None]] = []
        self._placing: Placing | None = None

    def look(self) -> Found:
        """Give what changed since the last time."""
        found = Found()
        spans = self.capture.app_spans
        new, self._seen = spans[self._seen :], len(spans)
        if not spans:
            return found
        self._placing = placing = self.capture.placing
        looked, self._open = [*self._open, *((span, None, None) for span in new)], []
        for span, before, wire in looked:
            call_id = placing.call_of(span)
            # A call further in may be known only later: until then its span looks like one itself.
            told = placing.is_told(span)
            now = (call_id, span.name, span.type, span.parent_id, span.status, span.inputs is None, told)
            if now != before:
                wire = self._tell(found, span, before, wire, call_id)  # noqa: PLW2901
            if span.end_ns is None:
                self._open.append((span, now, wire))
        return found

    def of_call(self, call: Call) -> Span:
        """Give the span of a call, as of the last look."""
        return span_of(call) if self._placing is None else self._placing.of_call(call)

    def may_change(self, call_id: str) -> bool:
        """Tell whether a call may yet be shown otherwise, as a span that is it, or may be, is open."""
        if not self._open or self._placing is None:
            return False
        row = self._placing.row_of(call_id)
        return any(span.id == row or span.call_id == call_id for span, _, _ in self._open)

    def _tell(
        self,
        found: Found,
        span: Span,
        before: tuple[Any, ...] | None,
        wire: Wire | None,
        call_id: str | None,
    ) -> Wire | None:
        if wire is not None:
            found.gone.append(wire)
        if before is not None and before[0] is not None and before[0] != call_id:
            found.calls.append(before[0])
        if call_id is not None:
            found.calls.append(call_id)
            return None
        own = self._placing.of_span(span) if self._placing is not None else span
        told = span_wire(own, self.capture.start_ns, TEXT_LIMIT)
        found.told.append(told)
        return told
