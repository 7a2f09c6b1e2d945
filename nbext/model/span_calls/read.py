"""The call a span stands for, whichever library recorded it and wherever it was kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import conventions
from ..assemble import call_of_bodies
from ..call import Cost
from ..usage import usage_of
from . import genai, langchain
from .failure import failure_in
from .gateway import tell_gateway

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..call import Call
    from ..redact import Redactor
    from ..span import Span

Json = Any

CHUNK_EVENT = "mlflow.chunk.item."
_UNREAD = "The stream was not read by the SDK that logged it: no text, tools or tokens are stored."
_APIS = {"EMBEDDING": "embeddings", "RERANKER": "rerank"}
# Of OpenTelemetry's `gen_ai.operation.name`, for a span whose messages were not recorded.
_OPERATIONS = {
    "chat": "chat.completions",
    "generate_content": "generate_content",
    "text_completion": "completions",
    "embeddings": "embeddings",
    "response": "responses",
}


def with_call(
    span: Span, *, prices: Mapping[str, Any] | None = None, redactor: Redactor | None = None
) -> Span:
    """Give a span of a model type with the call it stands for; how both ended is settled.

    Parameters
    ----------
    span : Span
        Is not changed. Its events may hold those of MLflow for the pieces of a stream, which become
        the times of the call.
    """
    call = _call(span, prices, redactor)
    return replace(
        span,
        call=call,
        status=call.status,
        error_type=span.error_type or call.error_type,
        error_message=span.error_message or call.error_message,
        events=[event for event in span.events if not event["name"].startswith(CHUNK_EVENT)],
    )


def _call(span: Span, prices: Mapping[str, Any] | None, redactor: Redactor | None) -> Call:
    attributes = span.attributes
    model = conventions.model_of(attributes)
    status, body = failure_in(span.error_message) if span.status == "error" else (None, None)
    told = attributes.get("http.response.status_code")
    unread = langchain.is_unread_stream(span.outputs)
    request, outputs, api = _bodies(span, model)
    answer = None if unread else outputs
    call = call_of_bodies(
        call_id=span.id,
        trace_id=span.trace_id,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        request=request,
        response=body if answer is None else answer,
        status_code=told if isinstance(told, int) else status,
        url=str(attributes.get("url.full") or ""),
        api=api,
        prices=prices,
        redactor=redactor,
    )
    call.parent_span_id, call.assessments = span.parent_id, span.assessments
    own = attributes.get("gateway.api")
    if isinstance(own, str):
        # Whatever it was, its messages were written in OpenTelemetry's one form.
        call.api = own
    _tell_model(call, model, attributes)
    tokens = conventions.tokens_of(attributes)
    if tokens and call.usage.input_tokens is None and call.usage.output_tokens is None:
        call.usage = usage_of(tokens)
    _price(call, attributes, prices)
    pieces = [e["time_ns"] for e in span.events if e["name"].startswith(CHUNK_EVENT) and e["time_ns"]]
    if pieces:
        call.stream, call.chunk_ns, call.first_token_ns = True, pieces, pieces[0]
    if unread:
        call.stream = True
        call.notes.append(_UNREAD)
    tell_gateway(call, attributes)
    _tell_provider(call, attributes)
    _end(call, span, unread=unread or (answer is None and body is None))
    return call


def _bodies(span: Span, model: str | None) -> tuple[Json, Json, str | None]:
    """Give request and answer, as they were sent or made of a library's messages, and the API if known."""
    inputs, outputs, attributes = span.inputs, span.outputs, span.attributes
    if genai.is_messages(inputs) or inputs is None:
        request = genai.request_of(inputs, attributes, span.events)
        # Whatever was asked, this is made as a chat; without it nothing else shows the API.
        api = _api(span) if request is None else "chat.completions"
    else:
        request, api = langchain.request_of(inputs, model), None
    if genai.is_messages(outputs) or outputs is None:
        return request, genai.answer_of(outputs, attributes, span.events), api
    return request, langchain.answer_of(outputs, model), api


def _api(span: Span) -> str | None:
    operation = _OPERATIONS.get(str(span.attributes.get("gen_ai.operation.name")))
    return operation or _APIS.get(span.type)


def _tell_model(call: Call, model: str | None, attributes: Mapping[str, Json]) -> None:
    call.model = call.model or model
    served = attributes.get("gen_ai.response.model")
    if call.served_model is None and isinstance(served, str) and served != call.model:
        call.served_model = served
    if call.served_model is None and model != call.model:
        call.served_model = model


def _tell_provider(call: Call, attributes: Mapping[str, Json]) -> None:
    provider = attributes.get("gen_ai.provider.name") or attributes.get("gen_ai.system")
    # What we wrote ourselves names under `gateway.` who answered, and here only what must be named.
    if isinstance(provider, str) and not call.facts.provider and "gateway.status" not in attributes:
        call.facts.provider = provider


def _price(call: Call, attributes: Mapping[str, Json], prices: Mapping[str, Any] | None) -> None:
    """Let the stored price stand where the user has none."""
    stored = attributes.get("mlflow.llm.cost")
    usd = stored.get("total_cost") if isinstance(stored, dict) else attributes.get("gateway.cost_usd")
    source = "MLflow" if isinstance(stored, dict) else "nbext"
    if isinstance(usd, (int, float)) and not (prices and call.cost.basis == "custom"):
        call.cost = Cost(float(usd), "listed", source)


def _end(call: Call, span: Span, *, unread: bool) -> None:
    """Let an answer that reads as a failure make the span one, and a failed span its call."""
    if span.status in ("running", "interrupted"):
        call.status, call.verdict = span.status, None
        return
    if span.status == "error" and call.status == "ok":
        call.status = "error"
    if span.status == "error":
        call.error_type = call.error_type or span.error_type
        call.error_message = call.error_message or span.error_message
    elif unread and call.status in ("interrupted", "error") and call.status_code in (None, 200):
        # Nothing was recorded of the answer, which is not the answer's fault.
        told = span.attributes.get("gateway.status")
        if told in (None, "ok"):
            call.status, call.verdict, call.error_type, call.error_message = "ok", None, None, None
