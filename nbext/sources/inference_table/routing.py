"""What a row of a usage table says of a call, in whatever typing it came: tokens, tags, names, attempts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...model.call import AttemptFacts, Usage
from ...model.server import ServerAttempt
from . import typing as read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...model.call import Call


def add_usage(call: Call, values: Mapping[str, Any]) -> bool:
    """Put what usage tables know into a call of a logged row.

    Parameters
    ----------
    call : Call
    values : mapping
        Columns as `usage.Usage.added` names them.

    Returns
    -------
    bool
        Whether tokens or names changed, so that the cost has to be looked up again.
    """
    facts = call.facts
    facts.tags = {**facts.tags, **read.pairs(values.get("nbext_tags"))}
    name = read.text(values.get("nbext_entity"))
    if name is not None:
        facts.entity = name
    changed = False
    endpoint, model = read.text(values.get("nbext_endpoint")), read.text(values.get("nbext_model"))
    if endpoint is not None and endpoint != call.endpoint:
        call.endpoint, changed = endpoint, True
    if model is not None and call.served_model is None:
        call.served_model, changed = model, True
    counted = tokens_of(values)
    if counted is not None and (call.status == "ok" or counted.total_tokens) and counted != call.usage:
        call.usage, changed = _merged(call.usage, counted), True
    _put_attempts(call, attempts_of(values.get("nbext_routing")))
    return changed


def _merged(said: Usage, counted: Usage) -> Usage:
    """Take the counts of the usage table; what it does not tell apart stays as the answer said it."""
    return Usage(
        input_tokens=_first(counted.input_tokens, said.input_tokens),
        output_tokens=_first(counted.output_tokens, said.output_tokens),
        total_tokens=_first(counted.total_tokens, said.total_tokens),
        cached_tokens=_first(counted.cached_tokens, said.cached_tokens),
        cache_write_tokens=_first(counted.cache_write_tokens, said.cache_write_tokens),
        reasoning_tokens=_first(counted.reasoning_tokens, said.reasoning_tokens),
    )


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def tokens_of(values: Mapping[str, Any]) -> Usage | None:
    """Read the token counts; None when nothing was counted."""
    sent, made = read.whole(values.get("nbext_in")), read.whole(values.get("nbext_out"))
    total = read.whole(values.get("nbext_total"))
    if sent is None and made is None and total is None:
        return None
    details = plain(values.get("nbext_details"))
    details = details if isinstance(details, dict) else {}
    return Usage(
        input_tokens=sent,
        output_tokens=made,
        total_tokens=(sent or 0) + (made or 0) if total is None else total,
        cached_tokens=read.whole(details.get("cache_read_input_tokens")),
        cache_write_tokens=read.whole(details.get("cache_creation_input_tokens")),
        reasoning_tokens=read.whole(details.get("output_reasoning_tokens")),
    )


def attempts_of(routing: Any) -> list[ServerAttempt]:
    """Read ``routing_information``, in the order of time; it is null where no destination was reached."""
    routing = plain(routing)
    listed = plain(routing.get("attempts")) if isinstance(routing, dict) else None
    found = [_attempt(item) for item in map(plain, listed or ()) if isinstance(item, dict)]
    if all(attempt.start_ns is not None for attempt in found):
        return sorted(found, key=lambda attempt: attempt.start_ns or 0)
    # No source says that the array is in order, or that two attempts have not the same priority.
    priorities = [read.whole(attempt.priority) for attempt in found]
    if None in priorities:
        return found
    return [found[at] for at in sorted(range(len(found)), key=lambda at: priorities[at] or 0)]


def _attempt(item: Mapping[str, Any]) -> ServerAttempt:
    return ServerAttempt(
        priority=read.text(item.get("priority")),
        action=read.text(item.get("action")),
        destination=read.text(item.get("destination")),
        destination_id=read.text(item.get("destination_id")),
        status_code=read.whole(item.get("status_code")),
        error_code=read.text(item.get("error_code")),
        ms=read.fraction(item.get("latency_ms")),
        start_ns=read.moment_ns(item.get("start_time")),
    )


def shares_of(metadata: Any) -> list[dict[str, Any]]:
    """Read the configured destinations and fallbacks of ``endpoint_metadata``."""
    metadata = plain(metadata)
    if not isinstance(metadata, dict):
        return []
    shares = []
    for key, extra in (("destinations", {}), ("fallbacks", {"fallback": True})):
        for item in map(plain, plain(metadata.get(key)) or ()):
            if isinstance(item, dict) and (name := read.text(item.get("name"))):
                known = {
                    "percent": read.fraction(item.get("traffic_percent")),
                    "type": read.text(item.get("type")),
                }
                shares.append({"name": name, **{k: v for k, v in known.items() if v is not None}, **extra})
    return shares


def fell_back(attempts: list[ServerAttempt]) -> bool:
    """Tell whether another destination than the first answered; the same one again is a retry."""
    return len(attempts) > 1 and (
        any((attempt.action or "").upper() == "FALLBACK" for attempt in attempts)
        or attempts[-1].destination != attempts[0].destination
    )


def _put_attempts(call: Call, attempts: list[ServerAttempt]) -> None:
    """Let the waterfall draw what the gateway tried, where it tried more than one destination."""
    if len(attempts) < 2:
        return
    call.facts.fallback = call.facts.fallback or fell_back(attempts)
    whole = call.attempts[-1]
    found = []
    cursor = call.start_ns
    for number, attempt in enumerate(attempts):
        start = attempt.start_ns or cursor
        last = number == len(attempts) - 1
        end = whole.end_ns if attempt.ms is None or (last and whole.end_ns) else start + int(attempt.ms * 1e6)
        failed = (attempt.status_code or 0) >= 400
        found.append(
            AttemptFacts(
                number=number,
                start_ns=start,
                end_ns=end,
                status_code=attempt.status_code,
                error_type=attempt.error_code,
                error_message=f"{attempt.destination} answered {attempt.status_code}" if failed else None,
                request_id=whole.request_id,
                outcome="complete",
                request_bytes=whole.request_bytes,
                response_bytes=whole.response_bytes if last else 0,
            )
        )
        cursor = end or start
    call.attempts = found


def plain(value: Any) -> Any:
    """Read a struct or a list: as such, as a Row, an array, pairs, or JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if hasattr(value, "asDict"):
        value = value.asDict()
    if hasattr(value, "tolist"):
        value = value.tolist()
    return value if isinstance(value, (dict, list, tuple)) else None
