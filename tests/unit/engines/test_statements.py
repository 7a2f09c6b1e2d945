"""The Statement Execution API with the real databricks-sdk, and a connection by its cursor protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
import sqlglot
from databricks.sdk import WorkspaceClient
from databricks.sdk.core import Config

import nbext
from nbext.engines import EngineError
from nbext.engines.warehouse import ConnectorEngine, StatementEngine
from nbext.engines.warehouse.typed import batch_of

from ..inference_table import samples
from .workspace import CHUNK, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator


def databricks_type(kind: pa.DataType) -> str:
    known = {"int32": "INT", "int64": "BIGINT", "double": "DOUBLE", "timestamp[us, tz=UTC]": "TIMESTAMP"}
    if pa.types.is_map(kind):
        return "MAP<STRING,STRING>"
    return "ARRAY<STRING>" if pa.types.is_list(kind) else known.get(str(kind), "STRING")


TYPES = {
    "serving": {
        "databricks_request_id": "STRING",
        "request_date": "DATE",
        "client_request_id": "STRING",
        "request_time": "TIMESTAMP",
        "status_code": "INT",
        "sampling_fraction": "DOUBLE",
        "execution_duration_ms": "BIGINT",
        "request": "STRING",
        "response": "STRING",
        "logging_error_codes": "ARRAY<STRING>",
        "served_entity_id": "STRING",
        "requester": "STRING",
    },
    "unity": {field.name: databricks_type(field.type) for field in samples.B_SCHEMA},
}


@pytest.fixture(params=["serving", "unity"])
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    made = Workspace("main.llm.demo_payload", samples.arrow(request.param), TYPES[request.param])
    yield made
    made.close()


@pytest.fixture
def serving() -> Iterator[Workspace]:
    made = Workspace("main.llm.demo_payload", samples.arrow("serving"), TYPES["serving"])
    yield made
    made.close()


def engine_of(workspace: Workspace) -> StatementEngine:
    return StatementEngine(WorkspaceClient(host=workspace.host, token="dapi-test"), "w1")


def local(workspace: Workspace) -> Any:
    return nbext.inference_table(samples.arrow("serving" if "request_date" in workspace.types else "unity"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda t: t,
        lambda t: t.since("2026-07-05").where("status_code >= 400"),
        lambda t: t.slowest(7).where("status = 'ok'"),
        lambda t: t.search("größe"),
        lambda t: t.where("status_code = 999"),
    ],
    ids=["everything", "where", "slowest", "search", "nothing"],
)
def test_equal_to_the_local_frame(workspace: Workspace, ask: Any) -> None:
    there = nbext.inference_table("main.llm.demo_payload", engine=engine_of(workspace))
    pd.testing.assert_frame_equal(ask(there).calls_df(), ask(local(workspace)).calls_df())
    assert ask(there).calls() == ask(local(workspace)).calls()


def test_a_statement_that_takes_its_time(serving: Workspace) -> None:
    serving.slow = 2
    table = nbext.inference_table("main.llm.demo_payload", engine=engine_of(serving))
    assert next(iter(table.rows())).id
    assert serving.paths.count("/api/2.0/sql/statements/s1") == 2


def test_chunks_are_followed(serving: Workspace) -> None:
    table = nbext.inference_table("main.llm.demo_payload", engine=engine_of(serving))
    assert len(table.calls()) > CHUNK
    assert any("/result/chunks/1" in path for path in serving.paths)
    assert any("/result/chunks/2" in path for path in serving.paths)


@pytest.mark.parametrize("expired", [0, 1])
def test_a_large_result_comes_by_links(workspace: Workspace, expired: int) -> None:
    workspace.inline_rows, workspace.expire = CHUNK, expired
    there = nbext.inference_table("main.llm.demo_payload", engine=engine_of(workspace))
    pd.testing.assert_frame_equal(there.calls_df(), local(workspace).calls_df())
    assert there.calls() == local(workspace).calls()
    assert there.count() == local(workspace).count()
    read = {path.partition("?")[0].rpartition("/")[2] for path, _ in workspace.stored}
    assert read == {"0", "1", "2"}
    # What the link asks for is sent; the workspace's own credentials are not.
    assert all(h["x-storage"] == "1" and "authorization" not in h for _, h in workspace.stored)


def test_storage_that_cannot_be_reached(serving: Workspace) -> None:
    serving.inline_rows, serving.expire = CHUNK, 99
    table = nbext.inference_table("main.llm.demo_payload", engine=engine_of(serving))
    with pytest.raises(EngineError, match=r"chunk 0 .* must be reachable from here; narrow") as caught:
        table.calls()
    assert "\n" not in str(caught.value)
    assert "secret-signature" not in str(caught.value)


def test_the_statement_is_databricks_own(serving: Workspace) -> None:
    table = nbext.inference_table("main.llm.demo_payload", engine=engine_of(serving))
    table.since("2026-07-05").where("request->>'$.model' = 'it''s'").calls()
    sql = serving.statements[-1]
    assert "`request_date` >= CAST('2026-07-05' AS DATE)" in sql
    assert "'it\\'s'" in sql
    assert "FROM main.llm.demo_payload" in sql or "FROM `main`.`llm`.`demo_payload`" in sql


REFUSALS = {
    "User does not have SELECT on Table 'main.llm.demo_payload'. SQLSTATE: 42501": (
        "ask for SELECT on table main.llm.demo_payload"
    ),
    "User does not have USE SCHEMA on Schema 'main.llm'. SQLSTATE: 42501": (
        "ask for USE SCHEMA on schema main.llm"
    ),
    "User does not have permission READ_METADATA,USAGE on database `llm`. SQLSTATE: 42501": (
        "ask for READ_METADATA,USAGE on database llm"
    ),
    "User does not have permission READ_METADATA on CATALOG. SQLSTATE: 42501": (
        "ask for SELECT on the table (and USE CATALOG, USE SCHEMA above it)"
    ),
}


@pytest.mark.parametrize("said", REFUSALS)
def test_refusals_are_one_line_that_says_what_to_ask_for(serving: Workspace, said: str) -> None:
    table = nbext.inference_table("main.llm.demo_payload", engine=engine_of(serving))
    serving.deny = f"[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\n{said}"
    with pytest.raises(EngineError) as caught:
        table.calls()
    assert "\n" not in str(caught.value)
    assert said in str(caught.value)
    assert str(caught.value).endswith(f" — {REFUSALS[said]}")


def test_a_workspace_that_went_away(serving: Workspace) -> None:
    client = WorkspaceClient(config=Config(host=serving.host, token="x", retry_timeout_seconds=1))
    serving.server.shutdown()
    serving.server.server_close()
    with pytest.raises(EngineError, match=r"could not read main\.a\.b") as caught:
        nbext.inference_table("main.a.b", engine=StatementEngine(client, "w"))
    assert "\n" not in str(caught.value)


class Cursor:
    """The part of a databricks-sql-connector cursor that is used, over DuckDB."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.left: Any = None

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.closed += 1

    def execute(self, sql: str) -> None:
        if sql.startswith("DESCRIBE"):
            self.left = [(name, kind.lower(), None) for name, kind in TYPES["serving"].items()]
            return
        parsed = sqlglot.parse_one(sql, read="databricks")
        for table in parsed.find_all(sqlglot.exp.Table):
            if table.name == "demo_payload":
                table.replace(sqlglot.exp.to_table("payload"))
        self.left = self.connection.duckdb.sql(parsed.sql("duckdb")).to_arrow_table()

    def fetchall(self) -> Any:
        return self.left

    def fetchmany_arrow(self, size: int) -> Any:
        page, self.left = self.left.slice(0, min(size, 10)), self.left.slice(min(size, 10))
        return page


class Connection:
    def __init__(self) -> None:
        self.duckdb = duckdb.connect()
        self.duckdb.execute("SET TimeZone = 'UTC'")
        self.duckdb.register("payload", samples.arrow("serving"))
        self.closed = 0

    def cursor(self) -> Cursor:
        return Cursor(self)


def test_a_connection_by_its_cursor() -> None:
    connection = Connection()
    table = nbext.inference_table("main.llm.demo_payload", engine=connection)
    assert isinstance(table.engine, ConnectorEngine)
    here = nbext.inference_table(samples.arrow("serving"))
    for ask in (lambda t: t, lambda t: t.slowest(5), lambda t: t.where("status_code = 999")):
        pd.testing.assert_frame_equal(ask(table).calls_df(), ask(here).calls_df())
    assert connection.closed > 3


def test_the_real_connector_has_that_protocol() -> None:
    from databricks.sql.client import Cursor as Real

    for name in ("execute", "fetchall", "fetchmany_arrow", "__enter__", "__exit__"):
        assert callable(getattr(Real, name))


def test_an_empty_place_in_a_list_stays_one() -> None:
    """An array arrives as JSON text: its null is no text."""
    batch = batch_of([("codes", "ARRAY<STRING>")], [['["A", null]'], [None]])
    assert batch.column(0).to_pylist() == [["A", None], None]
