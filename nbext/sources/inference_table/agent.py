"""The spans of a served agent, out of ``databricks_output.trace`` of its answer.

Three versions of the JSON are met: 2 says so under ``mlflow.trace_schema.version``, 1 has neither
that nor ``info``, and 3 is what MLflow 3 writes, ``info`` and ``data.spans``. Keys of all three are
read wherever they stand, as each deployment logs with the MLflow it was built with.
Format: https://github.com/mlflow/mlflow/blob/master/mlflow/entities/span.py
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...model.span import Span, Trace, span_of
from .agent_span import clean_id, moment, span_of_agent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...model.call import Call
    from ...model.redact import Redactor
    from .rows import Row

Json = Any
VERSION_KEY = "mlflow.trace_schema.version"


def trace_of_row(
    row: Row, call: Call, *, prices: Mapping[str, Any] | None = None, redactor: Redactor | None = None
) -> Trace:
    """Give the trace of a row: its call, and below it the agent's spans if the answer holds them."""
    logged = logged_trace(call.response)
    spans = [] if logged is None else agent_spans(logged, prices=prices, redactor=redactor)
    if not spans:
        return Trace(call.trace_id, [span_of(call)])
    trace_id = _trace_id(logged or {}) or call.trace_id
    call.trace_id = trace_id
    root = span_of(call)
    known = {span.id for span in spans}
    for span in spans:
        span.trace_id = trace_id
        if span.parent_id not in known:
            span.parent_id = root.id
        if span.call is not None:
            span.call.trace_id, span.call.parent_span_id = trace_id, span.parent_id
    if call.end_ns is None:
        # The row does not say how long it took; its spans do.
        root.end_ns = call.end_ns = max((span.end_ns or span.start_ns for span in spans), default=None)
    return Trace(trace_id, [root, *sorted(spans, key=lambda span: span.start_ns)])


def logged_trace(response: Json) -> dict[str, Json] | None:
    """Give the trace in an answer, or None."""
    output = response.get("databricks_output") if type(response) is dict else None
    trace = output.get("trace") if type(output) is dict else None
    if type(trace) is str:
        try:
            trace = json.loads(trace)
        except (ValueError, RecursionError):
            return None
    return trace if type(trace) is dict else None


def version_of(trace: dict[str, Json]) -> int:
    """Tell the version of a trace's JSON, as Databricks' own reader does."""
    if str(trace.get(VERSION_KEY)) == "2":
        return 2
    return 1 if trace.get(VERSION_KEY) is None and trace.get("info") is None else 3


def agent_spans(
    trace: dict[str, Json], *, prices: Mapping[str, Any] | None = None, redactor: Redactor | None = None
) -> list[Span]:
    """Read the spans of a logged trace; what is no span is passed over."""
    data = trace.get("data")
    if type(data) is str:
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            data = None
    given = (data if type(data) is dict else trace).get("spans")
    begun = moment(trace.get("start_timestamp")) or _begun(trace.get("info"))
    return [
        span_of_agent(item, begun or 0, prices=prices, redactor=redactor)
        for item in (given if type(given) is list else [])
        if type(item) is dict
    ]


def _begun(info: Json) -> int | None:
    if type(info) is not dict:
        return None
    return moment(info.get("request_time")) or moment(info.get("timestamp_ms"))


def _trace_id(trace: dict[str, Json]) -> str | None:
    """32 hex digits of the trace's own id: MLflow writes ``tr-<hex>``."""
    info = trace.get("info")
    for holder in (info if type(info) is dict else {}, trace):
        for key in ("trace_id", "request_id"):
            found = clean_id(holder.get(key), 32)
            if found is not None:
                return found
    return None
