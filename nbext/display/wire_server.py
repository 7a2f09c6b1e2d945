"""The gateway's half of a call as `WireServer`, a join as `WireJoined` of `renderers/src/wire/server.ts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .wire_call import drop_empty, ms_between, tokens_wire

if TYPE_CHECKING:
    from ..model.server import JoinFound, ServerAttempt, ServerHalf

Wire = dict[str, Any]


def server_wire(half: ServerHalf, start_ns: int) -> Wire:
    """Give the `WireServer`; `start_ns` is the start of the call's span."""
    key = None
    if half.key is not None:
        key = {"client": half.key, "column": half.key_column or "", **drop_empty(table=half.key_table)}
    return {
        "state": half.state,
        **drop_empty(
            table=half.table,
            looked_at=None if half.looked_ns is None else half.looked_ns // 1_000_000,
            note=half.note,
            key=key,
            rows=half.rows or None,
            lag_ms=half.lag_ms,
            request_id=half.request_id,
            status_code=half.status_code,
            at=ms_between(start_ns, half.start_ns),
            duration_ms=half.duration_ms,
            ttfb_ms=half.ttfb_ms,
            entity=half.entity,
            entity_id=half.entity_id,
            model=half.model,
            fallback=half.fallback or None,
            attempts=[_attempt(attempt, half.start_ns) for attempt in half.attempts],
            shares=half.shares,
            requester=half.requester,
            requester_type=half.requester_type,
            tags=dict(half.tags),
            tokens=None if half.usage is None else tokens_wire(half.usage),
            sampling=half.sampling,
            truncated=list(half.truncated),
            earlier=[_earlier(one, start_ns) for one in half.earlier],
            missing=list(half.missing),
        ),
    }


def _attempt(attempt: ServerAttempt, received_ns: int | None) -> Wire:
    at = None if received_ns is None else ms_between(received_ns, attempt.start_ns)
    return drop_empty(
        priority=attempt.priority,
        action=attempt.action,
        destination=attempt.destination,
        destination_id=attempt.destination_id,
        status_code=attempt.status_code,
        error_code=attempt.error_code,
        ms=attempt.ms,
        at=at,
    )


def _earlier(half: ServerHalf, start_ns: int) -> Wire:
    return drop_empty(
        request_id=half.request_id,
        status_code=half.status_code,
        duration_ms=half.duration_ms,
        at=ms_between(start_ns, half.start_ns),
    )


def joined_wire(found: JoinFound) -> Wire:
    """Give the `WireJoined`."""
    return {
        "table": found.table,
        "matched": found.matched,
        "pending": found.pending,
        **drop_empty(
            unmatched_rows=found.unmatched_rows,
            looked_at=None if found.looked_ns is None else found.looked_ns // 1_000_000,
            keys=dict(found.keys),
        ),
    }
