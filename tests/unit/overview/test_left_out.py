"""What an overview does not count is said: requests that only the usage table has."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

import nbext
from nbext.engines import EngineError
from nbext.sources.inference_table.overview.numbers import _Counting

from ..inference_table import samples
from ..join.conftest import serve, table_of, traced
from .test_costs import answer, row_a, row_b

__all__ = ["serve"]

NAMES = {"serving": "endpoint_usage", "unity": "gateway_usage"}
IDS = {"serving": "databricks_request_id", "unity": "request_id"}
TIMES = {"serving": "request_time", "unity": "event_time"}
ROWS = {"serving": lambda n: row_a(n, answer()), "unity": lambda n: row_b(n, answer(), "m")}
# Eleven requests, one a minute; three of them were logged.
LOGGED = (0, 4, 10)


@pytest.mark.parametrize("route", ["serving", "unity"])
def test_refusals_of_the_stand_in_that_are_not_logged(serve: Any, route: str) -> None:
    gw = serve(log_rate_limited=False, log_unity_failures=False)
    to = {"model": "demo-429-then-ok"}
    traced(gw, route, [{**to, "text": f"Say {n}."} for n in range(5)], max_retries=5)
    # Refused by an endpoint that the inference table says nothing of.
    traced(gw, route, [{"model": "demo-429"}], max_retries=0)
    numbers = table_of(gw, route, usage=True).overview(days=1).numbers
    assert (numbers.totals.requests, numbers.totals.limited) == (5, 0)
    (note,) = numbers.notes
    refused = sum(one.status == 429 for one in gw.exchanges) - 1
    assert refused >= 5
    assert note == (
        f"{refused} more requests of these endpoints are only in {gw.tables[NAMES[route]]}, "
        f"{refused} of them with status 429: they are not counted here."
    )


def used(
    route: str, n: float, status: int | None = 200, who: str | None = "e0", **given: Any
) -> dict[str, Any]:
    """A row of usage of the request that `ROWS` gives, or of one between two of them."""
    row = {IDS[route]: f"id-{n}", TIMES[route]: samples.START - timedelta(minutes=n), "status_code": status}
    return {**row, {"serving": "served_entity_id", "unity": "endpoint_name"}[route]: who, **given}


def all_used(route: str) -> list[dict[str, Any]]:
    return [used(route, n) for n in LOGGED]


def table(route: str, usage: list[dict[str, Any]], **given: Any) -> Any:
    logged = nbext.inference_table(pa.Table.from_pylist([{**ROWS[route](n), **given} for n in LOGGED]))
    return logged.with_usage({NAMES[route]: pa.Table.from_pylist(usage)})


def notes(asked: Any, **window: Any) -> list[str]:
    found = asked.overview(**(window or {"since": "2026-01-01"})).numbers.notes
    return [note for note in found if "do not say their endpoint" not in note]


@pytest.mark.parametrize("route", NAMES)
def test_what_is_said(route: str) -> None:
    more = [
        *(used(route, n, 429) for n in (1, 2, 3)),
        # Tried twice: the newest row tells.
        *(used(route, 5, status, **{TIMES[route]: at}) for status, at in two_times()),
        used(route, 6, 403),
        used(route, 7, None),
        used(route, 8, 429, "another"),
        used(route, 9, 429, None),
    ]
    (note,) = notes(table(route, all_used(route) + more))
    assert note.startswith("6 more requests of these endpoints are only in ")
    assert note.endswith(
        ", 3 of them with status 429, 1 with status 200, 1 with status 403: they are not counted here."
    )
    (note,) = notes(table(route, [*all_used(route), used(route, 5, 429)]))
    assert note.startswith("1 more request of these endpoints is only in ")
    assert note.endswith(", with status 429: it is not counted here.")


def two_times() -> list[tuple[int, datetime]]:
    return [(429, samples.START - timedelta(minutes=5)), (200, samples.START - timedelta(minutes=4.9))]


@pytest.mark.parametrize("route", NAMES)
def test_nothing_is_said(route: str) -> None:
    usage = [*all_used(route), used(route, 5, 429)]
    asked = table(route, usage)
    assert len(notes(asked)) == 1
    assert notes(table(route, all_used(route))) == []
    # Whoever asks for some of the calls does not ask for the others.
    for some in (asked.where("status_code = 200"), asked.limit(9), asked.limit(9).where("status_code = 200")):
        assert notes(some) == []
    assert notes(table(route, usage, sampling_fraction=0.5)) == []
    # Outside the window, which ends in between; and logged on the other side of its edge.
    assert notes(asked.between(at(4.5), at(0))) == []
    edge = [used(route, n + 0.01 if n == 4 else n, **{IDS[route]: f"id-{n}"}) for n in LOGGED]
    assert notes(table(route, edge).between(at(20), at(4))) == []
    # A usage table without what it takes to tell.
    for lacking in ("status_code", TIMES[route], *({"served_entity_id", "endpoint_name"} & set(usage[0]))):
        assert notes(table(route, [{k: v for k, v in one.items() if k != lacking} for one in usage])) == []


def at(minutes: float) -> datetime:
    return samples.START - timedelta(minutes=minutes)


@pytest.mark.parametrize("route", NAMES)
def test_what_may_still_be_logged(route: str) -> None:
    """Rows are up to an hour late; what is older than that will not come."""
    ago = datetime.now(timezone.utc)
    times = {4: ago - timedelta(minutes=90), 3: ago - timedelta(minutes=70), 2: ago - timedelta(minutes=5)}
    rows = [{**ROWS[route](4), TIMES[route]: times[4]}]
    if route == "serving":
        rows[0]["request_date"] = times[4].date()
    usage = [used(route, n, **{TIMES[route]: when}) for n, when in times.items()]
    asked = nbext.inference_table(pa.Table.from_pylist(rows))
    (note,) = notes(asked.with_usage({NAMES[route]: pa.Table.from_pylist(usage)}), days=1)
    assert note.startswith("2 more requests")
    assert note.endswith(
        "they are not counted here. 1 came after the newest row here, less than an hour ago, and may "
        "still be logged."
    )


@pytest.mark.parametrize("route", NAMES)
def test_one_question_and_none_without_usage(monkeypatch: pytest.MonkeyPatch, route: str) -> None:
    asked = table(route, [*all_used(route), used(route, 5, 429)])
    alone = nbext.inference_table(pa.Table.from_pylist([ROWS[route](n) for n in LOGGED]))
    with_usage, without = (one.overview(since="2026-01-01").numbers for one in (asked, alone))
    assert with_usage.queries == without.queries + 1
    assert notes(alone) == []
    answered = _Counting._ask

    def refused(self: Any, statement: Any) -> Any:
        found = answered(self, statement)
        if "nbext_logged" in getattr(statement, "sql", str)("duckdb"):
            raise EngineError("no such luck")
        return found

    monkeypatch.setattr(_Counting, "_ask", refused)
    assert notes(asked) == []
    assert asked.overview(since="2026-01-01").numbers.totals.requests == len(LOGGED)
