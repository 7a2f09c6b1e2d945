"""A statement in layers, each of which reads the rows of the one below it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ....engines import sql_of
from ..inline import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from sqlglot import exp

    from ....engines import Engine

# Where a layer reads the one below.
BELOW = "nbext_below"


@dataclass(frozen=True)
class Layered:
    """Layers of SQL of ours over rows of a table.

    Parameters
    ----------
    rows : sqlglot.exp.Select
        What reads the table; the user's conditions stand in it.
    layers : tuple of (str, str)
        SQL in DuckDB's dialect that reads ``FROM nbext_below``, and what it calls that.
    """

    rows: exp.Select
    layers: tuple[tuple[str, str], ...] = ()

    def under(self, sql: str, name: str) -> Layered:
        """Put a layer on top, that calls what was the top so far `name`."""
        return replace(self, layers=(*self.layers, (sql, name)))

    def text(self) -> str:
        """Write it in DuckDB's dialect.

        To put texts together takes a fraction of the time that a tree of all of it takes.
        """
        found = self.rows.sql("duckdb")
        for sql, name in self.layers:
            before, after = sql.split(f"FROM {BELOW}")
            found = f"{before}FROM ({found}) AS {name}{after}"
        return found

    def tree(self) -> exp.Select:
        """Give it as a tree, to be carried to another dialect."""
        from sqlglot import exp

        found = self.rows.copy()
        for sql, name in self.layers:
            layer = parsed(sql).copy()
            for table in list(layer.find_all(exp.Table)):
                if table.name == BELOW:
                    table.replace(found.subquery(name, copy=False))
            found = layer  # type: ignore[assignment]
        return found

    def pretty(self, dialect: str) -> str:
        """Write it for a reader."""
        return sql_of(self.tree(), dialect, pretty=True)

    def batches(self, engine: Engine) -> Iterator[pa.RecordBatch]:
        """Run it."""
        if engine.dialect == "duckdb":
            # DuckDB's own takes text too.
            return engine.query(self.text(), of=self.rows)  # type: ignore[arg-type, call-arg]
        return engine.query(self.tree())
