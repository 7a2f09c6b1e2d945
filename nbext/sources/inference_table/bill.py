"""Reading what Databricks billed: records of ``system.billing.usage``, priced by ``list_prices``."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import typing as read
from .query import Window
from .routing import plain
from .usage import within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...engines import Engine, Relation

HOUR_NS = 3600 * 1_000_000_000
NEEDED = {
    "usage": ("usage_start_time", "usage_end_time", "usage_quantity", "sku_name", "usage_metadata"),
    "list_prices": ("sku_name", "pricing", "price_start_time"),
}
# Names that a sentence lists.
_NAMED = 3


@dataclass
class Bill:
    """What was billed.

    Parameters
    ----------
    usd : dict
        US dollars by endpoint and hour (ns since the epoch, start).
    unpriced : dict of str to set of str
        By endpoint, what it was billed for of which no price is known.
    ids : dict of str to set of str
        Ids of the endpoints of each name: the bill is of all workspaces of an account.
    """

    usd: dict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))
    unpriced: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def read_bill(engine: Engine, relations: Mapping[str, Relation], window: Window) -> Bill:
    """Read the records that are (in part) of a window.

    Corrections are records as others: a retraction has the negative quantity of what it takes back.
    """
    prices = _prices(engine, relations["list_prices"])
    bill = Bill()
    relation = relations["usage"]
    wanted = [*NEEDED["usage"], *(c for c in ("cloud", "billing_origin_product") if c in relation.spelt)]
    edges = {"usage_end_time": Window(window.start, None), "usage_start_time": Window(None, window.end)}
    for row in _rows(engine, relation, wanted, edges):
        product = read.text(row.get("billing_origin_product"))
        endpoint, identity = _endpoint(row["usage_metadata"])
        start, end = read.moment_ns(row["usage_start_time"]), read.moment_ns(row["usage_end_time"])
        quantity = read.fraction(row["usage_quantity"])
        if endpoint is None or start is None or end is None or quantity is None:
            continue
        if product not in (None, "MODEL_SERVING", "AI_GATEWAY"):
            continue
        if identity is not None:
            bill.ids[endpoint].add(identity)
        sku = read.text(row["sku_name"])
        price = _price_at(prices, sku, read.text(row.get("cloud")), end)
        if price is None:
            bill.unpriced[endpoint].add(sku or "no name")
            continue
        for hour, share in _hours(start, end):
            bill.usd[endpoint, hour] += quantity * price * share
    return bill


def hour_of(ns: int) -> int:
    """Give the start of the hour a moment is in."""
    return ns // HOUR_NS * HOUR_NS


def _hours(start: int, end: int) -> Iterator[tuple[int, float]]:
    """Give the hours of a record, and which part of it each has: most are of one, a day's are of 24."""
    first = hour_of(start)
    if end <= first + HOUR_NS:
        yield first, 1.0
        return
    for hour in range(first, end, HOUR_NS):
        yield hour, (min(end, hour + HOUR_NS) - max(start, hour)) / (end - start)


def notes_of(bill: Bill, tokens: Mapping[tuple[str, int], float]) -> Iterator[str]:
    """Say in sentences what the bill does not tell of the calls that used these tokens."""
    used = [key for key, count in tokens.items() if count > 0]
    endpoints = list(dict.fromkeys(endpoint for endpoint, _ in used if endpoint))
    billed = {endpoint for endpoint, _ in bill.usd}
    absent = [name for name in endpoints if name not in billed and name not in bill.unpriced]
    if absent:
        yield f"Not in the bill of this time: {_some(absent)}. Costs there are list prices."
    hours = [key for key in used if key[0] in billed]
    late = sum(key not in bill.usd for key in hours)
    if late:
        yield (
            f"{late:,} of {len(hours):,} hours of endpoints with calls are not in the bill, which comes "
            "hours late. Costs there are list prices."
        )
    skus = sorted({sku for name in endpoints for sku in bill.unpriced.get(name, ())})
    if skus:
        yield f"Billed, but without a price in US$ at that time, so left out: {_some(skus)}."
    several = [name for name in endpoints if len(bill.ids.get(name, ())) > 1]
    if several:
        yield (
            f"The bill has several endpoints called {_some(several)}, perhaps of several workspaces: what "
            "all of them were billed is shared out."
        )


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _endpoint(metadata: Any) -> tuple[str | None, str | None]:
    """Give name and id of the endpoint of a usage record."""
    metadata = plain(metadata)
    if not isinstance(metadata, dict):
        return None, None
    inner = plain(metadata.get("ai_gateway"))
    for place in (metadata, inner if isinstance(inner, dict) else {}):
        if name := read.text(place.get("endpoint_name")):
            return name, read.text(place.get("endpoint_id"))
    return None, None


_Price = tuple["str | None", int, "int | None", float]


def _prices(engine: Engine, relation: Relation) -> dict[str, list[_Price]]:
    wanted = [
        *NEEDED["list_prices"],
        *(c for c in ("cloud", "price_end_time", "currency_code") if c in relation.spelt),
    ]
    found: dict[str, list[_Price]] = defaultdict(list)
    for row in _rows(engine, relation, wanted, {}):
        pricing = plain(row["pricing"])
        price = None
        if isinstance(pricing, dict):
            effective = plain(pricing.get("effective_list"))
            price = read.fraction(effective.get("default")) if isinstance(effective, dict) else None
            price = read.fraction(pricing.get("default")) if price is None else price
        start = read.moment_ns(row["price_start_time"])
        if price is None or start is None or (read.text(row.get("currency_code")) or "USD") != "USD":
            continue
        end = read.moment_ns(row.get("price_end_time"))
        found[read.text(row["sku_name"]) or ""].append((read.text(row.get("cloud")), start, end, price))
    return found


def _price_at(
    prices: Mapping[str, list[_Price]], sku: str | None, cloud: str | None, at_ns: int
) -> float | None:
    for of_cloud, start, end, price in prices.get(sku or "", ()):
        if (
            start <= at_ns
            and (end is None or at_ns < end)
            and (not cloud or not of_cloud or cloud == of_cloud)
        ):
            return price
    return None


def _rows(
    engine: Engine, relation: Relation, wanted: list[str], edges: Mapping[str, Window]
) -> Iterable[dict[str, Any]]:
    from sqlglot import exp

    columns = [exp.alias_(relation.column(name), name) for name in wanted]
    statement = exp.select(*columns).from_(relation.table.copy())
    for time, window in edges.items():
        statement = statement.where(*within(relation, time, window))
    for batch in engine.query(statement):
        yield from batch.to_pylist()
