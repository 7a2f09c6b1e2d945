"""A finished call or span as a line of the journal: a route-A inference-table row plus client columns.

The first twelve columns are those of a Databricks AI Gateway inference table (serving endpoints),
in its order, so that what reads the table reads the journal. What only the gateway knows is null.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .serial import call_from_dict, call_to_dict, span_from_dict, span_to_dict

if TYPE_CHECKING:
    from .call import Call
    from .capture import Capture
    from .span import Span

VERSION = 1


def call_row(call: Call, capture: Capture | None = None) -> dict[str, Any]:
    """Give the row of a call; `row_call` makes the call again."""
    facts = call.facts
    received = datetime.fromtimestamp(call.start_ns / 1e9, tz=timezone.utc)
    client = call_to_dict(call)
    client.pop("request", None)
    # Bodies stand in columns of their own; an answer that was not JSON stands there as it came.
    as_text = call.response_text is not None and call.response is None
    client.pop("response_text" if as_text else "response", None)
    return {
        "databricks_request_id": facts.request_id,
        "request_date": received.date().isoformat(),
        "client_request_id": facts.client_request_id,
        "request_time": received.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "status_code": call.status_code,
        "sampling_fraction": 1.0,
        "execution_duration_ms": None if facts.server_ms is None else round(facts.server_ms),
        "request": _text(call.request),
        "response": call.response_text if as_text else _text(call.response),
        "logging_error_codes": [],
        "served_entity_id": None,
        "requester": None,
        "v": VERSION,
        "kind": "call",
        "response_is_text": as_text,
        **_capture_columns(capture),
        "trace_id": call.trace_id,
        "call_id": call.call_id,
        "parent_span_id": call.parent_span_id,
        "status": call.status,
        "api": call.api,
        "endpoint": call.endpoint,
        "model": call.model,
        "duration_ms": call.duration_ms,
        "client": client,
    }


def span_row(span: Span, capture: Capture | None = None) -> dict[str, Any]:
    """Give the row of an application span."""
    return {
        "v": VERSION,
        "kind": "span",
        **_capture_columns(capture),
        "trace_id": span.trace_id,
        "span_id": span.id,
        "parent_span_id": span.parent_id,
        "status": span.status,
        "duration_ms": span.duration_ms,
        "client": span_to_dict(span),
    }


def row_line(row: dict[str, Any]) -> bytes:
    """Give a row as one line of JSON."""
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":"), default=repr)
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:
        # Lone surrogates have no UTF-8, but JSON can say them in ASCII.
        return json.dumps(row, separators=(",", ":"), default=repr).encode() + b"\n"


def row_call(row: dict[str, Any]) -> Call:
    """Make the call of a row again.

    Raises
    ------
    ValueError
        The row is none of ours.
    """
    client = dict(row.get("client") or {})
    if row.get("request") is not None:
        client["request"] = json.loads(row["request"])
    if row.get("response_is_text"):
        client["response_text"] = row["response"]
    elif row.get("response") is not None and "response" not in client:
        client["response"] = json.loads(row["response"])
    return call_from_dict(client)


def row_span(row: dict[str, Any]) -> Span:
    """Make the span of a row again; see `row_call`."""
    return span_from_dict(row.get("client") or {})


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _capture_columns(capture: Capture | None) -> dict[str, Any]:
    if capture is None:
        return {"capture_id": None, "capture_name": None, "capture_start_ns": None, "cell": None}
    return {
        "capture_id": capture.id,
        "capture_name": capture.name,
        "capture_start_ns": capture.start_ns,
        "cell": capture.cell,
    }
