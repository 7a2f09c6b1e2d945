"""An overview as `WireOverview` of `renderers/src/wire/overview.ts`. What a table cannot say is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .wire_call import drop_empty

if TYPE_CHECKING:
    from ..model.overview import Counts, Group, Numbers

Wire = dict[str, Any]

# Groups of a grain, and the first so many with a number for each bucket.
_MOST_GROUPS = 100
_MOST_SERIES = 12


def overview_wire(
    numbers: Numbers,
    *,
    uid: str,
    code: str | None = None,
    ranges: list[tuple[str, str]] | None = None,
    chosen: str | None = None,
    filtered: Wire | None = None,
    saved: str | None = None,
) -> Wire:
    """Give the `WireOverview`.

    Parameters
    ----------
    numbers : Numbers
    uid : str
        Id of the view.
    code : str, optional
        The Python that makes it.
    ranges : list of (key, label), optional
        What the menu offers, and which of them this is (`chosen`).
    filtered : dict, optional
        The `OverviewFilter` these numbers are of.
    saved : str, optional
        When, ISO 8601.
    """
    engine = {"name": numbers.engine, "seconds": round(numbers.seconds, 2), "queries": numbers.queries}
    sql = None if numbers.sql is None else numbers.sql()
    return {
        "v": 1,
        "kind": "overview",
        "uid": uid,
        "state": "done",
        "table": numbers.table,
        "from": _ms(numbers.start_ns),
        "to": _ms(numbers.end_ns),
        "step": _ms(numbers.step_ns),
        "totals": counts_wire(numbers.totals),
        "buckets": [{"start": _ms(start), **counts_wire(counts)} for start, counts in numbers.buckets],
        "groups": {
            grain: [
                _group(group, series=place < _MOST_SERIES) for place, group in enumerate(found[:_MOST_GROUPS])
            ]
            for grain, found in numbers.groups.items()
        },
        "engine": {**engine, **drop_empty(rows=numbers.rows or None, sql=sql)},
        **drop_empty(
            newest=None if numbers.newest_ns is None else _ms(numbers.newest_ns),
            sampled=numbers.sampled or None,
            ranges=[{"key": key, "label": label} for key, label in ranges or []],
            range=chosen,
            code=code,
            notes=list(numbers.notes),
            filter=filtered,
            saved=saved,
        ),
    }


def _ms(ns: int) -> int:
    return ns // 1_000_000


def counts_wire(counts: Counts) -> Wire:
    """Give the `WireCounts`."""
    wire: Wire = {"requests": counts.requests}
    for key, count in (("errors", counts.errors), ("limited", counts.limited), ("blocked", counts.blocked)):
        if count:
            wire[key] = count
    for key in ("p50", "p95", "p99", "ttfb_p50", "ttfb_p95", "ttfb_p99"):
        value = getattr(counts, key)
        if value is not None:
            wire[key] = round(value, 1)
    for key, tokens in (("in", counts.input_tokens), ("out", counts.output_tokens)):
        if tokens is not None:
            wire[key] = tokens
    if counts.usd is not None:
        wire["usd"] = round(counts.usd, 6)
        wire["cost_basis"] = counts.cost_basis
        if counts.partial:
            wire["partial"] = True
    return wire


def _group(group: Group, *, series: bool) -> Wire:
    name = group.name if group.key is None else f"{group.key}={group.name}"
    return {
        "name": name,
        **counts_wire(group.counts),
        **drop_empty(hint=group.hint, series=dict(group.series) if series else None),
    }
