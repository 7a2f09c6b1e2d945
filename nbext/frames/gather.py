"""What a user hands to a frame function, taken apart into calls and spans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ..model.call import Call
from ..model.span import Span, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class SpanRow:
    """A span with what only its surroundings know."""

    __slots__ = ("capture_id", "cell", "depth", "own_ns", "span", "subtree_tokens")

    def __init__(self, span: Span, capture_id: str | None, cell: int | None) -> None:
        self.span = span
        self.capture_id = capture_id
        self.cell = cell
        self.depth = 0
        self.own_ns: int | None = None
        self.subtree_tokens: int | None = None


def calls_of(source: Any, captures: Any = None) -> list[Call]:
    """Give the calls of a capture, a trace, a call, a list of these, or a frame of ids."""
    if isinstance(source, Call):
        return [source]
    if _is_frame(source):
        return _calls_by_id(source, captures)
    if hasattr(source, "calls"):
        return list(_known(source))
    if isinstance(source, Span):
        return [source.call] if source.call is not None else []
    calls: dict[str, Call] = {}
    for item in _items(source):
        # A capture and one of its traces in one list: each call once, or ids would not join.
        for call in calls_of(item, captures):
            calls.setdefault(call.call_id, call)
    return list(calls.values())


def spans_of(source: Any, captures: Any = None) -> list[SpanRow]:
    """Give the spans of the same things, calls wrapped as spans."""
    if isinstance(source, Call):
        return [SpanRow(span_of(source), source.capture_id, source.cell)]
    if isinstance(source, Span):
        call = source.call
        return [SpanRow(source, call.capture_id if call else None, call.cell if call else None)]
    if _is_frame(source):
        return _spans_by_id(source, captures)
    if hasattr(source, "spans"):
        return _surrounded(source)
    if hasattr(source, "calls"):
        return [row for call in _known(source) for row in spans_of(call)]
    rows: dict[str, SpanRow] = {}
    for item in _items(source):
        for row in spans_of(item, captures):
            rows.setdefault(row.span.id, row)
    return list(rows.values())


def _known(source: Any) -> Iterable[Call]:
    """Give the calls something holds; a table holds none before it is read, which may take long."""
    if callable(source.calls):
        name = type(source).__name__
        raise TypeError(f"expected calls, got {name}, which is read when it is asked: give table.calls()")
    found: Iterable[Call] = source.calls
    return found


def _surrounded(source: Any) -> list[SpanRow]:
    """Rows of a capture or a trace; a trace's capture is known from its calls."""
    spans = list(source.spans)
    capture_id, cell = getattr(source, "id", None), getattr(source, "cell", None)
    if capture_id is None:
        called = next((s.call for s in spans if s.call is not None), None)
        capture_id, cell = (called.capture_id, called.cell) if called else (None, None)
    return [SpanRow(span, capture_id, cell) for span in spans]


def _items(source: Any) -> Iterator[Any]:
    if isinstance(source, Iterable) and not isinstance(source, (str, bytes, Mapping)):
        return iter(source)
    raise TypeError(
        "expected a capture, a trace, a call, a list of these or a frame with an id column, "
        f"got {type(source).__name__}"
    )


def _is_frame(source: Any) -> bool:
    # By shape: pandas must stay unimported until a frame is made.
    return hasattr(source, "columns") and hasattr(source, "iloc") and hasattr(source, "dtypes")


def _wanted(source: Any, captures: Any, usable: tuple[str, ...]) -> tuple[str, dict[Any, None]]:
    # Finest first: a frame of calls also has a capture_id, but it is the calls that are meant.
    column = next((name for name in usable if name in source.columns), None)
    if column is None:
        raise ValueError(f"the DataFrame has none of the id columns {', '.join(usable)}")
    if captures is None:
        raise ValueError("a DataFrame holds ids only; say where to look them up: captures=…")
    return column, dict.fromkeys(source[column].dropna())


def _calls_by_id(source: Any, captures: Any) -> list[Call]:
    column, ids = _wanted(source, captures, ("call_id", "trace_id", "capture_id"))
    groups: dict[Any, list[Call]] = {}
    for call in calls_of(captures):
        groups.setdefault(getattr(call, column), []).append(call)
    return _looked_up(column, ids, groups)


def _spans_by_id(source: Any, captures: Any) -> list[SpanRow]:
    column, ids = _wanted(source, captures, ("span_id", "call_id", "trace_id", "capture_id"))
    groups: dict[Any, list[SpanRow]] = {}
    for row in spans_of(captures):
        key = {
            "span_id": row.span.id,
            "call_id": row.span.call.call_id if row.span.call else row.span.id,
            "trace_id": row.span.trace_id,
            "capture_id": row.capture_id,
        }[column]
        groups.setdefault(key, []).append(row)
    return _looked_up(column, ids, groups)


def _looked_up(column: str, ids: dict[Any, None], groups: dict[Any, list[T]]) -> list[T]:
    if ids and not any(wanted in groups for wanted in ids):
        raise ValueError(
            f"none of the {len(ids)} ids in column {column!r} is in the captures looked at; "
            "read the file they came from with nbext.open, or say captures=…"
        )
    return [found for wanted in ids for found in groups.get(wanted, ())]
