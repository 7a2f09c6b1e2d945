"""Local tables: Delta in its forms, Parquet, frames; and which engine is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import deltalake
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest

import nbext
from nbext.engines import EngineError, choose
from nbext.engines.choose import is_table_name
from nbext.engines.duckdb import DuckDBEngine

from ..inference_table import samples
from . import lake

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def rows() -> pa.Table:
    return samples.arrow("serving")


def same(source: Any, rows: pa.Table) -> None:
    pd.testing.assert_frame_equal(
        nbext.inference_table(source).calls_df(), nbext.inference_table(rows).calls_df()
    )


def test_delta(tmp_path: Path, rows: pa.Table) -> None:
    path = tmp_path / "it's a table"
    deltalake.write_deltalake(str(path), rows.slice(0, 20))
    deltalake.write_deltalake(str(path), rows.slice(20), mode="append")
    same(path, rows)
    same(str(path), rows)
    assert nbext.inference_table(path).relation.rows == rows.num_rows


def test_delta_by_partitions(tmp_path: Path, rows: pa.Table) -> None:
    deltalake.write_deltalake(str(tmp_path / "t"), rows, partition_by=["request_date"])
    same(tmp_path / "t", rows)
    table = nbext.inference_table(tmp_path / "t").since("2026-07-05")
    assert table.count() == nbext.inference_table(rows).since("2026-07-05").count() > 0


def test_an_older_version_is_not_read(tmp_path: Path, rows: pa.Table) -> None:
    path = str(tmp_path / "t")
    deltalake.write_deltalake(path, rows)
    deltalake.DeltaTable(path).delete("status_code >= 400")
    frame = nbext.inference_table(path).calls_df()
    assert frame["status_code"].max() == 200
    assert len(frame)


def test_an_empty_delta_table(tmp_path: Path, rows: pa.Table) -> None:
    deltalake.write_deltalake(str(tmp_path / "t"), rows.slice(0, 0))
    table = nbext.inference_table(tmp_path / "t")
    assert table.calls() == []
    assert table.calls_df().empty
    assert "0 rows" in repr(table)


def test_columns_that_came_later(tmp_path: Path, rows: pa.Table) -> None:
    path = str(tmp_path / "t")
    deltalake.write_deltalake(path, rows.slice(0, 10).drop_columns(["requester"]))
    deltalake.write_deltalake(path, rows.slice(10, 10), mode="append", schema_mode="merge")
    calls = nbext.inference_table(path).calls()
    assert {call.facts.requester for call in calls} > {None}


def test_parquet(tmp_path: Path, rows: pa.Table) -> None:
    (tmp_path / "more").mkdir()
    pyarrow.parquet.write_table(rows.slice(0, 9), tmp_path / "a.parquet")
    pyarrow.parquet.write_table(rows.slice(9), tmp_path / "more" / "b.parquet")
    same(tmp_path, rows)
    assert len(nbext.inference_table(tmp_path / "a.parquet").calls()) == 9
    assert len(nbext.inference_table(str(tmp_path / "*.parquet")).calls()) == 9


def test_times_without_a_zone_are_utc(tmp_path: Path, rows: pa.Table) -> None:
    at = rows.schema.get_field_index("request_time")
    naive = rows.set_column(at, "request_time", rows.column("request_time").cast(pa.timestamp("us")))
    pyarrow.parquet.write_table(naive, tmp_path / "a.parquet")
    same(tmp_path / "a.parquet", rows)
    table = nbext.inference_table(tmp_path / "a.parquet").since("2026-07-05")
    assert "TIMESTAMPTZ" not in table.sql
    assert table.count() == nbext.inference_table(rows).since("2026-07-05").count()


def test_several_results_open_at_once(rows: pa.Table) -> None:
    table = nbext.inference_table(rows)
    pairs = list(zip(table.rows(), table.rows(), strict=True))
    assert all(a == b for a, b in pairs)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("main.llm.demo_payload", True),
        ("llm.demo_payload", True),
        ("`my-cat`.`a b`.t_payload", True),
        ("demo_payload", False),
        ("folder/table", False),
        ("data.parquet", False),
        ("s3://bucket/table", False),
    ],
)
def test_names_and_paths(text: str, name: bool) -> None:
    assert is_table_name(text) is name


def test_choice() -> None:
    assert isinstance(choose("some/path"), DuckDBEngine)
    assert isinstance(choose(pd.DataFrame()), DuckDBEngine)
    assert isinstance(choose("a.b.c", engine="duckdb"), DuckDBEngine)
    with pytest.raises(EngineError, match="expected 'duckdb', 'spark', 'warehouse'"):
        choose("a.b.c", engine="duckbd")
    with pytest.raises(EngineError, match="cannot run SQL with a int"):
        choose("a.b.c", engine=3)


def test_a_name_without_spark_or_warehouse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbext.engines.spark.running_session", lambda: None)
    for name in ("DATABRICKS_WAREHOUSE_ID", "MLFLOW_TRACING_SQL_WAREHOUSE_ID"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EngineError, match="name a SQL warehouse: warehouse="):
        nbext.inference_table("main.llm.demo_payload")
    with pytest.raises(EngineError, match="no Spark session is running"):
        nbext.inference_table("main.llm.demo_payload", engine="spark")


@pytest.mark.parametrize("kind", ["missing", "empty folder", "text file", "frame"])
def test_not_a_table(kind: str, tmp_path: Path) -> None:
    source: Any = tmp_path / "nowhere"
    if kind == "empty folder":
        source = tmp_path
    if kind == "text file":
        source = tmp_path / "x.parquet"
        source.write_text("hello")
    if kind == "frame":
        source = pd.DataFrame({"a": [1]})
    with pytest.raises((EngineError, ValueError)) as caught:
        nbext.inference_table(source)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) > 20


def test_neither_source_nor_endpoint() -> None:
    with pytest.raises(ValueError, match="expected a table's name"):
        nbext.inference_table()


@pytest.mark.parametrize(
    "source", ["", "  ", 5, True, b"a.parquet", [{"request": "{}"}], {"request": ["{}"]}]
)
def test_what_is_no_table_is_told_what_is(
    source: Any, tmp_path: Path, rows: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An empty text once meant every Parquet file below here.
    pyarrow.parquet.write_table(rows, tmp_path / "a.parquet")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        EngineError, match=r"expected catalog\.schema\.table, a path to .* or a frame"
    ) as caught:
        nbext.inference_table(source)
    assert "\n" not in str(caught.value)
    assert ("pandas.DataFrame(rows)" in str(caught.value)) is isinstance(source, (list, dict))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("x.csv", "read it with pandas.read_csv("),
        ("x.csv.gz", "read it with pandas.read_csv("),
        ("x.json", "read it with pandas.read_json("),
        ("x.jsonl", "lines=True) and give the frame"),
        ("x.txt", "expected catalog.schema.table"),
        ("x.parquet", "expected catalog.schema.table"),
    ],
)
def test_a_file_of_another_format(name: str, way: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("request,response\n")
    with pytest.raises(EngineError, match="is no Parquet file: ") as caught:
        nbext.inference_table(tmp_path / name)
    assert way in str(caught.value)
    with pytest.raises(EngineError, match="there is no table at"):
        nbext.inference_table(tmp_path / f"other-{name}")


def test_parquet_by_another_name(tmp_path: Path, rows: pa.Table) -> None:
    pyarrow.parquet.write_table(rows, tmp_path / "logged.dat")
    same(tmp_path / "logged.dat", rows)


def test_delta_in_a_folder_that_is_not_plain(tmp_path: Path, rows: pa.Table) -> None:
    """Percent signs of the folder's name are the log's, those of a partition's are the folder's own."""
    path = tmp_path / "my tables, größer"
    deltalake.write_deltalake(str(path), rows, partition_by=["requester"])
    assert (path / "requester=user1%40example.com").is_dir()
    same(path, rows)
    deltalake.DeltaTable(str(path)).delete("status_code = 429")
    assert nbext.inference_table(path).rate_limited().count() == 0


def test_parquet_in_a_folder_called_as_a_pattern_is(tmp_path: Path, rows: pa.Table) -> None:
    path = tmp_path / "run [1]?"
    path.mkdir()
    pyarrow.parquet.write_table(rows, path / "a.parquet")
    same(path, rows)


def test_paths_as_shells_and_browsers_write_them(
    tmp_path: Path, rows: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyarrow.parquet.write_table(rows, tmp_path / "a b.parquet")
    deltalake.write_deltalake(str(tmp_path / "d"), rows)
    monkeypatch.setenv("HOME", str(tmp_path))
    for source in (
        "~/a b.parquet",
        f"file://{tmp_path}/a%20b.parquet",
        f"file://{tmp_path}/d",
        f" {tmp_path}/d ",
    ):
        same(source, rows)


def test_a_relation_of_another_connection(rows: pa.Table) -> None:
    with pytest.raises(EngineError, match=r"a DuckDBPyRelation is no table: expected catalog\.schema"):
        nbext.inference_table(duckdb.sql("SELECT 1 AS request"))


@pytest.mark.parametrize("features", [[], ["columnMapping"], ["columnMapping", "deletionVectors"]])
def test_delta_with_renamed_columns(tmp_path: Path, rows: pa.Table, features: list[str]) -> None:
    """Files then call columns otherwise, and the folders of partitions say nothing."""
    lake.write_mapped(tmp_path / "a", [rows.slice(0, 20), rows.slice(20)], features=features)
    days = [rows.filter(pc.equal(rows["request_date"], day)) for day in rows["request_date"].unique()]
    lake.write_mapped(tmp_path / "b", days, partition="request_date", features=features)
    lake.write_mapped(
        tmp_path / "c", [rows.slice(0, 20).drop_columns(["requester"]), rows], features=features
    )
    for name in "ab":
        same(tmp_path / name, rows)
        for ask in (lambda t: t.since("2026-07-05").errors(), lambda t: t.requester("user1@example.com")):
            asked, expected = (ask(nbext.inference_table(given)) for given in (tmp_path / name, rows))
            pd.testing.assert_frame_equal(asked.calls_df(), expected.calls_df())
    assert {call.facts.requester for call in nbext.inference_table(tmp_path / "c").calls()} > {None}
    assert nbext.inference_table(tmp_path / "b").relation.rows == rows.num_rows


def test_delta_with_deleted_rows(tmp_path: Path, rows: pa.Table) -> None:
    deleted = [0, 3, 20, 54]
    lake.write_deleted(tmp_path / "t", rows, deleted)
    same(tmp_path / "t", rows.take([at for at in range(rows.num_rows) if at not in deleted]))
    assert nbext.inference_table(tmp_path / "t").relation.rows == rows.num_rows - len(deleted)


def test_two_tables_with_deleted_rows_in_one_engine(tmp_path: Path, rows: pa.Table) -> None:
    engine = DuckDBEngine()
    tables = []
    for name, deleted in {"a": [0], "b": [1, 2]}.items():
        lake.write_deleted(tmp_path / name, rows.slice(20, 9), deleted)
        tables.append(nbext.inference_table(tmp_path / name, engine=engine))
    assert [table.count() for table in tables] == [8, 7]
