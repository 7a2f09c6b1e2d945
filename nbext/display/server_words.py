"""What a gateway logged of a call, in words: for text and static HTML, where no view can draw it."""

from __future__ import annotations

from typing import Any

from ..model.server import NOT_YET
from .escape import one_line
from .words import duration, plural

Wire = dict[str, Any]


def server_facts(span: Wire) -> list[str]:
    """Say how the row was found, where the time went, and who answered; why there is none."""
    server = span["call"].get("server")
    if server is None:
        return []
    if server["state"] == "pending":
        facts = [server.get("note") or NOT_YET]
    else:
        facts = [*_found(server), *_times(span, server), *_answered(span, server), *_kept(server)]
    return [one_line(fact) for fact in [*facts, *server.get("missing", ())]]


def _found(server: Wire) -> list[str]:
    key = server.get("key")
    found = [] if key is None else [f"found by {key['client']} = {key['column']}".removesuffix(" = ")]
    return found + ([f"{server['rows']:,} rows"] if server.get("rows", 1) > 1 else [])


def _times(span: Wire, server: Wire) -> list[str]:
    took = server.get("duration_ms")
    if took is None:
        return []
    facts = [f"{duration(took)} in the gateway"]
    attempts = span["call"]["attempts"]
    if "ms" in span and attempts:
        rest = span["ms"] - attempts[-1].get("at", 0) - took
        facts += [f"{duration(rest)} network and queue"] if rest >= 0 else []
    if server.get("ttfb_ms") is not None:
        facts.append(f"first byte after {duration(server['ttfb_ms'])}")
    return facts


def _answered(span: Wire, server: Wire) -> list[str]:
    facts = []
    if entity := server.get("entity") or server.get("model"):
        verb = "answered by" if span.get("status", "ok") in ("ok", "interrupted") else "sent to"
        facts.append(f"{verb} {'fallback ' if server.get('fallback') else ''}{entity}")
    attempts = server.get("attempts", ())
    if len(attempts) > 1:
        facts.append("tried " + ", then ".join(map(_attempt, attempts)))
    return facts


def _attempt(attempt: Wire) -> str:
    where = attempt.get("destination") or attempt.get("destination_id") or "a destination"
    how = attempt.get("error_code") or attempt.get("status_code")
    told = where if how is None else f"{where}: {how}"
    return told if attempt.get("ms") is None else f"{told} after {duration(attempt['ms'])}"


def _kept(server: Wire) -> list[str]:
    facts = []
    if (share := server.get("sampling")) is not None and share < 1:
        facts.append(f"{share * 100:g} % of the requests are logged")
    if codes := server.get("truncated"):
        facts.append(f"not kept: {', '.join(codes)}")
    return facts


def joined_line(joined: Wire) -> str:
    """Say what a join found as a whole."""
    total = joined["matched"] + joined["pending"]
    facts = [f"{joined['matched']:,} of {plural(total, 'call')} found in {joined['table']}"]
    if keys := joined.get("keys"):
        facts[0] += " by " + ", ".join(f"{key} ({count:,})" for key, count in keys.items())
    if joined["pending"]:
        facts.append(f"{joined['pending']:,} without a row, each says why")
    if rows := joined.get("unmatched_rows"):
        facts.append(f"{plural(rows, 'other row')} of that time")
    return one_line(" · ".join(facts))
