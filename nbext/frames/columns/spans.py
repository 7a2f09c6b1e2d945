"""Columns of `spans_df`: a row is a span with what only its surroundings know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..column import Column
from .assessments import people
from .calls import STATUSES

if TYPE_CHECKING:
    from ..gather import SpanRow


def surround(rows: list[SpanRow]) -> list[SpanRow]:
    """Fill in depth, own time and the tokens of each subtree, in place."""
    by_id = {row.span.id: row for row in rows}
    children: dict[str, list[SpanRow]] = {}
    for row in rows:
        if row.span.parent_id in by_id:
            children.setdefault(row.span.parent_id or "", []).append(row)
    for row in rows:
        row.depth = _depth(row, by_id)
        row.own_ns = _own(row, children.get(row.span.id, []))
    for row in sorted(rows, key=lambda r: -r.depth):
        total = _tokens(row)
        inner = [c.subtree_tokens for c in children.get(row.span.id, []) if c.depth == row.depth + 1]
        known = [t for t in [total, *inner] if t is not None]
        row.subtree_tokens = sum(known) if known else None
    return rows


def _depth(row: SpanRow, by_id: dict[str, SpanRow]) -> int:
    """Count the parents that are here; a circle of parents ends where it closes."""
    depth, seen, parent = 0, {row.span.id}, row.span.parent_id
    while parent in by_id and parent not in seen:
        seen.add(parent)
        depth, parent = depth + 1, by_id[parent].span.parent_id
    return depth


def _own(row: SpanRow, children: list[SpanRow]) -> int | None:
    """Time not covered by any child."""
    start, end = row.span.start_ns, row.span.end_ns
    if end is None:
        return None
    covered, reached = 0, start
    for child in sorted(children, key=lambda c: c.span.start_ns):
        child_end = min(end, child.span.end_ns if child.span.end_ns is not None else end)
        covered += max(0, child_end - max(reached, child.span.start_ns))
        reached = max(reached, child_end)
    return end - start - covered


def _tokens(row: SpanRow) -> int | None:
    call = row.span.call
    if call is None:
        return None
    usage = call.usage
    if usage.total_tokens is not None:
        return usage.total_tokens
    known = [n for n in (usage.input_tokens, usage.output_tokens) if n is not None]
    return sum(known) if known else None


SPANS: list[Column] = [
    Column("capture_id", "capture_id", "string", doc="the execution of a cell"),
    Column("trace_id", "span.trace_id", "string", doc="W3C trace id"),
    Column("span_id", "span.id", "string", doc="16 hex digits"),
    Column("parent_span_id", "span.parent_id", "string", doc="the span around it; NA for a root"),
    Column(
        "call_id",
        lambda r: r.span.call.call_id if r.span.call else None,
        "string",
        doc="if it is a model call",
    ),
    Column("name", "span.name", "string", doc="what it did"),
    Column("type", "span.type", "category", doc="MLflow span type: CHAT_MODEL, TOOL, AGENT, …"),
    Column("start_time", "span.start_ns", "datetime", doc="when it began"),
    Column("duration_ms", lambda r: r.span.duration_ms, "Float64", "ms", "wall time; NA while running"),
    Column(
        "own_ms",
        lambda r: None if r.own_ns is None else r.own_ns / 1e6,
        "Float64",
        "ms",
        "time not covered by spans inside it",
    ),
    Column("status", "span.status", "category", doc="ok or what went wrong", categories=STATUSES),
    Column("error_type", "span.error_type", "string", doc="the error's name"),
    Column("error_message", "span.error_message", "string", doc="the error in words"),
    Column("depth", "depth", "Int64", doc="0 for a root"),
    Column("tokens", _tokens, "Int64", "tokens", "of its own call"),
    Column("subtree_tokens", "subtree_tokens", "Int64", "tokens", "of all calls in and below it"),
    Column("model", lambda r: r.span.call.model if r.span.call else None, "string", doc="model asked for"),
    Column("cell", "cell", "Int64", doc="execution count of the cell"),
    *people(lambda row: row.span.assessments),
]
