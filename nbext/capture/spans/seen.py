"""A span of MLflow or OpenTelemetry, live or ended, read through its public properties."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

# What MLflow marks its spans with; all attributes of such a span are JSON texts.
_OF_MLFLOW = "mlflow.traceRequestId"


@dataclass(slots=True)
class Seen:
    """What a span tells. Ids are hex digits (16, the trace's 32), times ns since the epoch."""

    id: str
    trace_id: str
    parent_id: str | None
    name: str
    start_ns: int
    end_ns: int | None
    attributes: dict[str, Any]
    events: list[dict[str, Any]]
    failed: bool
    message: str | None
    links: list[dict[str, Any]]
    origin: str


def of_mlflow(span: Any) -> Seen:
    """Read a `mlflow.entities.LiveSpan`."""
    status = span.status
    return Seen(
        id=span.span_id,
        trace_id=hex_of(span.trace_id),
        parent_id=span.parent_id or None,
        name=span.name,
        start_ns=span.start_time_ns,
        end_ns=span.end_time_ns,
        attributes=dict(span.attributes),
        events=[_event(event.name, event.timestamp, event.attributes) for event in span.events],
        failed=_code(status.status_code) == "ERROR",
        message=status.description or None,
        links=[_link(hex_of(link.trace_id), link.span_id, link.attributes) for link in _links(span)],
        origin="mlflow",
    )


def of_otel(span: Any) -> Seen:
    """Read a span of the OpenTelemetry SDK: `Span` while it runs, `ReadableSpan` when it has ended."""
    context = span.get_span_context()
    attributes = {key: _plain(value) for key, value in (span.attributes or {}).items()}
    of_mlflow = _OF_MLFLOW in attributes
    if of_mlflow:
        attributes = {key: _decoded(value) for key, value in attributes.items()}
    return Seen(
        id=f"{context.span_id:016x}",
        trace_id=f"{context.trace_id:032x}",
        parent_id=f"{span.parent.span_id:016x}" if span.parent is not None else None,
        name=span.name,
        start_ns=span.start_time,
        end_ns=span.end_time,
        attributes=attributes,
        events=[_event(event.name, event.timestamp, event.attributes) for event in span.events],
        failed=_code(span.status.status_code) == "ERROR",
        message=span.status.description or None,
        links=[
            _link(f"{link.context.trace_id:032x}", f"{link.context.span_id:016x}", link.attributes)
            for link in span.links
        ],
        origin="mlflow" if of_mlflow else "otel",
    )


def hex_of(trace_id: Any) -> str:
    """Give the 32 hex digits of MLflow's ``tr-<hex>`` or ``trace:/<where it is kept>/<hex>``."""
    return str(trace_id)[-32:]


def _links(span: Any) -> list[Any]:
    try:
        return list(span.links)
    except AttributeError:
        # MLflow had none before 3.13.
        return []


def _link(trace_id: str, span_id: str, attributes: Any) -> dict[str, Any]:
    return {
        "trace_id": trace_id,
        "span_id": span_id,
        **({"attributes": dict(attributes)} if attributes else {}),
    }


def _event(name: str, time_ns: int, attributes: Any) -> dict[str, Any]:
    return {"name": name, "time_ns": time_ns, "attributes": dict(attributes or {})}


def _code(code: Any) -> str:
    # Enumerations of either library; MLflow's values are words, OpenTelemetry's numbers.
    return str(getattr(code, "name", code)).rpartition("_")[2]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _decoded(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value
