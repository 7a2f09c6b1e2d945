"""A span as `WireSpan` of `renderers/src/wire/span.ts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .assessment import assessment_wire
from .clean import clean_span
from .tree import kind_of
from .wire_call import Wire, call_wire, drop_empty
from .wire_server import server_wire
from .words import short_model, status_word

if TYPE_CHECKING:
    from ..model.span import Span

_HINT_LENGTH = 80
_REFUSED = 400
# A message of an exception that can be read without its class, in characters.
_TELLING = 12
_STACK_KEYS = ("exception.stacktrace", "stacktrace")
_TIME_KEYS = ("time_ns", "timestamp_ns", "time_unix_nano", "timestamp")


def span_wire(span: Span, origin_ns: int, limit: int | None) -> Wire:
    """Give the `WireSpan` of a span.

    Parameters
    ----------
    span : Span
    origin_ns : int
        Start of the capture; times are told from there.
    limit : int or None
        Longest text kept, in characters.
    """
    wire: Wire = {
        "id": span.id,
        **drop_empty(parent=span.parent_id, trace=span.trace_id),
        "name": span.name,
        "type": span.type,
        "at": _ms(origin_ns, span.start_ns),
        **drop_empty(
            ms=None if span.end_ns is None else _ms(span.start_ns, span.end_ns),
            status=None if span.status == "ok" else span.status,
            error=_error(span),
            attributes=span.attributes,
            inputs=span.inputs,
            outputs=span.outputs,
            events=[_event(event, origin_ns) for event in span.events],
            links=[{"trace": link["trace_id"], "span": link["span_id"]} for link in span.links],
            replay_of=span.replay_of,
            assessments=[assessment_wire(one) for one in span.assessments],
        ),
    }
    if span.call is not None:
        wire["call"] = call_wire(span.call)
        if span.call.server is not None:
            wire["call"]["server"] = server_wire(span.call.server, span.call.start_ns)
    wire = clean_span(wire, limit)
    hint = _hint(wire)
    if hint:
        wire["hint"] = hint if len(hint) <= _HINT_LENGTH else hint[: _HINT_LENGTH - 1].rstrip() + "…"
    return wire


def add_parallel_hints(spans: list[Wire]) -> None:
    """Say ``4 in parallel`` where the children of a span ran side by side."""
    by_id = {span["id"]: span for span in spans}
    children: dict[str, list[Wire]] = {}
    for span in spans:
        if span.get("parent") in by_id:
            children.setdefault(span["parent"], []).append(span)
    for parent, group in children.items():
        if len(group) < 2 or by_id[parent].get("hint"):
            continue
        first = max(span["at"] for span in group)
        if all("ms" not in span or span["at"] + span["ms"] > first for span in group):
            by_id[parent]["hint"] = f"{len(group):,} in parallel"


def _ms(origin_ns: int, ns: int) -> float:
    return round((ns - origin_ns) / 1e6, 2)


def _error(span: Span) -> Wire | None:
    if not span.error_message and not span.error_type:
        return None
    stack = next(
        (
            str(attributes[key])
            for attributes in _attributes(span)
            for key in _STACK_KEYS
            if attributes.get(key)
        ),
        None,
    )
    return drop_empty(type=span.error_type, stack=stack) | {"message": span.error_message or ""}


def _attributes(span: Span) -> list[dict[str, Any]]:
    found = [event.get("attributes") for event in span.events if isinstance(event, dict)]
    return [attributes for attributes in found if isinstance(attributes, dict)]


def _event(event: dict[str, Any], origin_ns: int) -> Wire:
    time = next((event[key] for key in _TIME_KEYS if isinstance(event.get(key), int)), origin_ns)
    return {
        "name": str(event.get("name", "")),
        "at": _ms(origin_ns, time),
        **drop_empty(attributes=event.get("attributes")),
    }


def _hint(wire: Wire) -> str | None:
    call = wire.get("call")
    problem = status_word(wire)
    if problem and problem != "running":
        return _problem_hint(wire, problem)
    if call is not None:
        model = short_model(call.get("model") or call.get("endpoint") or "")
        return " · ".join(part for part in (model, "stream" if call.get("stream") else "") if part)
    return None if kind_of(wire) == "flow" else _query(wire)


def _problem_hint(wire: Wire, problem: str) -> str:
    attempts = len(wire.get("call", {}).get("attempts", ()))
    if wire.get("status") == "rate_limited" and attempts > 1:
        return f"{problem}, {attempts} attempts"
    if wire.get("status") != "error":
        return problem
    error: dict[str, str] = wire.get("error") or {}
    kind, message = error.get("type") or "", error.get("message", "").strip().partition("\n")[0]
    code = wire.get("call", {}).get("code") or 0
    if code >= _REFUSED:
        told = message if kind in message else ": ".join(filter(None, (kind, message)))
        return f"{code} {told}" if told else problem
    # Of own code, or where no answer came.
    # Its message says more than the class, unless it is as short as that of a KeyError.
    if kind.endswith(("Error", "Exception")) and len(message) >= _TELLING:
        return message
    return ": ".join(filter(None, (kind, message))) or problem


def _query(wire: Wire) -> str | None:
    """Give the first short text among the inputs of a tool or a retriever."""
    inputs = wire.get("inputs")
    values = inputs.values() if isinstance(inputs, dict) else inputs if isinstance(inputs, list) else [inputs]
    text = next((value.strip() for value in values if isinstance(value, str) and value.strip()), None)
    if text is None:
        return None
    line = text.partition("\n")[0]
    return f"“{line}”" if wire["type"] == "RETRIEVER" and " " in line else line
