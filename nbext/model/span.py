"""Spans, traces and captures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .call import Call, Status

# MLflow SpanType of each api; https://mlflow.org/docs/latest/genai/tracing/
SPAN_TYPES = {
    "chat.completions": "CHAT_MODEL",
    "responses": "CHAT_MODEL",
    "messages": "CHAT_MODEL",
    "generate_content": "CHAT_MODEL",
    "completions": "LLM",
    "embeddings": "EMBEDDING",
    "rerank": "RERANKER",
}


@dataclass(slots=True)
class Span:
    """A node of a trace. `id` is 16 hex digits, times are ns since the epoch."""

    id: str
    trace_id: str
    name: str
    type: str
    start_ns: int
    end_ns: int | None = None
    parent_id: str | None = None
    status: Status = "ok"
    error_type: str | None = None
    error_message: str | None = None
    inputs: Any = None
    outputs: Any = None
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    call: Call | None = None

    @property
    def duration_ms(self) -> float | None:
        """Wall time; None while running."""
        return None if self.end_ns is None else (self.end_ns - self.start_ns) / 1e6


# The short verb a reader knows each api by; the span's name.
_NAMES = {
    "chat.completions": "chat",
    "messages": "chat",
    "generate_content": "chat",
    "responses": "response",
    "completions": "complete",
    "embeddings": "embed",
    "rerank": "rerank",
    "images": "image",
    "audio": "audio",
}


def span_of(call: Call) -> Span:
    """Wrap a call in its span: same id, times and status; type by the call's api."""
    return Span(
        id=call.call_id,
        trace_id=call.trace_id,
        name=_NAMES.get(call.api, "call"),
        type=SPAN_TYPES.get(call.api, "LLM"),
        start_ns=call.start_ns,
        end_ns=call.end_ns,
        parent_id=call.parent_span_id,
        status=call.status,
        error_type=call.error_type,
        error_message=call.error_message,
        call=call,
    )


@dataclass(slots=True)
class Trace:
    """One tree of spans, sorted by start."""

    trace_id: str
    spans: list[Span]

    @property
    def calls(self) -> list[Call]:
        """The model calls of the trace, by start."""
        return [s.call for s in self.spans if s.call is not None]
