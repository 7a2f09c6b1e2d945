"""How MLflow would have recorded a call: names, types and attributes of its span.

As `mlflow.openai.autolog` writes them (https://mlflow.org/docs/latest/genai/tracing/), so that MLflow's
own pages show the chat, the tokens and the cost; and what only we know under ``gateway.``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .span import SPAN_TYPES

if TYPE_CHECKING:
    from .call import Call, Usage

_NAMES = {
    "chat.completions": "Completions",
    "completions": "Completions",
    "embeddings": "Embeddings",
    "responses": "Responses",
    "messages": "Messages",
    "generate_content": "GenerateContent",
    "rerank": "Rerank",
    "images": "Images",
    "audio": "Audio",
}
# What MLflow's pages read the messages of a span as.
_FORMATS = {
    "chat.completions": "openai",
    "completions": "openai",
    "responses": "openai",
    "messages": "anthropic",
    "generate_content": "gemini",
}
# Loose attributes are for parameters; these are the span's inputs.
_INPUTS = ("messages", "input", "prompt", "contents")


def span_name(api: str) -> str:
    """Give the name autologging gives to the span of a call."""
    return _NAMES.get(api, "ModelCall")


def span_type(api: str) -> str:
    """Give MLflow's span type of a call."""
    return SPAN_TYPES.get(api, "LLM")


def span_attributes(call: Call) -> dict[str, Any]:
    """Give the attributes of a call's span: autologging's, and the gateway's facts."""
    request = call.request if isinstance(call.request, dict) else {}
    attributes = {key: value for key, value in request.items() if key not in _INPUTS}
    response = call.response if isinstance(call.response, dict) else {}
    model = response.get("model") or response.get("modelVersion") or call.served_model or call.model
    known = {
        "mlflow.message.format": _FORMATS.get(call.api),
        "mlflow.llm.model": model,
        "mlflow.chat.tools": request.get("tools") if call.api == "chat.completions" else None,
        "mlflow.chat.tokenUsage": token_usage(call.usage),
    }
    attributes |= {key: value for key, value in known.items() if value is not None}
    return attributes | gateway_attributes(call)


def token_usage(usage: Usage) -> dict[str, int] | None:
    """Give ``mlflow.chat.tokenUsage``; None where nothing was counted."""
    if usage.input_tokens is None and usage.output_tokens is None:
        return None
    given, made = usage.input_tokens or 0, usage.output_tokens or 0
    counts = {
        "input_tokens": given,
        "output_tokens": made,
        "total_tokens": given + made if usage.total_tokens is None else usage.total_tokens,
    }
    cache = {
        "cache_read_input_tokens": usage.cached_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
    }
    return counts | {key: count for key, count in cache.items() if count}


def gateway_attributes(call: Call) -> dict[str, Any]:
    """Give what MLflow does not record of a call: ids, HTTP status, attempts, times, verdicts."""
    facts, verdict = call.facts, call.verdict
    found: dict[str, Any] = {
        "url.full": call.url,
        "http.response.status_code": call.status_code,
        "gateway.status": call.status,
        "gateway.route": facts.route,
        "gateway.endpoint": call.endpoint,
        "gateway.request_id": facts.request_id,
        "gateway.client_request_id": facts.client_request_id,
        "gateway.served_model": facts.served_model,
        "gateway.trace_id": facts.gateway_trace_id,
        "gateway.workspace_id": facts.workspace_id,
        "gateway.provider": facts.provider,
        "gateway.server_ms": facts.server_ms,
        "gateway.fallback": facts.fallback or None,
        "gateway.tags": facts.tags or None,
        "gateway.limits": facts.limits or None,
        "gateway.time_to_first_token_ms": None if call.ttft_ms is None else round(call.ttft_ms, 2),
        "gateway.attempts": len(call.attempts) or None,
        "gateway.attempt_statuses": [attempt.status_code for attempt in call.attempts]
        if len(call.attempts) > 1
        else None,
        "gateway.verdict": None if verdict is None else verdict.kind,
        "gateway.verdict_title": None if verdict is None else verdict.title,
    }
    return {key: value for key, value in found.items() if value not in (None, "")}
