"""A workspace on 127.0.0.1 that answers SQL statements as Databricks does: strings, chunks, links to Arrow.

It runs the statements on DuckDB, so that a test sees whether what was carried to Databricks' dialect
still means the same.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot

from ..inference_table.samples import strings

CHUNK = 20
TOO_LARGE = (
    "Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of at "
    "most 26214400 bytes. Please execute the statement with disposition=EXTERNAL_LINKS if you want to "
    "download the full result."
)


class Workspace:
    """Answers ``/api/2.0/sql/statements`` over one table.

    Parameters
    ----------
    table : pyarrow.Table
    types : dict of str to str
        Columns with Databricks' names of their types, what DESCRIBE says.
    slow : int
        How often a statement is PENDING or RUNNING before it has succeeded.

    Attributes
    ----------
    inline_rows : int
        An inline answer holds no more; Databricks counts bytes.
    expire : int
        How many links have run out when they are asked for.
    stored : list
        What the storage behind the links was asked, with which headers.
    """

    def __init__(self, name: str, table: pa.Table, types: dict[str, str], *, slow: int = 0) -> None:
        self.name = name
        self.types = types
        self.slow = slow
        self.statements: list[str] = []
        self.paths: list[str] = []
        self.deny: str | None = None
        self.inline_rows = 1_000_000
        self.expire = 0
        self.stored: list[tuple[str, dict[str, str]]] = []
        self.tables: dict[str, pa.Table] = {}
        self._answers: dict[str, tuple[list[str], list[list[str | None]]]] = {}
        self._polls: dict[str, int] = {}
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.register("payload", table)
        workspace = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.answer(*workspace.execute(body))

            def do_GET(self) -> None:
                if self.path.startswith("/storage/"):
                    self.send(*workspace.storage(self.path, dict(self.headers)))
                    return
                self.answer(*workspace.get(self.path))

            def answer(self, status: int, body: dict[str, Any]) -> None:
                self.send(status, json.dumps(body).encode())

            def send(self, status: int, data: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.connection.close()

    def execute(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.paths.append("POST")
        sql = body["statement"]
        self.statements.append(sql)
        identity = f"s{len(self.statements)}"
        if self.deny is not None:
            error = {"error_code": "BAD_REQUEST", "message": self.deny}
            return 200, {"statement_id": identity, "status": {"state": "FAILED", "error": error}}
        names, types, rows = self.run(sql)
        by_links = body.get("disposition") == "EXTERNAL_LINKS"
        if not by_links and len(rows) > self.inline_rows and not sql.startswith("DESCRIBE"):
            error = {"error_code": "BAD_REQUEST", "message": TOO_LARGE}
            return 200, {"statement_id": identity, "status": {"state": "FAILED", "error": error}}
        if by_links:
            assert body["format"] == "ARROW_STREAM"
            self.tables[identity] = self.found
        self._answers[identity] = (types, rows)
        self._polls[identity] = self.slow
        if self.slow:
            return 200, {"statement_id": identity, "status": {"state": "PENDING"}}
        return 200, self.whole(identity, names)

    def run(self, sql: str) -> tuple[list[str], list[str], list[list[str | None]]]:
        if sql.startswith("DESCRIBE"):
            if self.name.replace("`", "") not in sql.replace("`", ""):
                self._names = []
                raise_missing = [["[TABLE_OR_VIEW_NOT_FOUND]", "", None]]
                return ["col_name", "data_type", "comment"], ["STRING"] * 3, raise_missing
            rows: list[list[str | None]] = [[name, kind, None] for name, kind in self.types.items()]
            rows += [["# Clustering Information", "", ""], ["# col_name", "data_type", "comment"]]
            self._names = ["col_name", "data_type", "comment"]
            return self._names, ["STRING"] * 3, rows
        parsed = sqlglot.parse_one(sql, read="databricks")
        for table in parsed.find_all(sqlglot.exp.Table):
            if table.name == self.name.rpartition(".")[2]:
                table.replace(sqlglot.exp.to_table("payload"))
        # Databricks reads nothing out of a text that is not JSON, where DuckDB fails.
        for read in list(parsed.find_all(sqlglot.exp.JSONExtract, sqlglot.exp.JSONExtractScalar)):
            read.replace(sqlglot.exp.Anonymous(this="TRY", expressions=[read.copy()]))
        found = self.connection.sql(parsed.sql("duckdb")).to_arrow_table()
        self.found = found
        self._names = found.schema.names
        types = [
            self.types.get(name, _type(field.type))
            for name, field in zip(self._names, found.schema, strict=True)
        ]
        rows = [list(strings(_plain(row)).values()) for row in found.to_pylist()]
        return self._names, types, rows

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        self.paths.append(path)
        if not path.startswith("/api/2.0/sql/statements/"):
            # What the SDK asks of any host first.
            return 404, {"error_code": "NOT_FOUND", "message": "there is nothing here"}
        parts = path.partition("?")[0].split("/")
        identity = parts[5]
        if len(parts) > 6:
            return 200, self.chunk(identity, int(parts[8]))
        self._polls[identity] -= 1
        if self._polls[identity] > 0:
            return 200, {"statement_id": identity, "status": {"state": "RUNNING"}}
        return 200, self.whole(identity, self._names)

    def whole(self, identity: str, names: list[str]) -> dict[str, Any]:
        types, rows = self._answers[identity]
        columns = [
            {
                "name": name,
                "position": at,
                "type_text": kind,
                "type_name": kind.partition("<")[0].partition("(")[0],
            }
            for at, (name, kind) in enumerate(zip(names, types, strict=True))
        ]
        return {
            "statement_id": identity,
            "status": {"state": "SUCCEEDED"},
            "manifest": {
                "format": "JSON_ARRAY",
                "schema": {"column_count": len(names), "columns": columns},
                "total_row_count": len(rows),
                "total_chunk_count": -(-len(rows) // CHUNK),
                "truncated": False,
            },
            # No rows: no data at all, as the API leaves it out.
            "result": self.chunk(identity, 0) if rows else {},
        }

    def chunk(self, identity: str, index: int) -> dict[str, Any]:
        _, rows = self._answers[identity]
        part = rows[index * CHUNK : (index + 1) * CHUNK]
        if identity in self.tables:
            return {"external_links": [self.link(identity, index, len(part), len(rows))]}
        found: dict[str, Any] = {
            "chunk_index": index,
            "row_offset": index * CHUNK,
            "row_count": len(part),
            "data_array": part,
        }
        if (index + 1) * CHUNK < len(rows):
            found["next_chunk_index"] = index + 1
            found["next_chunk_internal_link"] = (
                f"/api/2.0/sql/statements/{identity}/result/chunks/{index + 1}"
            )
        return found

    def link(self, identity: str, index: int, count: int, total: int) -> dict[str, Any]:
        found: dict[str, Any] = {
            "chunk_index": index,
            "row_offset": index * CHUNK,
            "row_count": count,
            "external_link": f"{self.host}/storage/{identity}/{index}?sig=secret-signature",
            "http_headers": {"x-storage": "1"},
            "expiration": "2026-07-05T00:15:00Z",
        }
        if (index + 1) * CHUNK < total:
            found["next_chunk_index"] = index + 1
        return found

    def storage(self, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        self.stored.append((path, {name.lower(): value for name, value in headers.items()}))
        if self.expire:
            self.expire -= 1
            return 403, b"<Error><Code>AccessDenied</Code></Error>"
        _, _, identity, number = path.partition("?")[0].split("/")
        part = self.tables[identity].slice(int(number) * CHUNK, CHUNK)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, part.schema) as writer:
            writer.write_table(part)
        return 200, sink.getvalue().to_pybytes()


def _type(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    if pa.types.is_floating(kind):
        return "DOUBLE"
    if pa.types.is_integer(kind):
        return "BIGINT"
    return "DECIMAL(38,0)" if pa.types.is_decimal(kind) else "STRING"


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Maps of Arrow as the JSON objects the API writes."""
    return {
        name: dict(value) if isinstance(value, list) and value and isinstance(value[0], tuple) else value
        for name, value in row.items()
    }
