"""A stored trace: its spans, and what the store knows of it beside them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...model.assessment import put
from ...model.jsontext import loads
from ...model.span import Span, Trace
from ...model.span_calls import one_call_each
from ..inference_table.agent_span import clean_id
from ..inference_table.typing import moment_ns, pairs
from .judgements import judgements_of
from .spans import span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...model.redact import Redactor

Json = Any
PROMPTS = "mlflow.linkedPrompts"


@dataclass(slots=True)
class StoredTrace:
    """A trace as a store has it.

    ``id`` is the store's own (``tr-<32 hex>``, ``trace:/catalog.schema.prefix/<32 hex>``), times are
    ns since the epoch; ``prompts`` are the registry's that were loaded in it (name, version).
    """

    id: str
    trace: Trace
    name: str
    state: str | None = None
    start_ns: int = 0
    experiment_id: str | None = None
    client_request_id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    url: str | None = None

    @property
    def end_ns(self) -> int:
        """When the last of its spans ended."""
        return max((span.end_ns or span.start_ns for span in self.trace.spans), default=self.start_ns)


def stored_trace(
    info: Mapping[str, Json],
    spans: Iterable[Mapping[str, Json]],
    *,
    prices: Mapping[str, Any] | None = None,
    redactor: Redactor | None = None,
) -> StoredTrace:
    """Make a trace of what a store holds.

    Parameters
    ----------
    info : mapping
        ``trace_id``, ``request_time``, ``state``, ``tags``, ``trace_metadata``, ``assessments``,
        ``client_request_id``, ``experiment_id``; any may be missing but the first.
    spans : iterable of mapping
        See `span_of`.
    """
    own_id = str(info["trace_id"])
    trace_id = clean_id(own_id, 32) or "0" * 32
    begun = moment_ns(info.get("request_time")) or 0
    read = [span_of(item, trace_id, begun, prices=prices, redactor=redactor) for item in spans]
    read.sort(key=lambda span: span.start_ns)
    one_call_each(read)
    tags, metadata = pairs(info.get("tags")), pairs(info.get("trace_metadata"))
    roots = _roots(read)
    found = StoredTrace(
        id=own_id,
        trace=Trace(trace_id, read),
        name=tags.get("mlflow.traceName") or (roots[0].name if roots else own_id),
        state=info.get("state"),
        start_ns=min((span.start_ns for span in read), default=begun),
        experiment_id=info.get("experiment_id"),
        client_request_id=info.get("client_request_id"),
        tags=tags,
        metadata=metadata,
    )
    found.prompts = _linked(tags.get(PROMPTS))
    _judge(found, info.get("assessments") or (), roots)
    return found


def _roots(spans: list[Span]) -> list[Span]:
    here = {span.id for span in spans}
    return [span for span in spans if span.parent_id not in here]


def _judge(found: StoredTrace, given: Iterable[Json], roots: list[Span]) -> None:
    """Hang the judgements at their spans; those of the trace at its root."""
    by_id = {span.id: span for span in found.trace.spans}
    for span_id, one in judgements_of(given):
        span = by_id.get(span_id or "") or (roots[0] if roots else None)
        if span is not None:
            put(span.assessments if span.call is None else span.call.assessments, one)
    for span in found.trace.spans:
        if span.call is not None:
            span.assessments = span.call.assessments
        _link(span, found)


def _link(span: Span, found: StoredTrace) -> None:
    """Add the prompts that were loaded in a span to those of its trace."""
    for one in _linked(span.attributes.get(PROMPTS)):
        if one not in found.prompts:
            found.prompts.append(one)


def _linked(given: Json) -> list[dict[str, Any]]:
    if isinstance(given, str):
        try:
            given = loads(given)
        except ValueError:
            return []
    return [
        {"name": str(one["name"]), "version": str(one.get("version", ""))}
        for one in (given if isinstance(given, list) else [])
        if isinstance(one, dict) and one.get("name")
    ]
