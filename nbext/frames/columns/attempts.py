"""Columns of `attempts_df`: a row is one HTTP request of a call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..column import Column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...model.call import AttemptFacts, Call


@dataclass(slots=True)
class AttemptRow:
    """An attempt, its call and the attempt before it."""

    call: Call
    attempt: AttemptFacts
    before: AttemptFacts | None


def attempt_rows(calls: Iterable[Call]) -> list[AttemptRow]:
    """Give a row per attempt."""
    return [
        AttemptRow(call, attempt, call.attempts[i - 1] if i else None)
        for call in calls
        for i, attempt in enumerate(call.attempts)
    ]


def _ms(start: int | None, end: int | None) -> float | None:
    return None if start is None or end is None else (end - start) / 1e6


ATTEMPTS: list[Column] = [
    Column("capture_id", "call.capture_id", "string", doc="the execution of a cell"),
    Column("trace_id", "call.trace_id", "string", doc="W3C trace id"),
    Column("call_id", "call.call_id", "string", doc="the call it belongs to"),
    Column("attempt", "attempt.number", "Int64", doc="0 for the first"),
    Column("start_time", "attempt.start_ns", "datetime", doc="when it was sent"),
    Column("duration_ms", lambda r: _ms(r.attempt.start_ns, r.attempt.end_ns), "Float64", "ms", "to its end"),
    Column(
        "headers_ms",
        lambda r: _ms(r.attempt.start_ns, r.attempt.headers_ns),
        "Float64",
        "ms",
        "to the response head",
    ),
    Column(
        "wait_ms",
        lambda r: _ms(r.before.end_ns, r.attempt.start_ns) if r.before else None,
        "Float64",
        "ms",
        "since the attempt before it ended; NA for the first",
    ),
    Column("status_code", "attempt.status_code", "Int64", doc="HTTP status"),
    Column(
        "error_type", "attempt.error_type", "string", doc="the gateway's error code, or the exception's name"
    ),
    Column("error_message", "attempt.error_message", "string", doc="in the gateway's words"),
    Column("retry_after_s", "attempt.retry_after", "Float64", "s", "wait the gateway asked for"),
    Column("request_id", "attempt.request_id", "string", doc="the gateway's id of the request"),
    Column(
        "outcome",
        "attempt.outcome",
        "category",
        doc="how reading the answer ended",
        categories=("complete", "closed", "abandoned", "cancelled", "error"),
    ),
    Column("request_bytes", "attempt.request_bytes", "Int64", "bytes", "body as sent"),
    Column("response_bytes", "attempt.response_bytes", "Int64", "bytes", "body as received"),
]
