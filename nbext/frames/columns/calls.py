"""Columns of `calls_df`: a row is a `Call`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..column import Column
from .assessments import people

if TYPE_CHECKING:
    from ...model.call import Call

# An answer of nothing else has no text; one that calls a tool has an empty one.
_NO_TEXT = frozenset({"vectors", "json", "image", "audio", "file"})
STATUSES = ("ok", "error", "blocked", "rate_limited", "interrupted", "running")


def _duration(call: Call) -> float | None:
    end = call.end_ns
    return None if end is None else (end - call.start_ns) / 1e6


def _total(call: Call) -> int | None:
    usage = call.usage
    if usage.total_tokens is not None:
        return usage.total_tokens
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    return usage.input_tokens + usage.output_tokens


def _completion(call: Call) -> str | None:
    parts = call.answers[0].parts if call.answers else []
    if not call.answers or (parts and all(part.kind in _NO_TEXT for part in parts)):
        return None
    return call.completion


CALLS: list[Column] = [
    Column("capture_id", "capture_id", "string", doc="the execution of a cell, or the `with` block"),
    Column("trace_id", "trace_id", "string", doc="W3C trace id, 32 hex digits"),
    Column("call_id", "call_id", "string", doc="16 hex digits; the id of the call's span"),
    Column("parent_span_id", "parent_span_id", "string", doc="application span the call was made in"),
    Column("start_time", "start_ns", "datetime", doc="when the first attempt was sent"),
    Column(
        "duration_ms", _duration, "Float64", "ms", "wall time, retries and waits included; NA while running"
    ),
    Column(
        "ttft_ms", lambda c: c.ttft_ms, "Float64", "ms", "start of the call to the first token of a stream"
    ),
    Column("status", "status", "category", doc="ok or what went wrong", categories=STATUSES),
    Column("status_code", "status_code", "Int64", doc="HTTP status of the last attempt"),
    Column("error_type", "error_type", "string", doc="the gateway's error code, or the exception's name"),
    Column("error_message", "error_message", "string", doc="the error in the gateway's words"),
    Column("api", "api", "category", doc="chat.completions, responses, messages, embeddings, …"),
    Column("endpoint", "endpoint", "string", doc="serving endpoint or gateway route the URL names"),
    Column("model", "model", "string", doc="model asked for"),
    Column("served_model", "served_model", "string", doc="model that answered, as the gateway said"),
    Column("stream", "stream", "boolean", doc="answer came as a stream"),
    Column("attempts", lambda c: len(c.attempts), "Int64", doc="HTTP requests, retries included"),
    Column("input_tokens", "usage.input_tokens", "Int64", "tokens", "cached ones included"),
    Column("output_tokens", "usage.output_tokens", "Int64", "tokens", "reasoning included"),
    Column("cached_tokens", "usage.cached_tokens", "Int64", "tokens", "input read from a cache"),
    Column("reasoning_tokens", "usage.reasoning_tokens", "Int64", "tokens", "output spent on reasoning"),
    Column("total_tokens", _total, "Int64", "tokens", "as reported, else input plus output"),
    Column("cost_usd", "cost.usd", "Float64", "US$", "NA when no price is known, never 0"),
    Column(
        "cost_basis",
        "cost.basis",
        "category",
        doc="how the cost is known: public price, your table, allocated, or not",
        categories=("listed", "custom", "allocated", "unknown"),
    ),
    Column(
        "finish_reason",
        lambda c: c.finish_reasons[0] if c.finish_reasons else None,
        "category",
        doc="of the first choice",
    ),
    Column(
        "prompt", lambda c: c.prompt if c.messages else None, "string", doc="last user message, or the input"
    ),
    Column("completion", _completion, "string", doc="text of the first answer; NA for vectors and media"),
    Column("request_id", "facts.request_id", "string", doc="the gateway's id of the request"),
    Column("client_request_id", "facts.client_request_id", "string", doc="the id sent along"),
    Column("url", "url", "string", doc="without user info and query values"),
    Column("cell", "cell", "Int64", doc="execution count of the cell"),
    Column("provider", "facts.provider", "string", doc="who ran the model, as the gateway said"),
    Column(
        "fallback",
        "facts.fallback",
        "boolean",
        doc="another model than the one asked for answered; NA where no name tells",
    ),
    Column("tokens_estimated", "usage.estimated", "boolean", doc="the answer carried no usage"),
    *people(lambda call: call.assessments),
]
