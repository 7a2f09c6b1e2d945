"""The same question on DuckDB and on a real Spark gives the same frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import nbext
from nbext.engines import EngineError

from . import samples

if TYPE_CHECKING:
    from pathlib import Path

VERBS: dict[str, Any] = {
    "everything": lambda t: t,
    "since": lambda t: t.since("2026-07-05"),
    "between": lambda t: t.between("2026-07-04 23:00", "2026-07-05 01:00:00.010"),
    "where": lambda t: t.where("status_code >= 400 AND response LIKE '%error%'"),
    "where derived": lambda t: t.where("input_tokens > 4 AND output_tokens < 10 AND status = 'ok'"),
    "where json": lambda t: (
        t.where("request->>'$.max_tokens' = '64'").where("response->>'$.model' LIKE 'meta%'")
    ),
    "where words": lambda t: t.where("contains(lower(request), 'größe') OR starts_with(response, '<html')"),
    "where regexp": lambda t: t.where("regexp_matches(response, '\"finish_reason\": *\"tool_calls\"')"),
    "where not null": lambda t: t.where("response IS NOT NULL AND NOT (status_code IN (200, 429))"),
    "where arithmetic": lambda t: t.where("abs(status_code - 450) * 2 + 1 < 101.5 OR length(response) = 2"),
    "where times": lambda t: t.where("request_time > '2026-07-04 23:10' AND time < TIMESTAMP '2026-07-05'"),
    "where hours": lambda t: t.where("date_trunc('hour', request_time) = '2026-07-05 01:00'"),
    "where flags": lambda t: t.where("regexp_matches(requester, 'USER1', 'i') OR requester ~* 'USER2'"),
    "where lists": lambda t: (
        t.where("len(logging_error_codes) > 0 AND 'MAX_RESPONSE_SIZE_EXCEEDED' IN logging_error_codes")
    ),
    "where nothing": lambda t: t.where("status_code NOT IN () AND NOT 1 / (status_code - 200) < 0"),
    "where joined": lambda t: t.where("(status_code > 400) = (status_code > 403)"),
    "where escape": lambda t: t.where("response LIKE '%\\_limit\\_%' ESCAPE '\\'"),
    "where true": lambda t: t.where("(true)"),
    "endpoint": lambda t: t.endpoint("demo-chat", "ep-1", "system.ai.model-1"),
    "errors": lambda t: t.errors(),
    "blocked": lambda t: t.blocked(),
    "rate_limited": lambda t: t.rate_limited(),
    "slowest": lambda t: t.slowest(6),
    "sample": lambda t: t.sample(7),
    "sample seed": lambda t: t.sample(7, seed=3),
    "search": lambda t: t.search('"capital of" FRANCE'),
    "search unicode": lambda t: t.search("東京 größe"),
    "search any case": lambda t: t.search("GRÖßE"),
    "all of them": lambda t: t.slowest(2**40).limit(2**40),
    "limit": lambda t: t.limit(5),
    "composed": lambda t: t.since("2026-07-04").where("status_code < 500").slowest(20)
    .where("status_code = 200").sample(9).limit(4),
}  # fmt: skip


@pytest.fixture(scope="session")
def tables(spark: Any, parquet: dict[str, Path]) -> dict[str, tuple[Any, Any]]:
    """Each flavour on DuckDB and on Spark."""
    return {
        kind: (nbext.inference_table(path), nbext.inference_table(spark.read.parquet(str(path))))
        for kind, path in parquet.items()
    }


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["serving"])
def test_equal_frames(tables: Any, kind: str, verb: str) -> None:
    here, there = (VERBS[verb](table) for table in tables[kind])
    assert there.engine.name == "Spark"
    expected = here.calls_df()
    pd.testing.assert_frame_equal(there.calls_df(), expected)
    assert len(expected)


# Those that name no column of one flavour.
@pytest.mark.parametrize(
    "verb",
    [
        "everything",
        "since",
        "between",
        "where derived",
        "where words",
        "endpoint",
        "errors",
        "blocked",
        "rate_limited",
        "slowest",
        "sample",
        "search unicode",
        "limit",
        "composed",
    ],
)
@pytest.mark.parametrize("kind", ["unity", "legacy"])
def test_equal_frames_of_other_flavours(tables: Any, kind: str, verb: str) -> None:
    here, there = (VERBS[verb](table) for table in tables[kind])
    expected = here.calls_df()
    pd.testing.assert_frame_equal(there.calls_df(), expected)
    assert len(expected)


def test_requester_and_entries(tables: Any) -> None:
    for ask in (
        lambda t: t.requester("user1@example.com"),
        lambda t: t.where("request_tags['team'] = 't1'"),
    ):
        here, there = (ask(table) for table in tables["unity"])
        pd.testing.assert_frame_equal(there.calls_df(), here.calls_df())


@pytest.mark.parametrize("kind", ["serving", "unity", "legacy"])
def test_equal_frames_of_every_grain(tables: Any, kind: str) -> None:
    here, there = tables[kind]
    for name in ("messages_df", "tool_calls_df", "attempts_df", "spans_df"):
        expected = getattr(here, name)()
        pd.testing.assert_frame_equal(getattr(there, name)(), expected, obj=name)
        assert len(expected), name
    assert [t.trace_id for t in there.traces()] == [t.trace_id for t in here.traces()]


@pytest.mark.parametrize("kind", ["serving", "unity"])
def test_equal_joins(tables: Any, kind: str) -> None:
    joined = [nbext.join(tables[kind][0].calls(), table) for table in tables[kind]]
    here, there = joined[0].df(), joined[1].df()
    pd.testing.assert_frame_equal(there, here)
    assert joined[1].found.joined.matched == joined[0].found.joined.matched > 10


def test_equal_calls_and_aggregates(tables: Any) -> None:
    for kind, (here, there) in tables.items():
        assert there.calls() == here.calls(), kind
        sql = (
            "SELECT status, count(*) AS n, sum(input_tokens) AS i FROM calls GROUP BY status ORDER BY status"
        )
        assert there.aggregate(sql).to_pylist() == here.aggregate(sql).to_pylist(), kind
        assert there.count() == here.count()


@pytest.mark.parametrize(
    "text",
    [
        "it's",
        "a\\b",
        "'; DROP TABLE x; --",
        "%_",
        "\\' OR 1=1 --",
        "日本 — “x”",
        "line\nbreak",
        "\\",
        "${x} $1",
    ],
)
def test_hostile_literals(spark: Any, text: str) -> None:
    rows = samples.serving_rows()[:4]
    rows[1]["requester"] = text
    rows[1]["request"] = '{"messages": [{"role": "user", "content": "find me"}]}'
    frame = samples.pa.Table.from_pylist(rows, schema=samples.A_SCHEMA)
    table = nbext.inference_table(frame, engine=spark)
    quoted = text.replace("'", "''")
    for asked in (
        table.where(f"requester = '{quoted}'"),
        table.requester(text),
        table.where(f"contains(requester, '{quoted}')"),
    ):
        assert [call.facts.requester for call in asked.calls()] == [text]


def test_the_users_time_zone_stays(spark: Any, tables: Any) -> None:
    tables["serving"][1].limit(2).calls_df()
    assert spark.conf.get("spark.sql.session.timeZone") == "America/New_York"


def test_a_table_by_name(spark: Any, parquet: dict[str, Path]) -> None:
    spark.read.parquet(str(parquet["serving"])).createOrReplaceTempView("payload_view")
    spark.sql("CREATE DATABASE IF NOT EXISTS llm")
    spark.read.parquet(str(parquet["serving"])).write.mode("overwrite").saveAsTable("llm.demo_payload")
    table = nbext.inference_table("llm.demo_payload")
    assert table.engine.name == "Spark"
    assert len(table.limit(3).calls()) == 3
    assert "FROM `llm`.`demo_payload`" in table.sql or "FROM llm.demo_payload" in table.sql


def test_not_a_table(spark: Any) -> None:
    with pytest.raises(EngineError, match=r"could not read llm\.nowhere.*check the name") as caught:
        nbext.inference_table("llm.nowhere", engine=spark)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("/no/such/place", "there is no table at /no/such/place that this process can see"),
        ("s3://bucket/log", "no Delta Lake: add delta-spark to it, or read with engine='duckdb'"),
        ("", "'' names no table: expected catalog.schema.table"),
        (5, "5 is no table: expected catalog.schema.table"),
        ([1], "a list is no table: expected .*; make a frame of rows with pandas.DataFrame"),
    ],
)
def test_what_spark_cannot_read_is_one_line(spark: Any, source: Any, line: str) -> None:
    with pytest.raises(EngineError, match=line) as caught:
        nbext.inference_table(source, engine=spark)
    assert "\n" not in str(caught.value)
    assert "An error occurred" not in str(caught.value)


@pytest.mark.parametrize("condition", ["requester = 5", "cast(request as int) > 1"])
def test_values_that_do_not_fit_name_the_condition(tables: Any, condition: str) -> None:
    for table in tables["serving"]:
        with pytest.raises(EngineError) as caught:
            table.where(condition).calls_df()
        assert f"where({condition!r}) cannot be told of every row: " in str(caught.value)
        assert "\n" not in str(caught.value)


def test_conditions_that_are_a_name_or_a_word_alone(spark: Any, parquet: dict[str, Path]) -> None:
    """Spark would take a name in brackets behind WHERE for one of a table called so."""
    frame = spark.read.parquet(str(parquet["serving"])).withColumn("mine", _sql("status_code >= 400"))
    table = nbext.inference_table(frame)
    errors = table.where("status_code >= 400").count()
    assert table.where("mine").count() == table.where("(Mine)").count() == errors > 0
    assert table.where("null").count() == table.where("false").count() == 0


def test_names_with_a_hyphen(spark: Any, parquet: dict[str, Path]) -> None:
    spark.read.parquet(str(parquet["serving"])).createOrReplaceTempView("`pay-load`")
    for name in ("pay-load", "`pay-load`"):
        assert nbext.inference_table(name, engine=spark).limit(2).count() == 2
    with pytest.raises(EngineError, match="check the name"):
        nbext.inference_table("my-cat.llm.payload", engine=spark)


@pytest.mark.parametrize(
    "form",
    [
        "request_tags",
        "map_entries(request_tags)",
        "transform(map_entries(request_tags), x -> array(x.key, x.value))",
        "array(array('x'), array(), array('team', request_tags['team']))",
        "to_json(request_tags)",
        "to_json(map_entries(request_tags))",
        "to_json(transform(map_entries(request_tags), x -> array(x.key, x.value)))",
        "named_struct('team', request_tags['team'])",
    ],
)
def test_entries_of_pairs(spark: Any, parquet: dict[str, Path], tables: Any, form: str) -> None:
    frame = spark.read.parquet(str(parquet["unity"])).withColumn("request_tags", _sql(form))
    table = nbext.inference_table(frame)
    for condition in ("request_tags['team'] = 't1'", "request_tags['team'] IS NULL"):
        expected = {call.call_id for call in tables["unity"][0].where(condition).calls()}
        assert {call.call_id for call in table.where(condition).calls()} == expected != set()


def test_codes_that_came_as_text(spark: Any, parquet: dict[str, Path]) -> None:
    frame = spark.read.parquet(str(parquet["serving"]))
    frame = frame.withColumn("logging_error_codes", _sql("to_json(logging_error_codes)"))
    asked = nbext.inference_table(frame).where("len(logging_error_codes) > 0")
    assert [call.facts.truncated for call in asked.calls()] == [["MAX_RESPONSE_SIZE_EXCEEDED"]]


def test_objects_of_a_pandas_frame(spark: Any) -> None:
    rows = samples.unity_rows()[:9]
    rows[4] |= {"request_tags": [("team", "x")], "logging_error_codes": ["A"]}
    rows[5]["request_tags"] = None
    table = nbext.inference_table(pd.DataFrame(rows), engine=spark)
    asked = table.where("request_tags['team'] = 'x' AND list_contains(logging_error_codes, 'A')")
    assert [call.facts.request_id for call in asked.calls()] == [rows[4]["request_id"]]
    assert table.count() == len(rows)


def test_texts_that_are_not_what_they_should_be(spark: Any) -> None:
    """One such row changes nothing for the others."""
    rows = [samples.strings(row) for row in samples.serving_rows()]
    wrong = {"status_code": "abc", "execution_duration_ms": "", "request_time": "?", "request_date": "x"}
    for at, (name, text) in enumerate(wrong.items(), 3):
        rows[at][name] = text
    here, there = (nbext.inference_table(pd.DataFrame(rows), engine=one) for one in ("duckdb", spark))
    for verb in ("everything", "since", "where words", "errors", "slowest", "limit", "composed"):
        expected = VERBS[verb](here).calls_df()
        pd.testing.assert_frame_equal(VERBS[verb](there).calls_df(), expected, obj=verb)
        assert len(expected)


def _sql(text: str) -> Any:
    from pyspark.sql import functions

    return functions.expr(text)
