"""A connection of `databricks-sql-connector`, or any that gives Arrow through its cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..carry import duckdb_type, sql_of
from ..engine import Relation
from ..given import check_name
from ..refusal import failed, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlglot import exp

_ROWS = 16_384


class ConnectorEngine:
    """Runs statements on a DB-API connection.

    Parameters
    ----------
    connection : databricks.sql.Connection
        Opened by the user, with their credentials; never closed by us.
    """

    name = "SQL warehouse"
    dialect = "databricks"

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def relation(self, source: Any) -> Relation:
        """Look at a table by name."""
        from sqlglot import exp

        check_name(source)
        table = exp.to_table(str(source), dialect=self.dialect)
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(f"DESCRIBE TABLE {table.sql(dialect=self.dialect)}")
                rows = cursor.fetchall()
        except Exception as error:
            raise refused(error, str(source)) from error
        return Relation(str(source), table, columns_of(rows))

    def query(self, statement: exp.Expr) -> Iterator[pa.RecordBatch]:
        """Run a statement, a page of Arrow rows at a time."""
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(sql_of(statement, self.dialect))
                first = True
                while True:
                    page = cursor.fetchmany_arrow(_ROWS)
                    # An empty first page still tells the columns.
                    if page.num_rows or first:
                        yield from page.to_batches() or [_no_rows(page.schema)]
                    if not page.num_rows:
                        return
                    first = False
        except Exception as error:
            raise failed(error, statement) from error


def columns_of(rows: Any) -> dict[str, str]:
    """Read the columns off what DESCRIBE TABLE says; from the first ``#`` line on it is about partitions."""
    columns: dict[str, str] = {}
    for row in rows:
        name, kind = str(row[0] or ""), str(row[1] or "")
        if not name or name.startswith("#"):
            break
        columns[name] = duckdb_type(kind)
    return columns


def _no_rows(schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)
