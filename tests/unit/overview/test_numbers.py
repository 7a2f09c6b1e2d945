"""The numbers of an overview are those of the calls behind it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

import nbext
from nbext.sources.inference_table import TableError

from ..inference_table import samples
from ..join.conftest import serve, table_of, traced

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["serve"]

ASKS = [
    {"model": model, "text": "word " * (i % 7 + 1), "streamed": i % 2 == 0}
    for i, model in enumerate(
        ("demo-chat", "demo-chat", "demo-429", "demo-budget", "demo-500", "demo-embed", "demo-fallback") * 3
    )
]
GROUPS = {"by_endpoint": "endpoint", "by_requester": "requester"}


@pytest.fixture(scope="module", params=["serving", "unity"])
def logged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A table of either route, written by the stand-in."""
    folder = tmp_path_factory.mktemp(request.param)
    with nbext.gateway.serve(tables=folder, speed=500.0, stream_form="mixed") as gw:
        tags = (
            {"extra_body": {"usage_context": {"team": "support"}}}
            if request.param == "serving"
            else {"extra_headers": {"Databricks-Ai-Gateway-Request-Tags": '{"team": "support"}'}}
        )
        asks = [{**one, **(tags if i % 3 == 0 else {})} for i, one in enumerate(ASKS)]
        traced(gw, request.param, asks, max_retries=0)
        yield table_of(gw, request.param), gw.tables


def test_totals_are_those_of_the_calls(logged: Any) -> None:
    table, _ = logged
    calls = table.calls_df()
    totals = table.overview(days=1).totals.iloc[0]
    assert totals.requests == len(calls) == len(ASKS)
    assert totals.errors == (calls.status == "error").sum() > 0
    assert totals.rate_limited == (calls.status == "rate_limited").sum() > 0
    assert totals.blocked == (calls.status == "blocked").sum() > 0
    answered = calls[calls.status == "ok"]
    assert totals.input_tokens == answered.input_tokens.sum()
    assert totals.output_tokens == answered.output_tokens.sum()
    assert totals.cost_usd == pytest.approx(answered.cost_usd.sum())
    assert (totals.cost_basis, totals.cost_partial) == ("listed", False)
    for share in (50, 95, 99):
        exact = answered.duration_ms.quantile(share / 100, interpolation="lower")
        upper = answered.duration_ms.quantile(share / 100, interpolation="higher")
        assert exact * 0.994 <= totals[f"p{share}_ms"] <= upper * 1.006 + 0.5


@pytest.mark.parametrize("usage", [False, True])
def test_groups_add_up(logged: Any, usage: bool) -> None:
    table, folder = logged
    table = table.with_usage(folder) if usage else table
    overview = table.overview(days=1)
    totals = overview.totals.iloc[0]
    for frame in (overview.over_time, overview.by_endpoint, overview.by_entity, overview.by_requester):
        assert frame.requests.sum() == totals.requests
        assert frame.rate_limited.sum() == totals.rate_limited
        assert frame.input_tokens.sum() == totals.input_tokens
        assert frame.cost_usd.sum() == pytest.approx(totals.cost_usd)
    assert set(overview.by_endpoint.endpoint) == {ask["model"] for ask in ASKS}
    assert set(overview.by_requester.requester) == {"analyst@example.com"}


def test_tags(logged: Any) -> None:
    table, folder = logged
    tagged = table.with_usage(folder).overview(days=1).by_tag
    assert list(zip(tagged.tag, tagged.value, tagged.requests, strict=True)) == [("team", "support", 7)]


def test_names_of_entities_come_from_the_usage_tables(logged: Any) -> None:
    table, folder = logged
    frame = table.with_usage(folder).overview(days=1).by_entity
    assert "00000" not in "".join(frame.entity)
    names = set(frame.entity)
    assert names & {"databricks-claude-sonnet-4-5", "system.ai.claude-sonnet-4-5"}


def test_time_to_first_byte_on_the_unity_route_only(logged: Any) -> None:
    table, _ = logged
    overview = table.overview(days=1)
    known = table.flavour.name == "unity"
    for frame in (overview.totals, overview.over_time, overview.by_endpoint, overview.by_requester):
        assert frame.ttfb_p50_ms.notna().any() == known


def test_every_filter_of_the_view_gives_the_calls_behind_it(logged: Any) -> None:
    table, _ = logged
    overview = table.overview(days=1)
    frame = overview.by_endpoint.set_index("endpoint")
    for endpoint in frame.index:
        answer = overview._calls({"grain": "endpoint", "value": endpoint})
        assert answer["total"] == frame.requests[endpoint]
        numbers = overview._answer({"grain": "endpoint", "value": endpoint})
        assert numbers["totals"]["requests"] == frame.requests[endpoint]
        assert numbers["filter"] == {"grain": "endpoint", "value": endpoint}
    for status, column in (("errors", "errors"), ("limited", "rate_limited"), ("blocked", "blocked")):
        assert overview._calls({"status": status})["total"] == frame[column].sum()
    first = overview.numbers.buckets[0][0] / 1e6
    window = {"from": first, "to": first + overview.numbers.step_ns / 1e6}
    assert overview._calls(window)["total"] == overview.over_time.requests[0]
    with pytest.raises(TableError, match="no status 'odd'"):
        overview._calls({"status": "odd"})


def test_the_python_of_a_mark_gives_the_same_calls(logged: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    table, _ = logged
    overview = table.overview(days=1)
    for ask in (
        {"grain": "endpoint", "value": "demo-chat"},
        {"status": "limited"},
        {"grain": "requester", "value": "analyst@example.com"},
    ):
        answer = overview._calls(ask)
        assert len(eval(answer["code"], {"nbext": nbext})) == answer["total"]


def write(path: Path, rows: list[dict[str, Any]]) -> Any:
    pa.parquet.write_table(pa.Table.from_pylist(rows, samples.A_SCHEMA), path)
    return nbext.inference_table(path)


def row(number: int, **given: Any) -> dict[str, Any]:
    moment = samples.START
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    answer = {"id": f"c{number}", "object": "chat.completion", "model": "m", "choices": [], "usage": usage}
    return {
        "databricks_request_id": f"id-{number}",
        "request_date": moment.date(),
        "request_time": moment,
        "status_code": 200,
        "sampling_fraction": 1.0,
        "execution_duration_ms": 100 + number,
        "request": json.dumps({"model": "ep", "messages": []}),
        "response": json.dumps(answer),
        "logging_error_codes": [],
        "served_entity_id": "e" * 32,
        "requester": "a@example.com",
        **given,
    }


def test_sampled_rows_are_weighted(tmp_path: Path) -> None:
    table = write(tmp_path / "t.parquet", [row(i, sampling_fraction=0.1) for i in range(5)] + [row(9)])
    overview = table.overview(since="2026-01-01")
    assert overview.totals.requests.item() == 51
    assert overview.totals.input_tokens.item() == 5100
    assert overview.numbers.sampled
    assert overview._wire()["sampled"] is True


def test_a_request_delivered_twice_counts_once(tmp_path: Path) -> None:
    rows = [row(0), row(1), row(1), row(2), row(2), row(2), row(3, databricks_request_id=None)]
    overview = write(tmp_path / "t.parquet", rows).overview(since="2026-01-01")
    assert overview.totals.requests.item() == 4
    assert overview.totals.output_tokens.item() == 40


def test_cost_bases(tmp_path: Path) -> None:
    table = write(tmp_path / "t.parquet", [row(i) for i in range(3)])
    unknown = table.overview(since="2026-01-01").totals.iloc[0]
    assert (unknown.cost_basis, pd.isna(unknown.cost_usd)) == ("unknown", True)
    table.prices = {"ep": {"input": 1.0, "output": 10.0}}
    custom = table.overview(since="2026-01-01").totals.iloc[0]
    assert custom.cost_basis == "custom"
    assert custom.cost_source == "your price table: ep"
    assert custom.cost_usd == pytest.approx(3 * (100 + 100) / 1e6)


def test_an_unknown_price_makes_a_lower_bound(tmp_path: Path) -> None:
    other = row(7, request=json.dumps({"model": "other"}), served_entity_id="f" * 32)
    table = write(tmp_path / "t.parquet", [row(0), other])
    table.prices = {"ep": {"input": 1.0, "output": 10.0}}
    overview = table.overview(since="2026-01-01")
    assert overview.totals.cost_partial.item()
    assert overview._wire()["totals"]["partial"] is True
    by = overview.by_endpoint.set_index("endpoint")
    assert pd.isna(by.cost_usd["other"])


def billing(tmp_path: Path, usd: float) -> dict[str, Any]:
    hour = samples.START
    later = hour + pd.Timedelta(hours=1).to_pytimedelta()
    usage = {
        "sku_name": "SKU",
        "cloud": "AWS",
        "usage_start_time": hour,
        "usage_end_time": later,
        "usage_quantity": 2.0,
        "usage_metadata": {"endpoint_name": "ep"},
        "billing_origin_product": "MODEL_SERVING",
    }
    price = {
        "sku_name": "SKU",
        "cloud": "AWS",
        "currency_code": "USD",
        "pricing": {"default": 99.0, "effective_list": {"default": usd / 2}},
        "price_start_time": hour - pd.Timedelta(days=9).to_pytimedelta(),
        "price_end_time": None,
    }
    return {"usage": pa.Table.from_pylist([usage]), "list_prices": pa.Table.from_pylist([price])}


def test_what_was_billed_is_shared_out_by_tokens(tmp_path: Path) -> None:
    rows = [row(0), row(1, requester="b@example.com"), row(2), row(3)]
    table = write(tmp_path / "t.parquet", rows)
    overview = table.overview(since="2026-01-01", billing=billing(tmp_path, 8.0))
    totals = overview.totals.iloc[0]
    assert (totals.cost_basis, totals.cost_usd) == ("allocated", pytest.approx(8.0))
    by = overview.by_requester.set_index("requester")
    assert by.cost_usd["b@example.com"] == pytest.approx(2.0)
    # The bill is for all calls, so a part of them gets its part of it.
    part = table.requester("b@example.com").overview(since="2026-01-01", billing=billing(tmp_path, 8.0))
    assert part.totals.cost_usd.item() == pytest.approx(2.0)


def test_calls_get_their_share_of_the_bill(tmp_path: Path) -> None:
    elsewhere = row(5, request=json.dumps({"model": "other"}), served_entity_id="f" * 32)
    table = write(tmp_path / "t.parquet", [row(0), row(1), elsewhere]).with_billing(billing(tmp_path, 8.0))
    frame = table.calls_df().set_index("endpoint")
    assert list(frame.cost_usd["ep"]) == [pytest.approx(4.0)] * 2
    assert list(frame.cost_basis["ep"]) == ["allocated", "allocated"]
    assert frame.cost_basis["other"] == "unknown"
    assert pd.isna(frame.cost_usd["other"])
    # The bill is for all calls of the endpoint, however few are asked for.
    one = table.where("execution_duration_ms = 100").calls()
    assert [call.cost.usd for call in one] == [pytest.approx(4.0)]


def test_a_bill_that_may_not_be_read_is_said_and_list_prices_stay(tmp_path: Path) -> None:
    overview = write(tmp_path / "t.parquet", [row(0)]).overview(since="2026-01-01", billing=True)
    (note,) = overview.numbers.notes
    assert "GRANT USE SCHEMA, SELECT ON SCHEMA system.billing" in note
    assert overview.totals.cost_basis.item() == "unknown"


def test_hostile_rows_change_nothing_but_themselves(tmp_path: Path) -> None:
    plain = [row(i) for i in range(4)]
    hostile = [
        '{"usage": {"prompt_tokens": "NaN", "completion_tokens": 1e999, "total_tokens": -5}}',
        '{"usage": {"prompt_tokens": 99999999999999999999, "completion_tokens": "Infinity"}}',
        "{" * 50_000,
        '{"a": "\\ud800', "'; DROP TABLE calls; --", "", "\x00", "[1, 2", "null",
        'data: {"usage": {"completion_tokens": ' + "9" * 400 + "}}",
    ]  # fmt: skip
    rows = plain + [row(100 + i, response=text) for i, text in enumerate(hostile)]
    overview = write(tmp_path / "t.parquet", rows).overview(since="2026-01-01")
    totals = overview.totals.iloc[0]
    assert totals.requests == len(rows)
    assert (totals.input_tokens, totals.output_tokens) == (400, 40)


def test_nothing_in_the_window(tmp_path: Path) -> None:
    table = write(tmp_path / "t.parquet", [row(0)])
    overview = table.overview(days=0.001)
    assert overview.totals.requests.item() == 0
    assert len(overview.over_time) == len(overview.by_endpoint) == 0
    assert "No requests from" in overview._repr_mimebundle_()["text/plain"]
    # With no window asked for, a table that has come to rest is shown up to its end.
    assert table.overview().totals.requests.item() == 1


@pytest.mark.parametrize("kind", sorted(samples.TABLES))
@pytest.mark.parametrize("rows", [1, 6, None])
def test_a_table_at_rest_is_shown_with_its_newest_row(kind: str, rows: int | None) -> None:
    table = nbext.inference_table(samples.arrow(kind).slice(0, rows))
    whole = table.overview(since="2026-01-01").totals.requests.item()
    assert table.overview().totals.requests.item() == whole > 0


def test_not_a_moment(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="'yesterday' is no moment"):
        write(tmp_path / "t.parquet", [row(0)]).overview(since="yesterday")
    with pytest.raises(TableError, match=r"overview\(days=7, since='1h'\): give one of the two"):
        write(tmp_path / "t.parquet", [row(0)]).overview(days=7, since="1h")
