"""`call.feedback`, `capture.feedback`, and what the view asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..kernel.session import session
from ..model.assessment import put
from .place import place_of_call, place_of_span, places_of_traces
from .post import post
from .said import said, said_in_view
from .show import refresh, write

if TYPE_CHECKING:
    from ..model.assessment import Assessment
    from ..model.call import Call
    from ..results.captured import Capture
    from .place import Place

Json = Any


def feedback(call: Call, value: Json = None, **given: Json) -> list[Assessment]:
    """Do `Call.feedback`."""
    made = said(value, **given)
    capture = session.named(call.capture_id or "")
    if capture is None:
        # A row of a table: no trace of it is stored anywhere, and it is kept with the call.
        for one in made:
            put(call.assessments, one)
        return list(call.assessments)
    place = place_of_call(capture, call.call_id)
    _keep(place, made)
    if place.assessments is not call.assessments:
        # The user holds the call as it was when it was handed out.
        call.assessments = place.assessments
    return list(place.assessments)


def feedback_on_capture(capture: Capture, value: Json = None, **given: Json) -> list[Assessment]:
    """Do `Capture.feedback`: it is said of each trace.

    Raises
    ------
    LookupError
        There is no trace in it.
    """
    places = places_of_traces(capture)
    if not places:
        raise LookupError(f"nothing was traced in {capture.summary()}; there is nothing to judge")
    for place in places:
        _keep(place, said(value, **given))
    return [one for place in places for one in place.assessments]


def ask(capture: Capture, value: Json) -> dict[str, Json]:
    """Answer `FeedbackAsk` with `FeedbackAnswer` of `renderers/src/wire/assessment.ts`.

    Raises
    ------
    ValueError, LookupError
        Nothing was said, or the span is gone.
    """
    from ..display.assessment import assessment_wire

    given = said_in_view(value)
    place = place_of_span(capture, value["span"])
    note = _keep(place, said(**given, redactor=capture.redactor))
    return {"assessments": [assessment_wire(one) for one in place.assessments], "note": note}


def _keep(place: Place, made: list[Assessment]) -> str:
    for one in made:
        put(place.assessments, one)
    note = post.say(place, made)
    write(place)
    refresh(place.capture, place.span.id)
    return note
