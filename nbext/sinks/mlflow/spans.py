"""A trace as MLflow is to store it: the spans autologging would have made, and what only we know."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...model import mlflow_names
from ...model.jsontext import whole
from ...model.span import OWN_NAME

if TYPE_CHECKING:
    from ...model.call import Call
    from ...model.capture import Capture
    from ...model.span import Span, Trace

# Long streams leave hundreds of these, which slow MLflow's pages down and tell nothing.
_CHUNK_EVENT = "mlflow.chunk.item."
# Set by MLflow itself when a span is stored.
_MLFLOWS_OWN = frozenset({"mlflow.traceRequestId", "mlflow.experimentId"})


@dataclass(slots=True)
class OutSpan:
    """A span as MLflow takes it. Times are ns since the epoch, events (name, ns, attributes)."""

    id: str
    parent_id: str | None
    name: str
    type: str
    start_ns: int
    end_ns: int
    inputs: Any = None
    outputs: Any = None
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    failed: bool = False
    message: str = ""


@dataclass(slots=True)
class OutTrace:
    """A trace as MLflow takes it: one root, and every span after its parent."""

    trace_id: str
    spans: list[OutSpan]
    client_request_id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)


def out_trace(trace: Trace, capture: Capture) -> OutTrace:
    """Make of a trace what is to be stored."""
    own = {span.call_id: span.id for span in capture.app_spans if span.call_id and span.id != span.call_id}
    spans = _in_order([_out_span(span, own) for span in trace.spans])
    calls = trace.calls
    tags = {key: value for call in calls for key, value in call.facts.tags.items()}
    for span in spans:
        span.name, span.message = whole(span.name), whole(span.message)
        span.inputs, span.outputs = _clean(span.inputs), _clean(span.outputs)
        span.attributes = _clean(span.attributes)
        span.events = [(whole(name), at_ns, _clean(attributes)) for name, at_ns, attributes in span.events]
    found = OutTrace(trace.trace_id, _one_root(trace.trace_id, spans, capture.name))
    found.client_request_id = next(
        (named for call in calls if (named := call.facts.client_request_id or call.facts.request_id)), None
    )
    found.tags = {key[:250]: value[:5000] for key, value in tags.items()}
    found.metadata = {
        key: str(value)
        for key, value in (
            # MLflow would name the program that stores it.
            ("mlflow.source.name", "nbext"),
            ("nbext.capture_id", capture.id),
            ("nbext.capture_name", capture.name),
            ("nbext.cell", capture.cell),
        )
        if value not in (None, "")
    }
    return found


def _out_span(span: Span, own: dict[str, str]) -> OutSpan:
    call = span.call
    end_ns = max(span.end_ns if span.end_ns is not None else span.start_ns, span.start_ns)
    # MLflow's spans go by the id they have there, whatever ours is.
    parent_id = None if span.parent_id is None else own.get(span.parent_id, span.parent_id)
    out = OutSpan(own.get(span.id, span.id), parent_id, span.name, span.type, span.start_ns, end_ns)
    out.attributes = {key: value for key, value in span.attributes.items() if key not in _MLFLOWS_OWN}
    out.inputs, out.outputs, out.links = span.inputs, span.outputs, span.links
    out.failed = span.status in ("error", "rate_limited", "interrupted")
    if call is not None:
        _of_call(out, span, call)
    out.events = [
        (event["name"], event.get("time_ns") or end_ns, event.get("attributes") or {})
        for event in span.events
        if not event["name"].startswith(_CHUNK_EVENT)
    ]
    if out.failed:
        out.message = span.error_message or span.status
        if not any(name == "exception" for name, _, _ in out.events):
            details = {
                "exception.type": span.error_type or span.status,
                "exception.message": out.message,
                "exception.stacktrace": "",
            }
            out.events.append(("exception", end_ns, details))
    return out


def _of_call(out: OutSpan, span: Span, call: Call) -> None:
    if span.origin is None:
        out.name = mlflow_names.span_name(call.api)
        out.attributes[OWN_NAME] = span.name
    out.attributes |= mlflow_names.span_attributes(call)
    if call.cost.usd is not None and not call.cost.partial:
        out.attributes["mlflow.llm.cost"] = {"total_cost": call.cost.usd}
    if call.request is not None:
        out.inputs = call.request
    answer = call.response if call.response is not None else call.response_text
    if answer is not None:
        out.outputs = answer
    # As autologging has it: held back by a guardrail with HTTP 200 is no error.
    out.failed = out.failed or (call.status_code or 0) >= 400


def _clean(value: Any) -> Any:
    """Give a value the store can keep: its database refuses halves of surrogate pairs."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {whole(key) if isinstance(key, str) else key: _clean(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return value


def _in_order(spans: list[OutSpan]) -> list[OutSpan]:
    """Put every span after its parent; one whose parent is not here becomes a root."""
    known = {span.id: span for span in spans}
    inside: dict[str | None, list[OutSpan]] = {}
    for span in sorted(known.values(), key=lambda span: span.start_ns):
        if span.parent_id not in known or span.parent_id == span.id:
            span.parent_id = None
        inside.setdefault(span.parent_id, []).append(span)
    ordered: list[OutSpan] = []
    waiting = inside.pop(None, [])[::-1]
    while waiting:
        span = waiting.pop()
        ordered.append(span)
        waiting += inside.pop(span.id, [])[::-1]
    # What names itself as its own ancestor is damaged, and kept all the same.
    for rest in inside.values():
        for span in rest:
            span.parent_id = None
            ordered.append(span)
    return ordered


def _one_root(trace_id: str, spans: list[OutSpan], name: str | None) -> list[OutSpan]:
    """Put a span around several roots: MLflow's traces have one."""
    roots = [span for span in spans if span.parent_id is None]
    if len(roots) < 2:
        return spans
    around = OutSpan(
        hashlib.sha256(trace_id.encode()).hexdigest()[:16],
        None,
        name or "trace",
        "CHAIN",
        min(span.start_ns for span in spans),
        max(span.end_ns for span in spans),
    )
    for span in roots:
        span.parent_id = around.id
    return [around, *spans]
