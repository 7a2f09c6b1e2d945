"""Weighted sums of some requests, as they are shown: counts, and one number for each bucket of time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ....model.overview import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_FIELDS = {"error": "errors", "rate_limited": "limited", "blocked": "blocked"}


class Sums:
    """Weighted sums of some requests."""

    __slots__ = ("counted", "made", "requests", "sent", "status", "unpriced", "usd_by")

    def __init__(self) -> None:
        self.requests = self.counted = self.sent = self.made = 0.0
        self.status: dict[str, float] = defaultdict(float)
        self.usd_by: dict[tuple[str, str], float] = defaultdict(float)
        self.unpriced = 0.0

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in a group."""
        requests = row["requests"] or 0.0
        self.requests += requests
        self.counted += row["counted"] or 0.0
        self.sent += row["sent"] or 0.0
        self.made += row["made"] or 0.0
        self.status[row["status"]] += requests

    def counts(self) -> Counts:
        """Give them as they are shown."""
        counts = Counts(requests=round(self.requests))
        for status, name in STATUS_FIELDS.items():
            setattr(counts, name, round(self.status.get(status, 0.0)))
        if self.counted > 0:
            counts.input_tokens, counts.output_tokens = round(self.sent), round(self.made)
        if self.usd_by:
            counts.usd = sum(self.usd_by.values())
            counts.cost_basis, counts.cost_source = max(self.usd_by, key=lambda key: self.usd_by[key])
            counts.partial = self.unpriced > 0
        return counts


def series_of(sums: Mapping[int, Sums], starts: list[int], counts: Counts) -> dict[str, list[Any]]:
    """One number for each bucket; what the group has none of is left out."""
    parts = [sums.get(start) for start in starts]
    made: dict[str, list[Any]] = {"requests": [0 if part is None else round(part.requests) for part in parts]}
    for status, name in STATUS_FIELDS.items():
        values = [0 if part is None else round(part.status.get(status, 0.0)) for part in parts]
        if any(values):
            made[name] = values
    if counts.input_tokens is not None:
        made["in"] = [0 if part is None else round(part.sent) for part in parts]
        made["out"] = [0 if part is None else round(part.made) for part in parts]
    if counts.usd is not None and any(part is not None and part.usd_by for part in parts):
        made["usd"] = [0.0 if part is None else round(sum(part.usd_by.values()), 6) for part in parts]
    return made


def courses_of(found: list[list[Any] | None]) -> dict[str, list[Any]]:
    """Give quantiles, one for each bucket and None where nothing was answered."""
    if not any(found):
        return {}
    return {
        name: [None if one is None or one[at] is None else round(one[at], 1) for one in found]
        for at, name in enumerate(("p50", "p95", "p99"))
    }


def with_quantiles(counts: Counts, found: tuple[list[Any], list[Any]] | None) -> Counts:
    """Put in quantiles of durations, and of times to the first byte. Gives the same object."""
    if found is not None:
        counts.p50, counts.p95, counts.p99 = found[0]
        counts.ttfb_p50, counts.ttfb_p95, counts.ttfb_p99 = found[1]
    return counts
