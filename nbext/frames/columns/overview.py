"""Columns of the frames of an overview: a row is a group of requests, or a stretch of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..column import Column

if TYPE_CHECKING:
    from ...model.overview import Counts

_FIRST_BYTE = "time to the first byte of answered calls, as the gateway measured it"
_LATENCY = "server duration of answered calls"


def _share(name: str) -> Any:
    def share(row: Any) -> float | None:
        counts: Counts = row.counts
        return getattr(counts, name) / counts.requests if counts.requests else None

    return share


COUNTS: list[Column] = [
    Column("requests", "counts.requests", "Int64", doc="weighted by 1 / sampling fraction"),
    Column(
        "errors", "counts.errors", "Int64", doc="status error: HTTP 400 and above, or an error inside a 200"
    ),
    Column("rate_limited", "counts.limited", "Int64", doc="HTTP 429"),
    Column("blocked", "counts.blocked", "Int64", doc="guardrail, policy, content filter or budget"),
    Column("error_rate", _share("errors"), "Float64", doc="errors / requests"),
    *(Column(f"p{n}_ms", f"counts.p{n}", "Float64", "ms", _LATENCY) for n in (50, 95, 99)),
    *(Column(f"ttfb_p{n}_ms", f"counts.ttfb_p{n}", "Float64", "ms", _FIRST_BYTE) for n in (50, 95, 99)),
    Column("input_tokens", "counts.input_tokens", "Int64", "tokens", "NA where none are known"),
    Column("output_tokens", "counts.output_tokens", "Int64", "tokens"),
    Column("cost_usd", "counts.usd", "Float64", "US$", "NA where no price is known, never 0"),
    Column(
        "cost_basis",
        "counts.cost_basis",
        "category",
        doc="how the cost is known: public price, your table, shared out from the bill, or not",
        categories=("listed", "custom", "allocated", "unknown"),
    ),
    Column("cost_source", "counts.cost_source", "string", doc="whose price it is, of the largest part"),
    Column(
        "cost_partial", "counts.partial", "boolean", doc="some requests have no known price: a lower bound"
    ),
]

OVER_TIME: list[Column] = [
    Column("start_time", "start_ns", "datetime", doc="start of the stretch of time"),
    *COUNTS,
]


def group_columns(name: str, *, keyed: bool = False) -> list[Column]:
    """Give the columns of a frame of groups; `name` is what they have in common."""
    first = [Column(name, "name", "string"), Column("model", "hint", "string", doc="what answers there")]
    if keyed:
        first = [
            Column("tag", "key", "string", doc="key of the caller's tag"),
            Column("value", "name", "string"),
        ]
    elif name == "requester":
        first = first[:1]
    return [*first, *COUNTS]
