"""A stored span as ours, whichever schema, SDK or autologging it is of.

Attribute values are JSON as text (Python) or plain (TypeScript, tables); an empty parent is none;
``LLM`` and ``CHAT_MODEL`` are model calls alike. https://mlflow.org/docs/latest/genai/tracing/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model import conventions, redact
from ...model.span import MODEL_TYPES, OWN_NAME, Span
from ...model.span_calls import CHUNK_EVENT, with_call
from ..inference_table.agent_span import clean_id, events_in, first_moment, json_value, judge_status
from ..inference_table.typing import pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...model.redact import Redactor

Json = Any


def span_of(
    item: Mapping[str, Json],
    trace_id: str,
    begun_ns: int = 0,
    *,
    origin: str = "mlflow",
    plain: bool = False,
    prices: Mapping[str, Any] | None = None,
    redactor: Redactor | None = None,
) -> Span:
    """Read a stored span.

    Parameters
    ----------
    item : mapping
        As the store holds it; schema 1, 2 or 3, or a row of a trace table.
    trace_id : str
        32 hex digits.
    begun_ns : int
        When the trace began, for a span that does not tell.
    origin : str
        ``mlflow`` or ``otel``, who recorded it.
    plain : bool
        Values of attributes are what they are, and no JSON as text.
    """
    redactor = redactor or redact.DEFAULT
    context = item.get("context")
    context = context if isinstance(context, dict) else {}
    attributes = _attributes(item.get("attributes"))
    if not plain:
        attributes = {key: json_value(value) for key, value in attributes.items()}
    start = first_moment(dict(item), "start_time_unix_nano", "start_time", "start_time_ns")
    kind = str(attributes.get("mlflow.spanType") or item.get("span_type") or "").upper()
    span = Span(
        id=clean_id(item.get("span_id") or context.get("span_id"), 16) or "0" * 16,
        trace_id=trace_id,
        name=redactor.text(str(attributes.get(OWN_NAME, item.get("name") or "span"))),
        type=kind or conventions.type_of(attributes),
        start_ns=begun_ns if start is None else start,
        end_ns=first_moment(dict(item), "end_time_unix_nano", "end_time", "end_time_ns"),
        parent_id=clean_id(item.get("parent_span_id") or item.get("parent_id"), 16),
        inputs=redactor.json(conventions.inputs_of(attributes)),
        outputs=redactor.json(conventions.outputs_of(attributes)),
        attributes=redactor.json(conventions.remaining(attributes)),
        events=events_in(_listed(item.get("events"))),
        links=_links(item.get("links"), attributes),
        origin=origin,
    )
    judge_status(span, dict(item))
    if span.error_message:
        span.error_message = redactor.text(span.error_message)
    if span.type in MODEL_TYPES:
        return with_call(span, prices=prices, redactor=redactor)
    span.events = [event for event in span.events if not event["name"].startswith(CHUNK_EVENT)]
    return span


def _attributes(given: Json) -> dict[str, Json]:
    if isinstance(given, dict):
        return given
    # A column of a table: a map as pairs, or JSON as text.
    value = json_value(given)
    return value if isinstance(value, dict) else dict(pairs(given))


def _listed(given: Json) -> list[Json]:
    value = given.tolist() if hasattr(given, "tolist") else json_value(given)
    return value if isinstance(value, list) else []


def _links(given: Json, attributes: Mapping[str, Json]) -> list[dict[str, Any]]:
    links = []
    for link in _listed(given):
        trace = clean_id(link.get("trace_id"), 32) if isinstance(link, dict) else None
        span = clean_id(link.get("span_id"), 16) if isinstance(link, dict) else None
        if trace and span:
            links.append({"trace_id": trace, "span_id": span})
    # MLflow's own gateway keeps a trace of its own of the call, and says which.
    gateway = clean_id(attributes.get("mlflow.gateway.linkedTraceId"), 32)
    if gateway:
        links.append({"trace_id": gateway, "span_id": ""})
    return links
