"""What a judgement is about: a span of a capture, and where its trace is, or will be, stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model.assessment import Assessment
    from ..model.call import Call
    from ..model.span import Span
    from ..results.captured import Capture


@dataclass(slots=True)
class Place:
    """A span of a capture.

    ``assessments`` is the list that what is said is added to. ``stored_trace`` and ``stored_span``
    are the ids under which a tracking store has, or will have, them; a span of None is the trace
    itself, which is where what is said of a root belongs.
    """

    capture: Capture
    span: Span
    call: Call | None
    assessments: list[Assessment]
    stored_trace: str
    stored_span: str | None


def place_of_call(capture: Capture, call_id: str) -> Place:
    """Give the place of a call.

    Raises
    ------
    LookupError
        It is not in the capture.
    """
    for span in capture.spans:
        if span.call is not None and span.call.call_id == call_id:
            return _place(capture, span)
    raise LookupError(f"call {call_id} is no longer in capture {capture.id}")


def place_of_span(capture: Capture, span_id: str) -> Place:
    """Give the place of a span.

    Raises
    ------
    LookupError
        It is not in the capture.
    """
    for span in capture.spans:
        if span.id == span_id:
            return _place(capture, span)
    raise LookupError("This kernel has forgotten the span. Run the cell again.")


def places_of_traces(capture: Capture) -> list[Place]:
    """Give the root of each trace."""
    found = []
    for trace in capture.traces:
        here = {span.id for span in trace.spans}
        found.append(
            _place(capture, next(s for s in trace.spans if s.parent_id not in here or s is trace.spans[-1]))
        )
    return found


def _place(capture: Capture, span: Span) -> Place:
    own = {one.call_id: one.id for one in capture.app_spans if one.call_id and one.id != one.call_id}
    if span.call is not None:
        assessments = span.call.assessments
    else:
        assessments = next(
            (one.assessments for one in capture.app_spans if one.id == span.id), span.assessments
        )
    known = (capture.stored or {}).get("traces", {})
    same = [one for one in capture.spans if one.trace_id == span.trace_id]
    here = {one.id for one in same}
    roots = [one.id for one in same if one.parent_id not in here]
    return Place(
        capture,
        span,
        span.call,
        assessments,
        known.get(span.trace_id, f"tr-{span.trace_id}"),
        None if roots == [span.id] else own.get(span.id, span.id),
    )
