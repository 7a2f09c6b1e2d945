"""The bill of an hour is shared out among its calls, whatever of them is asked for and however."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

import nbext
from nbext.sources.inference_table import TableError

from ..inference_table import samples
from .test_numbers import row

if TYPE_CHECKING:
    from pathlib import Path

HOUR = timedelta(hours=1)
START = samples.START.replace(minute=0, second=0, microsecond=0)


def table(rows: list[dict[str, Any]]) -> Any:
    return nbext.inference_table(pa.Table.from_pylist(rows, samples.A_SCHEMA))


def call(number: int, at: timedelta, tokens: int = 100, **given: Any) -> dict[str, Any]:
    answer = {"id": "c", "object": "chat.completion", "model": "m", "choices": []}
    answer["usage"] = {"prompt_tokens": tokens, "completion_tokens": 0, "total_tokens": tokens}
    moment = START + at
    return row(number, request_time=moment, request_date=moment.date(), response=json.dumps(answer), **given)


def record(hour: int, usd: float = 1.0, *, hours: float = 1, sku: str = "SKU", **of: Any) -> dict[str, Any]:
    start = START + hour * HOUR
    return {
        "sku_name": sku,
        "usage_start_time": start,
        "usage_end_time": start + hours * HOUR,
        "usage_quantity": usd,
        "usage_metadata": {"endpoint_name": "ep", **of},
    }


def bill(*hours: int, usd: float = 1.0) -> dict[str, pa.Table]:
    return billed(*(record(hour, usd) for hour in hours))


def billed(*usage: dict[str, Any]) -> dict[str, pa.Table]:
    price = {"sku_name": "SKU", "pricing": {"default": 1.0}, "price_start_time": START - 99 * HOUR}
    return {"usage": pa.Table.from_pylist(list(usage)), "list_prices": pa.Table.from_pylist([price])}


@pytest.fixture
def eight_hours() -> Any:
    """Two calls an hour; one user's are all in the first half."""
    users = ["early@example.com"] * 8 + ["late@example.com"] * 8
    return table([call(i, i * HOUR / 2, requester=user) for i, user in enumerate(users)])


@pytest.mark.parametrize("step_s", [300, 86400, 7 * 86400])
def test_hours_that_were_not_billed_cost_nothing_of_the_bill(eight_hours: Any, step_s: int) -> None:
    asked = eight_hours.between(START + 8 * HOUR - timedelta(seconds=190 * step_s), START + 8 * HOUR)
    overview = asked.overview(billing=bill(0, 1, 2, 3))
    assert overview.numbers.step_ns == step_s * 1_000_000_000
    totals = overview.totals.iloc[0]
    assert (totals.cost_usd, totals.cost_basis) == (pytest.approx(4.0), "allocated")
    assert totals.cost_partial
    by = overview.by_requester.set_index("requester")
    assert by.cost_usd["early@example.com"] == pytest.approx(4.0)
    assert pd.isna(by.cost_usd["late@example.com"])
    assert overview.over_time.cost_usd.sum() == pytest.approx(4.0)
    assert eight_hours.with_billing(bill(0, 1, 2, 3)).calls_df().cost_usd.sum() == pytest.approx(4.0)


def test_hours_that_were_not_billed_keep_their_price(eight_hours: Any) -> None:
    eight_hours.prices = {"ep": {"input": 1000.0, "output": 0.0}}
    listed = 100 * 1000.0 / 1e6
    overview = eight_hours.overview(since="2026-01-01", billing=bill(0, 1, 2, 3))
    totals = overview.totals.iloc[0]
    assert (totals.cost_usd, totals.cost_partial) == (pytest.approx(4.0 + 8 * listed), False)
    frame = eight_hours.with_billing(bill(0, 1, 2, 3)).calls_df()
    assert frame.cost_usd.sum() == pytest.approx(totals.cost_usd)


def test_many_callers_share_the_bill_and_no_more() -> None:
    rows = [call(i, i * HOUR / 50, requester=f"user{i}@example.com") for i in range(400)]
    overview = table(rows).overview(since="2026-01-01", billing=bill(0, 1, 2, 3))
    by = overview.by_requester
    assert len(by) == 200
    # Who used how much in which hour is not counted of so many: each has the part of an average hour.
    assert list(by.cost_usd) == [pytest.approx(4.0 / 400)] * 200
    assert by.cost_partial.all()


def tagged(asked: Any) -> Any:
    """Put tags beside the sixteen calls."""
    usage = [{"databricks_request_id": f"id-{n}", "usage_context": {"team": f"t{n % 2}"}} for n in range(16)]
    kinds = {"databricks_request_id": pa.string(), "usage_context": pa.map_(pa.string(), pa.string())}
    rows = pa.Table.from_pylist(usage, pa.schema(list(kinds.items())))
    return asked.with_usage({"endpoint_usage": rows})


def test_shares_that_are_not_by_the_hour_are_said(eight_hours: Any) -> None:
    said = (
        "Costs by {} are approximate: what was billed is shared out among them by the tokens of the whole "
        "time shown, not of each hour."
    )
    rates = bill(*range(8))
    assert eight_hours.overview(since="2026-01-01", billing=rates).numbers.notes == []
    by_tag = tagged(eight_hours)
    overview = by_tag.overview(since="2026-01-01", billing=rates)
    assert overview.by_tag.cost_usd.sum() == pytest.approx(8.0)
    assert overview.numbers.notes == [said.format("tag")]
    # No bill, none of these calls, and one hour only: nothing is approximate.
    assert by_tag.overview(since="2026-01-01").numbers.notes == []
    assert said.format("tag") not in by_tag.overview(since="2026-01-01", billing=bill(20)).numbers.notes
    hour = by_tag.between(START, START + HOUR).overview(billing=rates)
    assert (len(hour.by_tag), hour.numbers.notes) == (2, [])
    many = table([call(i, i * HOUR / 50, requester=f"user{i}@example.com") for i in range(400)])
    assert many.overview(since="2026-01-01", billing=rates).numbers.notes == [said.format("requester")]
    several = tagged(many).overview(since="2026-01-01", billing=rates)
    assert several.numbers.notes[-1] == said.format("requester and by tag")


def costs(asked: Any, tables: dict[str, Any]) -> tuple[float, list[str]]:
    """What the bill makes of the calls, by frame and overview alike, and what is noted of it."""
    overview = asked.overview(since="2026-01-01", billing=tables)
    used = asked.with_billing(tables)
    assert list(used.rates.missing) == overview.numbers.notes
    total = used.calls_df().cost_usd.sum()
    assert overview.totals.cost_usd.fillna(0).item() == pytest.approx(total)
    return total, overview.numbers.notes


def test_a_record_of_a_day_is_of_all_its_hours(eight_hours: Any) -> None:
    day = billed(record(-8, 24.0, hours=24))
    assert costs(eight_hours, day) == (pytest.approx(8.0), [])
    window = eight_hours.between(START, START + timedelta(minutes=50))
    assert costs(window, day) == (pytest.approx(1.0), [])


def test_corrections_are_counted(eight_hours: Any) -> None:
    corrected = billed(*(record(hour) for hour in range(8)), record(3, -1.0), record(3, 0.25))
    assert costs(eight_hours, corrected) == (pytest.approx(7.25), [])


def test_what_has_no_price_is_said(eight_hours: Any) -> None:
    total, notes = costs(eight_hours, billed(*map(record, range(8)), record(2, 50.0, sku="NEW")))
    assert total == pytest.approx(8.0)
    assert notes == ["Billed, but without a price in US$ at that time, so left out: NEW."]


def test_what_is_not_in_the_bill_is_said(eight_hours: Any) -> None:
    assert costs(eight_hours, bill(0, 1, 2, 3))[1] == [
        "4 of 8 hours of endpoints with calls are not in the bill, which comes hours late. Costs there are "
        "list prices."
    ]
    elsewhere = record(0)
    elsewhere["usage_metadata"] = {"endpoint_name": "other"}
    assert costs(eight_hours, billed(elsewhere)) == (
        0.0,
        ["Not in the bill of this time: ep. Costs there are list prices."],
    )


def test_endpoints_of_one_name_are_said(eight_hours: Any) -> None:
    records = [record(hour, endpoint_id=name) for hour in range(8) for name in ("here", "there")]
    total, (note,) = costs(eight_hours, billed(*records))
    assert total == pytest.approx(16.0)
    assert note.startswith("The bill has several endpoints called ep, perhaps of several workspaces")


@pytest.mark.parametrize("days", [None, 3650])
def test_a_window_that_cuts_an_hour(days: Any) -> None:
    rows = [call(i, timedelta(minutes=10 * i), 100 * (i + 1)) for i in range(4)]
    for verb, shares in (
        (lambda t: t.between(START, START + timedelta(minutes=15)), [0.1, 0.2]),
        (lambda t: t.since(START + timedelta(minutes=25)), [0.4]),
        (lambda t: t.limit(1), [0.4]),
        (lambda t: t.slowest(1), [0.4]),
    ):
        asked = verb(table(rows))
        assert asked.with_billing(bill(0)).calls_df().cost_usd.tolist() == pytest.approx(shares)
        counted = asked.overview(days=days, billing=bill(0))
        assert counted.totals.cost_usd.item() == pytest.approx(sum(shares))


def test_every_result_has_the_shares(tmp_path: Path) -> None:
    billed = table([call(i, i * HOUR / 8) for i in range(4)]).with_billing(bill(0))
    (capture,) = billed.captures()
    calls = {
        "calls": billed.calls(),
        "traces": [trace.spans[0].call for trace in billed.traces()],
        "captures": capture.calls,
    }
    for name, found in calls.items():
        assert [(c.cost.usd, c.cost.basis) for c in found] == [(0.25, "allocated")] * 4, name


def test_no_row_in_the_window() -> None:
    asked = table([call(0, HOUR)])
    assert asked.since("24h").with_billing(bill(1)).calls() == []
    assert asked.since("24h").overview(billing=bill(1)).totals.requests.item() == 0
    nothing = nbext.inference_table(pa.Table.from_pylist([], samples.A_SCHEMA))
    assert nothing.with_billing(bill(1)).overview().totals.requests.item() == 0


def test_a_table_at_rest_has_the_bill_of_the_week_that_is_shown() -> None:
    overview = table([call(0, HOUR), call(1, -30 * 24 * HOUR)]).overview(billing=bill(1, -30 * 24))
    totals = overview.totals.iloc[0]
    assert (totals.requests, totals.cost_usd, totals.cost_basis) == (1, 1.0, "allocated")


def test_a_bill_of_your_own_that_cannot_be_read(tmp_path: Path) -> None:
    """No admin can grant what is a slip in a path."""
    asked = table([call(0, HOUR)])
    wrong = {**bill(1), "usage": str(tmp_path / "nowhere")}
    (note,) = asked.overview(billing=wrong).numbers.notes
    assert "nowhere" in note
    assert "GRANT" not in note
    assert asked.with_billing(wrong).rates.missing == (note,)
    for name, column in (("usage", "usage_start_time"), ("list_prices", "pricing")):
        lacking = {**bill(1), name: pa.table({"sku_name": ["SKU"]})}
        with pytest.raises(TableError, match=f"is no {name} of a bill: it has no column {column}; it has"):
            asked.with_billing(lacking)
        with pytest.raises(TableError, match=f"it has no column {column}"):
            asked.overview(billing=lacking)


@pytest.mark.parametrize(
    ("given", "got"),
    [("x", "got str"), ([1], "got list"), ({}, "'usage' and 'list_prices' is missing"), (5, "got int")],
)
def test_no_bill_at_all(given: Any, got: str) -> None:
    asked = table([call(0, HOUR)])
    for ask in (asked.with_billing, lambda tables: asked.overview(billing=tables)):
        with pytest.raises(TableError, match="expected a dict with 'usage' and 'list_prices'") as error:
            ask(given)
        assert got in str(error.value)
    assert asked.overview(billing=False).totals.cost_basis.item() == "unknown"


@pytest.mark.parametrize("days", [-1, 0, "7", float("inf"), float("nan"), 1e7, True, [7]])
def test_no_number_of_days(days: Any) -> None:
    with pytest.raises(TableError, match="expected how many days back, such as 7") as error:
        table([call(0, HOUR)]).overview(days=days)
    assert str(error.value).startswith(f"overview(days={days!r})")
