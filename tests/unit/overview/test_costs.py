"""The cost of an overview is that of the calls behind it, whoever answered and whatever a cache held."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

import nbext
from nbext.sources.inference_table.overview import numbers as counting
from nbext.sources.inference_table.overview import statement

from ..inference_table import samples
from .test_spark import FRAMES

if TYPE_CHECKING:
    from pathlib import Path

MODELS = ("claude-opus-4-1", "gpt-4o-mini", "gpt-4o-mini")
SPENT = {"prompt_tokens": 1000, "completion_tokens": 1000, "total_tokens": 2000}
CACHED = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
WRITTEN = {**CACHED, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 100_000}
UTC = pa.timestamp("us", tz="UTC")


def answer(model: str | None = "claude-sonnet-4-5", usage: Any = None) -> str:
    said = {"id": "c", "object": "chat.completion", "choices": [{"message": {"content": "yes"}}]}
    return json.dumps({**said, **({"model": model} if model else {}), "usage": usage or SPENT})


def row_a(n: int, response: str, status: int = 200, **given: Any) -> dict[str, Any]:
    """A row of route A, the newest first."""
    when = samples.START - timedelta(minutes=n)
    return {
        "databricks_request_id": f"id-{n}",
        "request_date": when.date(),
        "request_time": when,
        "status_code": status,
        "sampling_fraction": 1.0,
        "execution_duration_ms": 100 + n,
        "request": json.dumps({"messages": [{"role": "user", "content": "Yes?"}]}),
        "response": response,
        "served_entity_id": "e0",
        "requester": "analyst@example.com",
        **given,
    }


def row_b(n: int, response: str, model: str | None, **given: Any) -> dict[str, Any]:
    """A row of route B: one model service, whatever model it goes to."""
    when = samples.START - timedelta(minutes=n)
    return {
        "request_id": f"id-{n}",
        "event_time": when,
        "status_code": 200,
        "latency_ms": 100 + n,
        "request": json.dumps({"model": "main.llm.svc", "messages": [{"role": "user", "content": "Yes?"}]}),
        "response": response,
        "destination_name": "main.llm.svc",
        "destination_model": model,
        "requester": "analyst@example.com",
        **given,
    }


def read(rows: list[dict[str, Any]]) -> Any:
    return nbext.inference_table(pa.Table.from_pylist(rows))


def totals(table: Any) -> Any:
    return table.overview(since="2026-01-01").totals.iloc[0]


FORMS = {
    "one entity": lambda: [row_a(n, answer(MODELS[n % 3])) for n in range(6)],
    "no entity": lambda: [row_a(n, answer(MODELS[n % 3]), served_entity_id=None) for n in range(6)],
    "one service": lambda: [row_b(n, answer(MODELS[n % 3]), MODELS[n % 3]) for n in range(6)],
    "a title": lambda: [row_b(n, answer(MODELS[n % 3]), f"Model {n % 3}") for n in range(6)],
    "one title": lambda: [row_b(n, answer(MODELS[n % 3]), "Any Model") for n in range(6)],
    "no title": lambda: [row_b(n, answer(MODELS[n % 3]), None) for n in range(6)],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("listed", [True, False])
def test_each_model_has_its_price(monkeypatch: pytest.MonkeyPatch, form: str, listed: bool) -> None:
    table = read(FORMS[form]())
    monkeypatch.setattr(counting, "_MOST_LISTED", 10**6 if listed else 0)
    overview = table.overview(since="2026-01-01")
    assert ("AS bins" in overview.numbers.sql()) is listed
    usd = table.calls_df().cost_usd.sum()
    assert usd == pytest.approx(2 * 0.09 + 4 * 0.00075)
    for frame in (overview.totals, overview.over_time, overview.by_entity, overview.by_requester):
        assert frame.cost_usd.sum() == pytest.approx(usd)
    assert not overview.totals.cost_partial.item()


@pytest.mark.parametrize(
    ("newest", "older"),
    [
        ({}, {"served_entity_id": "e1"}),
        ({"served_entity_id": None}, {"served_entity_id": None}),
    ],
)
def test_models_that_are_among_older_calls_only(
    monkeypatch: pytest.MonkeyPatch, newest: dict[str, Any], older: dict[str, Any]
) -> None:
    monkeypatch.setattr(statement, "_SAMPLE", 3)
    rows = [row_a(n, answer(MODELS[1]), **newest) for n in range(3)]
    table = read(rows + [row_a(n, answer(MODELS[0]), **older) for n in range(3, 5)])
    assert totals(table).cost_usd == pytest.approx(table.calls_df().cost_usd.sum())


def test_older_models_of_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "_SAMPLE", 3)
    rows = [row_b(n, answer(MODELS[1 if n < 3 else 0]), MODELS[1 if n < 3 else 0]) for n in range(5)]
    assert totals(read(rows)).cost_usd == pytest.approx(read(rows).calls_df().cost_usd.sum())


def test_a_model_without_a_price_among_others_makes_a_lower_bound() -> None:
    rows = [row_a(n, answer(MODELS[0] if n else "acme-unheard-of-1")) for n in range(3)]
    found = totals(read(rows))
    assert (found.cost_usd, found.cost_partial) == (pytest.approx(2 * 0.09), True)


def test_an_entity_of_one_model_is_not_looked_for_in_the_answers() -> None:
    overview = read([row_a(n, answer(MODELS[0])) for n in range(3)]).overview(since="2026-01-01")
    assert "WHEN \"served_entity_id\" IN ('e0')" in overview.numbers.sql()


def test_what_is_written_to_a_cache_has_its_own_price() -> None:
    price = {"input": 3.0, "output": 15.0, "cached": 0.3, "cache_write": 3.75}
    nbext.configure(prices={"claude-sonnet-4-5": price})
    try:
        table = read([row_a(0, answer(usage=WRITTEN))])
    finally:
        nbext.configure(prices={})
    by_hand = (10 * 3 + 100_000 * 3.75 + 5 * 15) / 1e6
    assert totals(table).cost_usd == pytest.approx(by_hand)
    assert table.calls_df().cost_usd.item() == pytest.approx(by_hand)


def gateway_usage(row: dict[str, Any], details: Any) -> pa.Table:
    counted = {"input_tokens": 100_000, "output_tokens": 10, "total_tokens": 100_010}
    times = {"request_id": row["request_id"], "event_time": row["event_time"]}
    return pa.Table.from_pylist([{**times, **counted, "token_details": details}])


DETAILS = {"cache_read_input_tokens": 99_000, "cache_creation_input_tokens": 0, "output_reasoning_tokens": 0}


@pytest.mark.parametrize(
    "details", [DETAILS, json.dumps({**DETAILS, "cache_read_input_tokens": "99000"})], ids=["struct", "text"]
)
def test_what_a_cache_held_is_read_of_the_usage_table(details: Any) -> None:
    row = row_b(0, answer(), "claude-sonnet-4-5")
    table = read([row]).with_usage({"gateway_usage": gateway_usage(row, details)})
    assert table.calls_df().cost_usd.item() == pytest.approx(0.03285)
    assert totals(table).cost_usd == pytest.approx(0.03285)


def counted(rows: list[dict[str, Any]], *, sent: int, made: int) -> Any:
    """The table of these rows, beside a usage table that counted the same of each."""
    counts = {"input_token_count": sent, "output_token_count": made}
    beside = [
        {"databricks_request_id": row["databricks_request_id"], "request_time": row["request_time"], **counts}
        for row in rows
    ]
    return read(rows).with_usage({"endpoint_usage": pa.Table.from_pylist(beside)})


STREAM = [{"object": "chat.completion.chunk", "model": "claude-sonnet-4-5", "choices": [], "usage": None}]


@pytest.mark.parametrize("streamed", [False, True])
def test_a_usage_table_that_is_silent_about_caches(streamed: bool) -> None:
    usage = {"prompt_tokens": 9000, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 8000}}
    chunks = [{**STREAM[0], "usage": {**usage, "total_tokens": 9005}}]
    rows = [row_a(0, json.dumps(chunks) if streamed else answer(usage=usage)), row_a(1, answer())]
    table = counted(rows, sent=10_000, made=6)
    found = totals(table)
    assert (found.input_tokens, found.output_tokens) == (20_000, 12)
    assert found.cost_usd == pytest.approx(table.calls_df().cost_usd.sum())


def test_a_refusal_that_was_counted_as_nothing_is_not_known() -> None:
    rows = [row_a(n, '{"error_code": "X", "message": "a b"}', 429) for n in range(2)]
    table = counted(rows, sent=0, made=0)
    found = totals(table)
    assert found[["input_tokens", "output_tokens", "cost_usd"]].isna().all()
    assert found.cost_basis == "unknown"


@pytest.mark.parametrize("kind", ["serving", "unity"])
def test_spark_counts_the_same(spark: Any, tmp_path: Path, kind: str) -> None:
    if kind == "serving":
        rows = [row_a(n, answer(MODELS[n % 3]), served_entity_id="e0" if n % 2 else None) for n in range(12)]
    else:
        rows = [row_b(n, answer(MODELS[n % 3], WRITTEN), MODELS[n % 3] if n % 2 else None) for n in range(12)]
    path = tmp_path / "rows.parquet"
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows), path)
    here, there = nbext.inference_table(path), nbext.inference_table(spark.read.parquet(str(path)))
    if kind == "unity":
        usage = gateway_usage(rows[1], DETAILS)
        usage = usage.set_column(1, "event_time", usage["event_time"].cast(UTC))
        pyarrow.parquet.write_table(usage, tmp_path / "usage.parquet")
        here = here.with_usage({"gateway_usage": tmp_path / "usage.parquet"})
        usage = spark.read.parquet(str(tmp_path / "usage.parquet"))
        there = there.with_usage({"gateway_usage": usage})
    counted, asked = (table.overview(since="2026-01-01") for table in (here, there))
    assert counted.totals.cost_usd.item() == pytest.approx(here.calls_df().cost_usd.sum())
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(asked, name), getattr(counted, name))
