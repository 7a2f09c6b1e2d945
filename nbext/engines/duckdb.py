"""The embedded engine: DuckDB over local Delta tables, Parquet files and frames."""

from __future__ import annotations

import contextlib
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from .carry import sql_of
from .delta import scan_of
from .delta_names import quoted
from .engine import EngineError, NoTableError, Relation
from .given import check, no_frame
from .objects import as_arrow
from .refusal import failed, refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb
    import pyarrow as pa
    from sqlglot import exp

BATCH_ROWS = 32_768
# Above this DuckDB spills to disk: a notebook's kernel shares the machine with the user's data.
MEMORY_LIMIT = "1GB"
# What stands for other letters in a pattern of files, when a folder is called so.
_LETTERS = re.compile(r"[*?\[]")


class DuckDBEngine:
    """Runs statements in this process.

    Parameters
    ----------
    memory_limit : str
        What DuckDB may hold before it spills to a temporary folder.
    """

    name = "DuckDB"
    dialect = "duckdb"

    def __init__(self, *, memory_limit: str = MEMORY_LIMIT) -> None:
        self._memory_limit = memory_limit
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._names = itertools.count(1)
        # SQL of scans and frames by the name statements give them; a cursor knows only what it is told.
        self._scans: dict[str, str] = {}
        self._frames: dict[str, Any] = {}

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection, opened on first use."""
        if self._connection is None:
            self._connection = import_duckdb().connect()
            self._connection.execute(f"SET memory_limit = {literal(self._memory_limit)}")
            # Pays for files far away; local ones are read a sixth faster without.
            self._connection.execute("SET disable_parquet_prefetching = true")
            # Over a join it writes each layer of a statement into the next, for minutes if they are many.
            if "partial_aggregate_pushdown" in _optimizers(self._connection):
                self._connection.execute("SET disabled_optimizers = 'partial_aggregate_pushdown'")
        return self._connection

    def relation(self, source: Any) -> Relation:
        """Look at a path to a Delta table or Parquet files, or at a pandas, Arrow or DuckDB relation."""
        from sqlglot import exp

        check(source)
        view = f"nbext_{next(self._names)}"
        rows = None
        name = str(source) if isinstance(source, (str, Path)) else type(source).__name__
        try:
            if isinstance(source, (str, Path)):
                self._scans[view], rows = _scan_sql(source, self)
            else:
                rows = len(source) if hasattr(source, "__len__") else None
                self.register(view, as_arrow(source))
            described = self._cursor(view).execute(f"DESCRIBE {view}").fetchall()
        except EngineError:
            raise
        except Exception as error:
            # DuckDB's words for an object that it takes for no frame.
            if "not suitable for replacement scan" in str(error):
                raise no_frame(source) from None
            raise refused(error, name) from error
        columns = {str(row[0]): str(row[1]).lower() for row in described}
        if _mixes_rows():
            self._keep_rows_apart(view, columns)
        return Relation(name, exp.to_table(view), columns, rows)

    def _keep_rows_apart(self, view: str, columns: Mapping[str, str]) -> None:
        """Put nothing of another column behind each text: what is made of two is no dictionary's."""
        scan = self._scans.get(view)
        if scan is None:
            self.register(f"{view}_frame", self._frames.pop(view))
            scan = f"SELECT * FROM {view}_frame"
        # A short one, if there is any.
        others = sorted(columns, key=lambda name: columns[name] == "varchar")[:2]
        apart = [
            f"{quoted(text)} || coalesce(left(CAST({quoted(other)} AS VARCHAR), 0), '') AS {quoted(text)}"
            for text, kind in columns.items()
            for other in [name for name in others if name != text][:1]
            if kind == "varchar"
        ]
        if apart:
            scan = f"SELECT * REPLACE ({', '.join(apart)}) FROM ({scan})"
        self._scans[view] = scan

    def register(self, view: str, frame: Any) -> None:
        """Make a frame known to SQL under a name, for as long as the engine lives."""
        self._frames[view] = frame

    def _cursor(self, sql: str) -> duckdb.DuckDBPyConnection:
        """Give a cursor that knows what a statement names; settings and views are a cursor's own."""
        cursor = self.connection.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        # The default of 1 MB is some hundred rows: the threads would wait for each other at every one.
        cursor.execute("SET streaming_buffer_size = '64MB'")
        scans = {view: scan for view, scan in self._scans.items() if view in sql}
        named = f"{sql} {' '.join(scans.values())}"
        for view, frame in self._frames.items():
            if view in named:
                cursor.register(view, frame)
        for view, scan in scans.items():
            cursor.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {scan}")
        return cursor

    def query(self, statement: exp.Expr | str, *, of: exp.Expr | None = None) -> Iterator[pa.RecordBatch]:
        """Run a statement, or a text of ours made `of` one, on its own cursor: several can be open."""
        sql = statement if isinstance(statement, str) else sql_of(statement, self.dialect)
        try:
            # To make the cursor looks at the files, which may have changed since the last time.
            with contextlib.closing(self._cursor(sql)) as cursor:
                relation = cursor.sql(sql)
                # DuckDB 2 names the reader anew.
                read = getattr(relation, "to_arrow_reader", None) or relation.fetch_arrow_reader
                yield from read(BATCH_ROWS)
        except Exception as error:
            raise failed(error, of or statement) from error


def through_duckdb(batches: Iterator[pa.RecordBatch], name: str, sql: str) -> Iterator[pa.RecordBatch]:
    """Run a statement over the batches of another engine, as they come.

    Parameters
    ----------
    batches : iterator of pyarrow.RecordBatch
    name : str
        What the statement calls them.
    sql : str
        In DuckDB's dialect, ours.
    """
    import pyarrow as pa

    first = next(batches, None)
    if first is None:
        return
    reader = pa.RecordBatchReader.from_batches(first.schema, itertools.chain([first], batches))
    engine = DuckDBEngine()
    engine.register(name, reader)
    yield from engine.query(sql)


def _scan_sql(source: str | Path, engine: DuckDBEngine) -> tuple[str, int | None]:
    text = _without_scheme(str(source))
    path = Path(text)
    if "://" in text or (path / "_delta_log").is_dir():
        return scan_of(text, engine)
    if path.is_dir():
        if not any(path.rglob("*.parquet")):
            raise NoTableError(f"{text} is a folder with neither a Delta log nor Parquet files in it")
        files = str(Path(_LETTERS.sub(r"[\g<0>]", text)) / "**" / "*.parquet")
        return f"SELECT * FROM read_parquet({literal(files)}, union_by_name=true)", None
    if not path.exists() and not any(c in text for c in "*?["):
        raise NoTableError(
            f"there is no table at {text}: give a Delta table's folder, Parquet files, "
            "or catalog.schema.table"
        )
    return f"SELECT * FROM read_parquet({literal(text)}, union_by_name=true)", None


def _without_scheme(source: str) -> str:
    """Give the path of a ``file://`` address of this machine."""
    parts = urlsplit(source)
    return unquote(parts.path) if parts.scheme == "file" and parts.netloc in ("", "localhost") else source


def literal(value: Any) -> str:
    """Write a value as a SQL literal, lists as lists."""
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    return "'" + str(value).replace("'", "''") + "'"


def _optimizers(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()}


def _mixes_rows() -> bool:
    """Tell whether reading JSON looks at all texts of a column that is stored as a dictionary.

    Before version 2, DuckDB does, also at those that a CASE leaves out, and fails at broken ones of
    other rows.
    """
    return int(import_duckdb().__version__.partition(".")[0]) < 2


def import_duckdb() -> Any:
    """Import DuckDB, or say what needs it.

    Raises
    ------
    EngineError
        DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError as error:
        raise EngineError(
            'reading local tables needs DuckDB and deltalake: pip install "nbext[tables]"'
        ) from error
    return duckdb
