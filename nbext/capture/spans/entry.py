"""An application span on its way into a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model import conventions, redact
from ...model.query_values import without_query_values
from ...model.span import MODEL_TYPES, Span
from . import seen

if TYPE_CHECKING:
    from ...model.redact import Redactor
    from ..recording import Recording

# Streams leave an event for each piece: of a span that is a call we have them better, of any other
# these are enough to see how it went.
_MOST_EVENTS = 200
_CHUNK_EVENT = "mlflow.chunk.item."
_INTERRUPTED = frozenset({"KeyboardInterrupt", "CancelledError"})


class Entry:
    """Holds on to a span of MLflow or OpenTelemetry until it has ended and been read.

    Parameters
    ----------
    recording : Recording
        What the span belongs to.
    source : object
        `mlflow.entities.LiveSpan`, or a span of the OpenTelemetry SDK.

    Attributes
    ----------
    span : Span
        What is made of it; changes until it has ended.
    ending : bool
        Its end has been announced; the time of it may not yet be set.
    interrupted : bool
        It ended because the user stopped it or nobody read its generator any further.
    ours : bool
        We made it, for a call.
    """

    __slots__ = (
        "__weakref__",
        "_known",
        "_of_mlflow",
        "_source",
        "ending",
        "interrupted",
        "ours",
        "recording",
        "span",
    )

    def __init__(self, recording: Recording, source: Any) -> None:
        self.recording = recording
        self._source = source
        self._of_mlflow = _is_mlflow(source)
        self._known = -1
        self.ending = False
        self.interrupted = False
        self.ours = False
        told = self._read()
        self.span = Span(
            id=told.id,
            trace_id=told.trace_id,
            name=(recording.capture.redactor or redact.DEFAULT).text(told.name),
            type=conventions.type_of(told.attributes),
            start_ns=told.start_ns,
            parent_id=told.parent_id,
            status="running",
            origin=told.origin,
        )

    @property
    def source(self) -> Any:
        """The library's span; None once it has ended and been read."""
        return self._source

    def renew(self, source: Any) -> None:
        """Take another object for the same span: MLflow's tells more than the one it wraps."""
        of_mlflow = _is_mlflow(source)
        if self._source is not None and (of_mlflow or not self._of_mlflow):
            self._source, self._of_mlflow = source, of_mlflow

    def is_model(self) -> bool:
        """Tell whether the span is of a type that may be nothing but a model call."""
        if self._source is not None:
            # Set after the span was started, so it is looked up anew.
            attributes = self._source.attributes or {}
            kind = attributes.get("mlflow.spanType") or conventions.type_of(attributes)
            self.span.type = str(kind).strip('"')
        return self.span.type in MODEL_TYPES

    def update(self, redactor: Redactor, *, is_call: bool) -> bool:
        """Bring `span` up to date; True when it has ended, after which nothing changes any more."""
        if self._source is None:
            return True
        told, span = self._read(), self.span
        if told.end_ns is None and len(told.attributes) + len(told.events) == self._known:
            return False
        self._known = len(told.attributes) + len(told.events)
        span.name = redactor.text(told.name)
        span.parent_id, span.origin = told.parent_id, told.origin
        span.type = conventions.type_of(told.attributes)
        # The call itself holds what was sent and answered, as it went over the wire.
        if not (is_call and self._repeats(told)):
            span.inputs = redactor.json(conventions.inputs_of(told.attributes))
            span.outputs = redactor.json(conventions.outputs_of(told.attributes))
        span.attributes = redactor.json(conventions.remaining(told.attributes))
        span.events = redactor.json([_plainer(event) for event in _fewer(told.events, is_call=is_call)])
        span.links = told.links
        self._tell_end(told, redactor)
        if told.end_ns is None:
            return False
        span.end_ns = max(told.end_ns, span.start_ns)
        self._source = None
        return True

    def _repeats(self, told: seen.Seen) -> bool:
        # Autologging's inputs are the request; those of a user's own function are not.
        return self.ours or "mlflow.message.format" in told.attributes or told.origin == "otel"

    def _tell_end(self, told: seen.Seen, redactor: Redactor) -> None:
        span = self.span
        raised = next((event for event in reversed(told.events) if event["name"] == "exception"), None)
        if told.end_ns is None or not told.failed:
            span.status = "running" if told.end_ns is None else "interrupted" if self.interrupted else "ok"
            return
        details = raised["attributes"] if raised is not None else {}
        kind = str(details.get("exception.type") or "").rpartition(".")[2]
        message = details.get("exception.message") or told.message
        span.error_type = kind or None
        span.error_message = None if message is None else redactor.text(without_query_values(str(message)))
        span.status = "interrupted" if kind in _INTERRUPTED else "error"

    def _read(self) -> seen.Seen:
        return seen.of_mlflow(self._source) if self._of_mlflow else seen.of_otel(self._source)


def _is_mlflow(source: Any) -> bool:
    return hasattr(source, "start_time_ns")


def _plainer(event: dict[str, Any]) -> dict[str, Any]:
    """Take the query values of URLs out of what an exception says."""
    if event["name"] != "exception":
        return event
    kept = {
        key: without_query_values(value) if isinstance(value, str) else value
        for key, value in event["attributes"].items()
    }
    return {**event, "attributes": kept}


def _fewer(events: list[dict[str, Any]], *, is_call: bool) -> list[dict[str, Any]]:
    kept = [event for event in events if not (is_call and event["name"].startswith(_CHUNK_EVENT))]
    if len(kept) <= _MOST_EVENTS:
        return kept
    left_out = len(kept) - _MOST_EVENTS
    return [
        *kept[: _MOST_EVENTS - 1],
        {"name": f"… {left_out:,} more events", "time_ns": kept[-2]["time_ns"], "attributes": {}},
        kept[-1],
    ]
