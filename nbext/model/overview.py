"""Numbers over an inference table: over time, and by who or what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Grain = Literal["endpoint", "entity", "requester", "tag"]
GRAINS: tuple[Grain, ...] = ("endpoint", "entity", "requester", "tag")


@dataclass(slots=True)
class Counts:
    """What was counted of some requests. Durations and times to the first byte are ms, of answered calls.

    None is what the table cannot say; it is never 0. `requests` and what follows are weighted by
    1 / sampling fraction, so they stand for all requests, not only for those that were logged.
    """

    requests: int = 0
    errors: int = 0
    limited: int = 0
    blocked: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    ttfb_p50: float | None = None
    ttfb_p95: float | None = None
    ttfb_p99: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    usd: float | None = None
    cost_basis: str = "unknown"
    cost_source: str | None = None
    partial: bool = False


@dataclass(slots=True)
class Group:
    """Requests that have an endpoint, entity, requester or tag in common.

    `key` is the tag's key, `name` the value. `series` holds one number for each bucket.
    """

    name: str
    counts: Counts
    hint: str | None = None
    key: str | None = None
    series: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Numbers:
    """All of an overview. Times are ns since the epoch, `step_ns` the width of a bucket."""

    table: str
    start_ns: int
    end_ns: int
    step_ns: int
    totals: Counts = field(default_factory=Counts)
    buckets: list[tuple[int, Counts]] = field(default_factory=list)
    groups: dict[Grain, list[Group]] = field(default_factory=dict)
    newest_ns: int | None = None
    sampled: bool = False
    rows: int = 0
    engine: str = ""
    queries: int = 0
    seconds: float = 0.0
    # Gives the statement; writing it out takes a while.
    sql: Callable[[], str] | None = None
    # Entities of an endpoint, where the newest calls told.
    entities: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
