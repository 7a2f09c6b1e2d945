"""Spans, traces and captures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .assessment import Assessment
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


# Types of spans that may be nothing but a model call.
MODEL_TYPES = frozenset({"CHAT_MODEL", "LLM", "EMBEDDING", "RERANKER"})


@dataclass(slots=True)
class Span:
    """A node of a trace. `id` is 16 hex digits, times are ns since the epoch.

    ``origin`` is who recorded it: ``mlflow``, ``otel`` or None (we did); ``call_id`` names the call
    that an application span stands for where that is known and its id differs.
    """

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
    links: list[dict[str, Any]] = field(default_factory=list)
    origin: str | None = None
    call_id: str | None = None
    replay_of: str | None = None
    assessments: list[Assessment] = field(default_factory=list)

    @property
    def duration_ms(self) -> float | None:
        """Wall time; None while running."""
        return None if self.end_ns is None else (self.end_ns - self.start_ns) / 1e6


# Where a span that was exported under the name others give it keeps the one it has here.
OWN_NAME = "nbext.name"

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
        replay_of=call.replay_of,
        assessments=call.assessments,
    )


def span_around(span: Span, call: Call, span_id: str) -> Span:
    """Make one span of an application span and the call it stands for.

    The application span gives place, name and type, the call its times and its end; an error that
    came after the call, as in reading the answer, is the span's.
    """
    joined = span_of(call)
    joined.id, joined.trace_id, joined.parent_id = span_id, span.trace_id, span.parent_id
    joined.name, joined.origin, joined.call_id = span.name, span.origin, call.call_id
    joined.type = span.type if span.type in MODEL_TYPES else joined.type
    joined.inputs, joined.outputs = span.inputs, span.outputs
    joined.attributes, joined.events, joined.links = span.attributes, span.events, span.links
    joined.assessments = [
        *call.assessments,
        *(one for one in span.assessments if one not in call.assessments),
    ]
    if span.status == "error" and call.status == "ok":
        joined.status = "error"
        joined.error_type, joined.error_message = span.error_type, span.error_message
    return joined


@dataclass(slots=True)
class Trace:
    """One tree of spans, sorted by start."""

    trace_id: str
    spans: list[Span]

    @property
    def calls(self) -> list[Call]:
        """The model calls of the trace, by start."""
        return [s.call for s in self.spans if s.call is not None]
