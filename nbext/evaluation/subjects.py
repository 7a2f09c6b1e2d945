"""What is judged: traces of captures, or single calls of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..feedback.place import places_of_traces
from ..model.call import Call
from ..model.capture import Capture as ModelCapture
from ..results.captured import Capture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..feedback.place import Place
    from ..model.assessment import Assessment
    from ..model.span import Span

Json = Any


@dataclass(slots=True)
class Subject:
    """A trace, known by its root, or a call that is in no trace we know."""

    call: Call | None
    place: Place | None = None

    @property
    def assessments(self) -> list[Assessment]:
        """Where its judgements are kept."""
        if self.place is not None:
            return self.place.assessments
        assert self.call is not None
        return self.call.assessments

    @property
    def id(self) -> str:
        """Of the trace, or of the call."""
        if self.place is not None:
            return self.place.span.trace_id
        assert self.call is not None
        return self.call.call_id

    @property
    def row(self) -> dict[str, Json]:
        """Inputs, outputs and expectations, as `mlflow.genai.evaluate` takes them."""
        span = None if self.place is None else self.place.span
        expected = {one.name: one.value for one in self.assessments if one.kind == "expectation"}
        return {
            "inputs": _inputs(span, self.call),
            "outputs": _outputs(span, self.call),
            **({"expectations": expected} if expected else {}),
        }


def subjects_of(given: Any) -> list[Subject]:
    """Give what is to be judged.

    Raises
    ------
    TypeError
        It is nothing that holds traces or calls.
    """
    found = list(_each(given))
    return list({subject.id: subject for subject in found}.values())


def _each(given: Any) -> Iterator[Subject]:
    if isinstance(given, Call):
        yield Subject(given)
    elif isinstance(given, ModelCapture):
        for place in places_of_traces(Capture.of(given)):
            yield Subject(place.call, place)
    elif callable(getattr(given, "calls", None)):
        # A table: its rows are no traces of ours.
        for call in given.calls():
            yield Subject(call)
    elif hasattr(given, "__iter__") and not isinstance(given, (str, bytes, dict)):
        for one in given:
            yield from _each(one)
    else:
        raise TypeError(
            "expected captures, calls, an inference table or what nbext.mlflow_traces gives, "
            f"got a {type(given).__name__}"
        )


def _inputs(span: Span | None, call: Call | None) -> dict[str, Json]:
    if call is not None:
        request = call.request
        if isinstance(request, dict):
            asked = {
                key: request[key] for key in ("messages", "input", "prompt", "contents") if key in request
            }
            return asked or request
        return {"request": call.prompt}
    inputs = None if span is None else span.inputs
    return inputs if isinstance(inputs, dict) and inputs else {"input": inputs}


def _outputs(span: Span | None, call: Call | None) -> Json:
    if call is not None:
        return call.completion or call.response
    return None if span is None else span.outputs
