"""Calls made in a span of MLflow that nobody else records: they become spans of the user's trace."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ...model import mlflow_names
from ...model.dialects import dialect_of
from ...model.jsontext import loads
from ..retries import may_be_retried
from . import collected

if TYPE_CHECKING:
    from ...model.attempt import Attempt
    from ...model.call import Call
    from ..recording import Recording
    from .entry import Entry


def make(attempt: Attempt, recording: Recording, parent: Any) -> None:
    """Begin a span for a call under MLflow's active span; the call takes its id.

    Begun now and not when all is known, so that the ``traceparent`` sent names a span that will be
    in the trace: a gateway that traces too puts its own spans under it.
    """
    api = _api(attempt)
    span = sys.modules["mlflow"].start_span_no_context(
        name=mlflow_names.span_name(api),
        span_type=mlflow_names.span_type(api),
        parent_span=parent,
        start_time_ns=max(attempt.start_ns, parent.start_time_ns),
    )
    # Not recorded: switched off, or this trace is not among the sampled.
    if not isinstance(span.span_id, str):
        return
    own = collected.of(recording)
    own.add(span, span.span_id).ours = True
    own.children[span.span_id] = span
    attempt.call_id = span.span_id


def settle_in(entry: Entry) -> None:
    """End the spans of the calls made in a span that is about to end; one still open stays so."""
    own = collected.of(entry.recording)
    for call_id in list(own.children):
        attempts = entry.recording.capture.attempts_of(call_id)
        if attempts and attempts[0].parent_span_id == entry.span.id:
            settle(entry.recording, call_id, now=True)


def settle(recording: Recording, call_id: str, *, now: bool = False) -> None:
    """End the span of a call that has ended.

    One that failed may be tried again, and a stream that was broken off may be read on: these wait
    for the end of the span they were made in, if that will be told.

    Parameters
    ----------
    now : bool
        That span is about to end.
    """
    own = recording.spans
    if own is None or call_id not in own.children:
        return
    attempt = recording.capture.attempts_of(call_id)[-1]
    if attempt.end_ns is None:
        return
    if not now and (attempt.outcome != "complete" or may_be_retried(attempt)):
        waits = collected.under_way(attempt.parent_span_id or "") is not None
        if waits or not recording.closed:
            return
    # One at a time: who comes second, to end the span around, must find this one ended.
    with own.settling:
        span = own.children.pop(call_id, None)
        if span is not None:
            _end(span, recording.capture.call(call_id))


def _end(span: Any, call: Call) -> None:
    entities = sys.modules["mlflow.entities"]
    if call.request is not None:
        span.set_inputs(call.request)
    failed = call.status in ("error", "rate_limited", "interrupted") or (call.status_code or 0) >= 400
    if failed:
        details = {
            "exception.type": call.error_type or call.status,
            "exception.message": call.error_message or call.status,
            "exception.stacktrace": "",
        }
        span.add_event(entities.SpanEvent(name="exception", timestamp=call.end_ns, attributes=details))
    outputs = call.response if call.response is not None else call.response_text
    span.end(
        outputs=outputs,
        attributes=mlflow_names.span_attributes(call),
        status=entities.SpanStatus(
            entities.SpanStatusCode.ERROR if failed else entities.SpanStatusCode.OK,
            description=(call.error_message or call.status) if failed else "",
        ),
        end_time_ns=max(call.end_ns or 0, span.start_time_ns),
    )


def _api(attempt: Attempt) -> str:
    api = dialect_of(attempt.url, None, None).api
    if api != "unknown":
        return api
    try:
        return dialect_of(attempt.url, None, loads(attempt.request_body.decode("utf-8", "replace"))).api
    except ValueError:
        return api
