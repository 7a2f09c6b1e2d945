"""Usage and billing tables beside an inference table: the same join on DuckDB and on a real Spark."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

import nbext

from ..inference_table import samples
from .test_spark import FRAMES

if TYPE_CHECKING:
    from pathlib import Path

UTC = pa.timestamp("us", tz="UTC")
TAGS = pa.map_(pa.string(), pa.string())
HOUR = timedelta(hours=1)


def endpoint_usage() -> pa.Table:
    """A row for most requests; one of them twice, with other counts, and one of a request not logged."""
    logged = {row["databricks_request_id"]: row for row in samples.serving_rows()}
    rows = [
        {
            "databricks_request_id": identity,
            "request_time": row["request_time"],
            "status_code": str(row["status_code"]),
            "input_token_count": 0 if row["status_code"] >= 400 else 1000 + n,
            "output_token_count": 0 if row["status_code"] >= 400 else 100 + n,
            "usage_context": {"team": f"t{n % 2}"} if n % 3 else None,
            "client_request_id": f"own-{n}" if n % 4 == 0 else None,
        }
        for n, (identity, row) in enumerate(logged.items())
        if n % 5
    ]
    later = {**rows[0], "request_time": rows[0]["request_time"] + timedelta(seconds=1)}
    later |= {"input_token_count": 7777, "output_token_count": 77}
    rows += [later, {**rows[1], "databricks_request_id": "nobody"}]
    names = ("databricks_request_id", "status_code", "client_request_id")
    fields = [*((name, pa.string()) for name in names), ("request_time", UTC), ("usage_context", TAGS)]
    counts = [(name, pa.int64()) for name in ("input_token_count", "output_token_count")]
    return pa.Table.from_pylist(rows, pa.schema([*fields, *counts]))


def served_entities() -> pa.Table:
    """Both entities; one was changed, and its newest row holds."""
    rows = [
        {
            "served_entity_id": f"{n:032x}",
            "endpoint_name": endpoint,
            "served_entity_name": f"entity-{n}",
            "entity_name": "system.ai.llama",
            "entity_type": "FOUNDATION_MODEL",
            "change_time": samples.START - timedelta(days=days),
        }
        for n, endpoint, days in ((0, "before", 9), (0, "chat", 2), (1, "search", 5))
    ]
    names = [name for name in rows[0] if name != "change_time"]
    schema = pa.schema([*((name, pa.string()) for name in names), ("change_time", UTC)])
    return pa.Table.from_pylist(rows, schema)


def gateway_usage() -> pa.Table:
    """The usage table of the other route, for every second request."""
    rows = [
        {
            "request_id": row["request_id"],
            "event_time": row["event_time"],
            "input_tokens": 500 + n,
            "output_tokens": 50 + n,
            "total_tokens": 550 + 2 * n,
            "request_tags": {"team": f"u{n % 2}"},
            "endpoint_name": f"main.llm.service-{n % 2}",
            "time_to_first_byte_ms": 5 + n,
        }
        for n, row in enumerate(samples.unity_rows())
        if n % 2
    ]
    fields = [("request_id", pa.string()), ("event_time", UTC), ("endpoint_name", pa.string())]
    counts = ("input_tokens", "output_tokens", "total_tokens", "time_to_first_byte_ms")
    schema = pa.schema([*fields, ("request_tags", TAGS), *((name, pa.int64()) for name in counts)])
    return pa.Table.from_pylist(rows, schema)


def usage() -> pa.Table:
    """What was billed: two hours of one endpoint, one of another, and one of another product."""
    first = samples.START.replace(minute=0, second=0, microsecond=0)
    billed = (("demo-chat", 0, 2.0, "MODEL_SERVING"), ("demo-chat", 1, 4.0, "MODEL_SERVING"))
    others = (("search", 0, 3.0, "AI_GATEWAY"), ("demo-chat", 0, 900.0, "JOBS"))
    rows = [
        {
            "sku_name": "SKU",
            "cloud": "AWS",
            "usage_start_time": first + hour * HOUR,
            "usage_end_time": first + (hour + 1) * HOUR,
            "usage_quantity": quantity,
            "usage_metadata": {"endpoint_name": endpoint},
            "billing_origin_product": product,
        }
        for endpoint, hour, quantity, product in (*billed, *others)
    ]
    return _with_times(rows)


def list_prices() -> pa.Table:
    """Two prices of the unit, the first of which ended before, and one in another currency."""
    kinds = ((90, 8, 99.0, "USD"), (8, None, 0.5, "USD"), (8, None, 70.0, "EUR"))
    rows = [
        {
            "sku_name": "SKU",
            "cloud": "AWS",
            "currency_code": currency,
            "pricing": {"default": 1.0, "effective_list": {"default": price}},
            "price_start_time": samples.START - timedelta(days=since),
            "price_end_time": None if until is None else samples.START - timedelta(days=until),
        }
        for since, until, price, currency in kinds
    ]
    return _with_times(rows)


def _with_times(rows: list[dict[str, Any]]) -> pa.Table:
    found = pa.Table.from_pylist(rows)
    for at, name in enumerate(found.schema.names):
        if name.endswith("_time"):
            found = found.set_column(at, name, found.column(name).cast(UTC))
    return found


TABLES = (endpoint_usage, served_entities, gateway_usage, usage, list_prices)
BESIDE = {"serving": ("endpoint_usage", "served_entities"), "unity": ("gateway_usage",)}


@pytest.fixture(scope="module")
def beside(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The tables for each engine."""
    folder = tmp_path_factory.mktemp("beside")
    paths = {make.__name__: folder / f"{make.__name__}.parquet" for make in TABLES}
    for make in TABLES:
        pa.parquet.write_table(make(), paths[make.__name__])
    return {
        "DuckDB": dict(paths),
        "Spark": {name: spark.read.parquet(str(path)) for name, path in paths.items()},
    }


def both(spark: Any, path: Path) -> list[Any]:
    """The table on either engine."""
    found = [nbext.inference_table(path), nbext.inference_table(spark.read.parquet(str(path)))]
    assert [table.engine.name for table in found] == ["DuckDB", "Spark"]
    return found


@pytest.mark.parametrize("kind", BESIDE)
def test_usage(spark: Any, parquet: dict[str, Path], beside: dict[str, Any], kind: str) -> None:
    here, there = (
        table.with_usage({name: beside[table.engine.name][name] for name in BESIDE[kind]})
        for table in both(spark, parquet[kind])
    )
    assert here.usage.missing == there.usage.missing == ()
    frame = here.calls_df()
    pd.testing.assert_frame_equal(there.calls_df(), frame)
    assert frame["input_tokens"].ge(500).sum() > 10
    filtered = "input_tokens > 500 AND output_tokens < 150"
    few = here.where(filtered).calls_df()
    pd.testing.assert_frame_equal(there.where(filtered).calls_df(), few)
    assert 0 < len(few) < len(frame)
    counted, asked = (table.overview(since="2026-01-01") for table in (here, there))
    assert len(counted.by_tag)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(asked, name), getattr(counted, name))


def test_requests_that_only_usage_has(spark: Any, parquet: dict[str, Path], tmp_path: Path) -> None:
    """Both engines say the same of what the inference table lacks, of either route."""
    makers = {"serving": samples.serving_rows, "unity": samples.unity_rows}
    named = {
        "serving": ("databricks_request_id", "request_time", "served_entity_id", "endpoint_usage"),
        "unity": ("request_id", "event_time", "endpoint_name", "gateway_usage"),
    }
    for kind, (identity, time, who, name) in named.items():
        rows = [
            {identity: row[identity], time: row[time], "status_code": 200, who: f"{n % 2}"}
            for n, row in enumerate(makers[kind]())
        ]
        rows += [{**row, identity: f"more-{n}", "status_code": 429} for n, row in enumerate(rows[3:10])]
        rows.append({**rows[-1], who: "another", identity: "another"})
        types = {identity: pa.string(), time: UTC, "status_code": pa.int32(), who: pa.string()}
        path = tmp_path / f"{name}.parquet"
        pa.parquet.write_table(pa.Table.from_pylist(rows, pa.schema(list(types.items()))), path)
        beside = {"DuckDB": path, "Spark": spark.read.parquet(str(path))}
        # Without a sample, of which it is no news that more is left out.
        whole = tmp_path / f"{kind}.parquet"
        logged = pa.parquet.read_table(parquet[kind])
        at = logged.schema.get_field_index("sampling_fraction")
        ones = pa.array([1.0] * len(logged))
        pa.parquet.write_table(logged.set_column(at, "sampling_fraction", ones), whole)
        for table in both(spark, whole):
            asked = table.with_usage({name: beside[table.engine.name]}).overview(since="2026-01-01")
            notes = [note for note in asked.numbers.notes if "more requests" in note]
            assert len(notes) == 1, table.engine.name
            assert notes[0].startswith("7 more requests of these endpoints are only in ")
            assert notes[0].endswith(", 7 of them with status 429: they are not counted here.")


def test_usage_after_a_result(spark: Any, parquet: dict[str, Path], beside: dict[str, Any]) -> None:
    """What was looked up of the table alone is not asked of the table with usage beside it."""
    for table in both(spark, parquet["serving"]):
        own = {name: beside[table.engine.name][name] for name in BESIDE["serving"]}
        fresh = nbext.inference_table(parquet["serving"]).with_usage(
            {name: beside["DuckDB"][name] for name in own}
        )
        assert table.count() == len(table.calls_df())
        assert len(table.since("2026-01-01").calls_df()) == table.count()
        for used in (table, table.since("2026-01-01"), table.limit(9)):
            used.calls_df()
            later = used.with_usage(own)
            assert later.calls_df()["input_tokens"].ge(500).any()
            assert len(later.spans_df()) >= len(later.calls_df())
        pd.testing.assert_frame_equal(table.with_usage(own).calls_df(), fresh.calls_df())


def test_what_the_usage_tables_tell(parquet: dict[str, Path], beside: dict[str, Any]) -> None:
    """Else equal frames could be equal and empty of it."""
    tables = {name: beside["DuckDB"][name] for name in BESIDE["serving"]}
    frame = nbext.inference_table(parquet["serving"]).with_usage(tables).calls_df()
    assert 7777 in set(frame["input_tokens"].dropna())
    assert set(frame["endpoint"].dropna()) == {"chat", "search"}


def test_billing(spark: Any, parquet: dict[str, Path], beside: dict[str, Any]) -> None:
    tables = both(spark, parquet["serving"])
    bills = [{name: beside[table.engine.name][name] for name in ("usage", "list_prices")} for table in tables]
    here, there = (table.with_billing(bill) for table, bill in zip(tables, bills, strict=True))
    assert here.rates.missing == there.rates.missing
    (note,) = here.rates.missing
    assert "hours of endpoints with calls are not in the bill" in note
    assert there.rates.billed == here.rates.billed
    assert here.rates.billed
    frame = here.calls_df()
    pd.testing.assert_frame_equal(there.calls_df(), frame)
    counted, asked = (
        table.overview(since="2026-01-01", billing=bill) for table, bill in zip(tables, bills, strict=True)
    )
    assert counted.totals.cost_basis.item() == "allocated"
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(asked, name), getattr(counted, name))
    # A window that cuts an hour, and one without a row.
    cuts = [
        table.between("2026-07-04 22:03", "2026-07-04 22:31").with_billing(bill)
        for table, bill in zip(tables, bills, strict=True)
    ]
    shares = cuts[0].calls_df().set_index("call_id")["cost_usd"]
    pd.testing.assert_frame_equal(cuts[1].calls_df(), cuts[0].calls_df())
    assert "allocated" in set(cuts[0].calls_df()["cost_basis"])
    pd.testing.assert_series_equal(frame.set_index("call_id")["cost_usd"][shares.index], shares)
    for table, bill in zip(tables, bills, strict=True):
        assert table.since("1h").with_billing(bill).calls() == []
        at_rest = table.overview(billing=bill).totals
        pd.testing.assert_frame_equal(at_rest, counted.totals)


def test_usage_and_billing_together(spark: Any, parquet: dict[str, Path], beside: dict[str, Any]) -> None:
    made = []
    for table in both(spark, parquet["serving"]):
        own = beside[table.engine.name]
        joined = table.with_usage({name: own[name] for name in BESIDE["serving"]})
        made.append(joined.with_billing({name: own[name] for name in ("usage", "list_prices")}).calls_df())
    here, there = made
    pd.testing.assert_frame_equal(there, here)
    assert "allocated" in set(here["cost_basis"])
