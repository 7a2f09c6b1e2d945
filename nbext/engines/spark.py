"""The notebook's own Spark session, classic or Connect."""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .carry import duckdb_type, sql_of
from .engine import EngineError, Relation
from .given import check, no_frame
from .objects import plain
from .refusal import failed, lacks_delta, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlglot import exp

_names = itertools.count(1)
_zone = threading.Lock()
# A page of the driver's memory when the result cannot come as Arrow batches.
_ROWS_A_BATCH = 4096


class SparkEngine:
    """Runs statements on a Spark session.

    Parameters
    ----------
    session : pyspark.sql.SparkSession
    """

    name = "Spark"
    dialect = "spark"

    def __init__(self, session: Any) -> None:
        self.session = session

    def relation(self, source: Any) -> Relation:
        """Look at a table by name, a path to Delta or Parquet, or a DataFrame (Spark, pandas, Arrow)."""
        from sqlglot import exp

        check(source)
        name = str(source) if isinstance(source, (str, Path)) else type(source).__name__
        try:
            if isinstance(source, str) and _is_name(source):
                table: exp.Expr = exp.to_table(source, dialect=self.dialect)
                # With backquotes where a name needs them, as catalogs with a hyphen do.
                frame = self.session.table(table.sql(dialect=self.dialect))
            else:
                frame = self._frame(source)
                view = f"nbext_{next(_names)}"
                frame.createOrReplaceTempView(view)
                table = exp.to_table(view)
            fields = frame.schema.fields
        except EngineError:
            raise
        except Exception as error:
            raise _why(error, source, name) from error
        return Relation(name, table, {f.name: duckdb_type(f.dataType.simpleString()) for f in fields})

    def _frame(self, source: Any) -> Any:
        if isinstance(source, (str, Path)):
            return self.session.read.format(_format(str(source))).load(str(source))
        if hasattr(source, "createOrReplaceTempView"):
            return source
        frame = source.to_pandas() if hasattr(source, "to_pandas") else source
        if not len(frame):
            # Spark tells types by values only; here the columns' names are enough.
            return self.session.createDataFrame([], ", ".join(f"{_quoted(name)} string" for name in frame))
        # Times without a zone are UTC's here, and the session's own to Spark.
        with _in_utc(self.session):
            return self.session.createDataFrame(plain(frame))

    def query(self, statement: exp.Expr) -> Iterator[pa.RecordBatch]:
        """Run a statement; rows come to the driver a partition at a time."""
        import pyarrow as pa

        sql = sql_of(statement, self.dialect)
        try:
            with _in_utc(self.session):
                frame, schema, moments = _microseconds(self.session.sql(sql))
            rows = frame.toLocalIterator(prefetchPartitions=False)
            first = True
            while (page := list(itertools.islice(rows, _ROWS_A_BATCH))) or first:
                columns = [[_plain(row[i]) for row in page] for i in range(len(schema))]
                arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
                for at in moments:
                    arrays[at] = arrays[at].cast(pa.timestamp("us", tz="UTC"))
                yield pa.RecordBatch.from_arrays(arrays, names=schema.names)
                first = False
        except EngineError:
            raise
        except Exception as error:
            raise failed(error, statement) from error


@contextmanager
def _in_utc(session: Any) -> Iterator[None]:
    """Let a statement be analysed with UTC as the session's zone, and give the user theirs back.

    Days and hours of the tables are UTC's. Spark writes the zone into a plan when it analyses it.
    """
    key = "spark.sql.session.timeZone"
    with _zone:
        before = session.conf.get(key, None)
        if before in ("UTC", "Etc/UTC", "Z", "+00:00", "GMT"):
            yield
            return
        session.conf.set(key, "UTC")
        try:
            yield
        finally:
            if before is None:
                session.conf.unset(key)
            else:
                session.conf.set(key, before)


def _why(error: Exception, source: Any, name: str) -> EngineError:
    """Say what is wrong with a source that Spark would not read."""
    if not isinstance(source, (str, Path)):
        return refused(error, name) if hasattr(source, "columns") else no_frame(source)
    if lacks_delta(error) and "://" not in name and not Path(name).exists():
        # What is not seen here is taken for Delta, so that it need not be.
        return EngineError(
            f"there is no table at {name} that this process can see, and this Spark session has no "
            "Delta Lake to look for one: check the path, or add delta-spark to the session"
        )
    return refused(error, name)


def _is_name(text: str) -> bool:
    return "/" not in text and not text.endswith(".parquet")


def _format(path: str) -> str:
    """Tell the format: Delta, but for a local folder without a Delta log."""
    folder = Path(path)
    parquet = path.endswith(".parquet") or (folder.is_dir() and not (folder / "_delta_log").is_dir())
    return "parquet" if parquet else "delta"


def _quoted(name: Any) -> str:
    return "`" + str(name).replace("`", "``") + "`"


def _microseconds(frame: Any) -> tuple[Any, pa.Schema, list[int]]:
    """Take moments as µs since the epoch: as times they would come in the zone of this machine."""
    from pyspark.sql import functions
    from pyspark.sql.pandas.types import to_arrow_schema

    columns, moments = [], []
    for at, field in enumerate(frame.schema.fields):
        column = functions.col(_quoted(field.name))
        if field.dataType.simpleString() == "timestamp":
            moments.append(at)
            column = functions.unix_micros(column).alias(field.name)
        columns.append(column)
    frame = frame.select(*columns) if moments else frame
    return frame, to_arrow_schema(frame.schema), moments


def _plain(value: Any) -> Any:
    """Rows inside a row become dicts, which Arrow reads as structs."""
    if hasattr(value, "asDict"):
        return value.asDict(recursive=True)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return list(value.items())
    return value


def running_session() -> Any:
    """Give the Spark session that is already running in this process, or None; never starts one."""
    import sys

    sql = sys.modules.get("pyspark.sql")
    if sql is None:
        return None
    try:
        return sql.SparkSession.getActiveSession()
    except Exception:  # a half-installed Spark is no Spark
        return None
