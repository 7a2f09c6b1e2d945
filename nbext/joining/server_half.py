"""The gateway's half of a call, made of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model.server import ServerHalf
from ..sources.inference_table import typing as read
from ..sources.inference_table.routing import attempts_of, fell_back, shares_of

if TYPE_CHECKING:
    from ..model.call import Call, Usage
    from ..model.server import ServerAttempt
    from ..sources.inference_table.table import InferenceTable
    from .match import Match
    from .rows import Seen


def half_of(call: Call, found: list[Match], looked_ns: int, missing: list[str]) -> ServerHalf:
    """Give the half of a call that has rows: the last attempt's row, and the earlier ones in it."""
    last = _of_last_attempt(call, found)
    half = _of_row(last.seen)
    half.table = last.seen.source.relation.name
    half.looked_ns, half.rows = looked_ns, len(found)
    half.key, half.key_column, half.key_table = last.label, last.column, last.seen.table
    half.earlier = [_of_row(match.seen) for match in found if match is not last]
    half.fallback = half.fallback or call.facts.fallback is True
    half.missing = missing
    if last.seen.counted_only:
        half.missing = [
            f"The row is in {last.seen.table}, not (yet) in {half.table}: its texts are not known.",
            *missing,
        ]
    return half


def pending_half(table: InferenceTable, looked_ns: int, note: str | None, missing: list[str]) -> ServerHalf:
    """Give the half of a call whose row is not here."""
    return ServerHalf("pending", table=table.relation.name, looked_ns=looked_ns, note=note, missing=missing)


def _of_last_attempt(call: Call, found: list[Match]) -> Match:
    if call.attempts:
        number = call.attempts[-1].number
        for match in found:
            if match.attempt == number:
                return match
    # Rows without a number: the one with the call's own outcome, else the latest.
    same = [match for match in found if match.seen.row.status_code == call.status_code]
    return (same or found)[-1]


def _of_row(seen: Seen) -> ServerHalf:
    row, logged = seen.row, seen.call
    beside = row.usage or {}
    attempts = attempts_of(beside.get("nbext_routing"))
    model = read.text(beside.get("nbext_model")) or row.model or logged.served_model
    return ServerHalf(
        "matched",
        request_id=row.id,
        status_code=row.status_code,
        start_ns=_received(row.start_ns, attempts, whole_seconds=seen.counted_only),
        duration_ms=None if row.duration_ms is None else float(row.duration_ms),
        ttfb_ms=_first_byte(seen),
        entity=logged.facts.entity,
        entity_id=row.entity if row.entity != logged.facts.entity else row.entity_id,
        model=model,
        endpoint=logged.endpoint,
        attempts=attempts,
        fallback=fell_back(attempts),
        shares=shares_of(beside.get("nbext_metadata")),
        requester=row.requester,
        requester_type=read.text(beside.get("nbext_requester_type")),
        tags=dict(logged.facts.tags),
        usage=_counted(logged.usage),
        sampling=row.sampling,
        truncated=list(row.codes),
    )


def _received(start_ns: int, attempts: list[ServerAttempt], *, whole_seconds: bool) -> int:
    """When the gateway received it; a usage row tells whole seconds, its first attempt more."""
    first = attempts[0].start_ns if attempts else None
    return first if whole_seconds and first is not None else start_ns


def _first_byte(seen: Seen) -> float | None:
    if seen.row.ttfb_ms is not None:
        return float(seen.row.ttfb_ms)
    return read.fraction((seen.row.usage or {}).get("nbext_ttfb"))


def _counted(usage: Usage) -> Usage | None:
    known = usage.input_tokens is not None or usage.output_tokens is not None
    return usage if known and not usage.estimated else None
