"""A stored span as ours, whichever schema, SDK or autologging it is of.

Attribute values are JSON as text (Python) or plain (TypeScript, tables); an empty parent is none;
``LLM`` and ``CHAT_MODEL`` are model calls alike. https://mlflow.org/docs/latest/genai/tracing/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...model import conventions, redact
from ...model.assemble import call_of_bodies
from ...model.call import Cost
from ...model.span import MODEL_TYPES, Span
from ...model.usage import usage_of
from ..inference_table.agent_span import (
    clean_id,
    events_in,
    failure_in,
    first_moment,
    json_value,
    judge_status,
)
from ..inference_table.typing import pairs
from . import shapes
from .gateway import tell_gateway

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...model.call import Call
    from ...model.redact import Redactor

Json = Any

_CHUNK = "mlflow.chunk.item."
_UNREAD = "The stream was not read by the SDK that logged it: no text, tools or tokens are stored."


def span_of(
    item: Mapping[str, Json],
    trace_id: str,
    begun_ns: int = 0,
    *,
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
    """
    redactor = redactor or redact.DEFAULT
    context = item.get("context")
    context = context if isinstance(context, dict) else {}
    attributes = {key: json_value(value) for key, value in _attributes(item.get("attributes")).items()}
    start = first_moment(dict(item), "start_time_unix_nano", "start_time", "start_time_ns")
    events = events_in(_listed(item.get("events")))
    kind = str(attributes.get("mlflow.spanType") or item.get("span_type") or "").upper()
    span = Span(
        id=clean_id(item.get("span_id") or context.get("span_id"), 16) or "0" * 16,
        trace_id=trace_id,
        name=str(item.get("name") or "span"),
        type=kind or conventions.type_of(attributes),
        start_ns=begun_ns if start is None else start,
        end_ns=first_moment(dict(item), "end_time_unix_nano", "end_time", "end_time_ns"),
        parent_id=clean_id(item.get("parent_span_id") or item.get("parent_id"), 16),
        inputs=redactor.json(conventions.inputs_of(attributes)),
        outputs=redactor.json(conventions.outputs_of(attributes)),
        attributes=redactor.json(conventions.remaining(attributes)),
        events=[event for event in events if not event["name"].startswith(_CHUNK)],
        links=_links(item.get("links"), attributes),
        origin="mlflow",
    )
    judge_status(span, dict(item))
    if span.error_message:
        span.error_message = redactor.text(span.error_message)
    if span.type in MODEL_TYPES:
        span.call = _call(span, events, prices, redactor)
    return span


def _call(
    span: Span, events: list[dict[str, Any]], prices: Mapping[str, Any] | None, redactor: Redactor
) -> Call:
    attributes = span.attributes
    model = conventions.model_of(attributes)
    status, body = failure_in(span.error_message) if span.status == "error" else (None, None)
    told = attributes.get("http.response.status_code")
    unread = shapes.is_unread_stream(span.outputs)
    outputs = None if unread else shapes.answer_of(span.outputs, model)
    call = call_of_bodies(
        call_id=span.id,
        trace_id=span.trace_id,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        request=shapes.request_of(span.inputs, model),
        response=body if outputs is None else outputs,
        status_code=told if isinstance(told, int) else status,
        url=str(attributes.get("url.full") or ""),
        prices=prices,
        redactor=redactor,
    )
    call.parent_span_id = span.parent_id
    call.model = call.model or model
    if call.served_model is None and model != call.model:
        call.served_model = model
    tokens = conventions.tokens_of(attributes)
    if tokens and call.usage.input_tokens is None and call.usage.output_tokens is None:
        call.usage = usage_of(tokens)
    _price(call, attributes, prices)
    pieces = [e["time_ns"] for e in events if e["name"].startswith(_CHUNK) and e["time_ns"] is not None]
    if pieces:
        call.stream, call.chunk_ns, call.first_token_ns = True, pieces, pieces[0]
    if unread:
        call.stream = True
        call.notes.append(_UNREAD)
    tell_gateway(call, attributes)
    _end(call, span)
    return call


def _price(call: Call, attributes: Mapping[str, Json], prices: Mapping[str, Any] | None) -> None:
    """MLflow's own price stands where the user has none."""
    stored = attributes.get("mlflow.llm.cost")
    usd = stored.get("total_cost") if isinstance(stored, dict) else None
    if isinstance(usd, (int, float)) and not (prices and call.cost.basis == "custom"):
        call.cost = Cost(float(usd), "listed", "MLflow")


def _end(call: Call, span: Span) -> None:
    """Let an answer that reads as a failure make the span one, and a failed span its call."""
    if span.status == "error" and call.status == "ok":
        call.status = "error"
    if span.status == "error":
        call.error_type = call.error_type or span.error_type
        call.error_message = call.error_message or span.error_message
    elif call.status == "interrupted" and call.notes and call.notes[-1] == _UNREAD:
        call.status, call.verdict = "ok", None
    span.status = call.status
    span.error_type = span.error_type or call.error_type
    span.error_message = span.error_message or call.error_message


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
