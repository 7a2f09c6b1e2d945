"""Columns of the frame of stored traces: a row is a trace with what its store knows of it."""

from __future__ import annotations

from typing import Any

from ..column import Column


def _tokens(row: Any) -> int | None:
    counts = [call.usage.total_tokens for call in row.trace.calls]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


TRACES: list[Column] = [
    Column("trace_id", "id", "string", doc="the store's id"),
    Column("name", "name", "string", doc="what was traced"),
    Column("state", "state", "category", doc="as the store says it: OK, ERROR, IN_PROGRESS"),
    Column("start_time", "start_ns", "datetime", doc="when it began"),
    Column(
        "duration_ms", lambda r: (r.end_ns - r.start_ns) / 1e6, "Float64", "ms", "to the end of its last span"
    ),
    Column("spans", lambda r: len(r.trace.spans), "Int64", doc="how many there are"),
    Column("calls", lambda r: len(r.trace.calls), "Int64", doc="model calls among them"),
    Column("tokens", _tokens, "Int64", "tokens", "of all its calls"),
    Column("experiment_id", "experiment_id", "string", doc="MLflow's experiment"),
    Column("client_request_id", "client_request_id", "string", doc="the id sent along"),
    Column("tags", lambda r: dict(r.tags), "object", doc="the trace's tags"),
    Column("url", "url", "string", doc="MLflow's page of it; NA where the store has none"),
]
