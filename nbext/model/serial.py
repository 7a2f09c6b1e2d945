"""Calls and spans as JSON and back, nothing lost: what journal, JSON export and HTML page hold."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

from .assessment import Assessment
from .call import AttemptFacts, Call, Cost, GatewayFacts, Message, Part, Usage, Verdict
from .server import ServerAttempt, ServerHalf
from .span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# Which dataclass a field holds, one or a list of them; everything else is JSON as it stands.
_INSIDE: dict[tuple[type, str], type] = {
    (Call, "messages"): Message,
    (Call, "answers"): Message,
    (Call, "usage"): Usage,
    (Call, "cost"): Cost,
    (Call, "facts"): GatewayFacts,
    (Call, "verdict"): Verdict,
    (Call, "attempts"): AttemptFacts,
    (Message, "parts"): Part,
    (Call, "server"): ServerHalf,
    (ServerHalf, "usage"): Usage,
    (ServerHalf, "attempts"): ServerAttempt,
    (ServerHalf, "earlier"): ServerHalf,
    (Span, "call"): Call,
    (Call, "assessments"): Assessment,
    (Span, "assessments"): Assessment,
}

_known_defaults: dict[type, list[tuple[str, Callable[[], Any] | None]]] = {}


def call_to_dict(call: Call) -> dict[str, Any]:
    """Give a call as JSON-safe values; fields that are at their default are left out."""
    return _to_dict(call)


def call_from_dict(data: dict[str, Any]) -> Call:
    """Make the call again; unknown keys, of a later version, are passed over.

    Raises
    ------
    ValueError
        It is no call, or a field without which there is none is missing.
    """
    return _from_dict(Call, data)


def span_to_dict(span: Span) -> dict[str, Any]:
    """Give a span as JSON values, its call included.

    What the user's code put into inputs, outputs and attributes stands as it is.
    """
    return _to_dict(span)


def span_from_dict(data: dict[str, Any]) -> Span:
    """Make the span again; see `call_from_dict`."""
    return _from_dict(Span, data)


def assessment_to_dict(assessment: Assessment) -> dict[str, Any]:
    """Give a judgement as JSON values."""
    return _to_dict(assessment)


def assessment_from_dict(data: dict[str, Any]) -> Assessment:
    """Make the judgement again; see `call_from_dict`."""
    return _from_dict(Assessment, data)


def _to_dict(value: Any) -> dict[str, Any]:
    kind = type(value)
    result: dict[str, Any] = {}
    for name, default in _defaults(kind):
        item = getattr(value, name)
        if default is not None and item == default():
            continue
        inside = _INSIDE.get((kind, name))
        if inside is None or item is None:
            result[name] = item
        else:
            result[name] = [_to_dict(one) for one in item] if isinstance(item, list) else _to_dict(item)
    return result


def _from_dict(kind: type[T], data: Any) -> T:
    if not isinstance(data, dict):
        raise ValueError(f"expected the fields of a {kind.__name__}, got {type(data).__name__}")
    values: dict[str, Any] = {}
    for name, default in _defaults(kind):
        if name not in data:
            if default is None:
                raise ValueError(
                    f"a {kind.__name__} needs {name!r}; there are {', '.join(map(str, data)) or 'no fields'}"
                )
            continue
        item, inside = data[name], _INSIDE.get((kind, name))
        if inside is None or item is None:
            values[name] = item
        else:
            values[name] = (
                [_from_dict(inside, one) for one in item]
                if isinstance(item, list)
                else _from_dict(inside, item)
            )
    return kind(**values)


def _defaults(kind: type) -> list[tuple[str, Callable[[], Any] | None]]:
    """Name of each field, and what makes its default; None where there is none."""
    known = _known_defaults.get(kind)
    if known is not None:
        return known
    found: list[tuple[str, Callable[[], Any] | None]] = []
    for field in fields(kind):
        if field.default_factory is not MISSING:
            found.append((field.name, field.default_factory))
        elif field.default is not MISSING:
            found.append((field.name, lambda default=field.default: default))  # type: ignore[misc]
        else:
            found.append((field.name, None))
    # Only when it is whole: another thread may look at the same time.
    _known_defaults[kind] = found
    return found
