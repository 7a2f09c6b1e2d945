"""What every engine can do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

# Called with the rows read so far and the rows expected, when that is known.
Progress = Callable[[int, "int | None"], None]


class EngineError(RuntimeError):
    """The engine refused; the message is one line with the way out."""


class NoTableError(EngineError):
    """There is nothing at a path; whoever waits for its first row looks again."""


@dataclass(frozen=True)
class Relation:
    """Something an engine can select from.

    Parameters
    ----------
    name : str
        As a reader knows it: a table's name, a path.
    table : sqlglot.exp.Expr
        What stands behind FROM.
    columns : dict of str to str
        Column names to types in lower case, as the engine says them.
    rows : int, optional
        Row count when the source tells it without being read.
    """

    name: str
    table: exp.Expr
    columns: dict[str, str]
    rows: int | None = None

    @cached_property
    def spelt(self) -> dict[str, str]:
        """How it writes the names of its columns, by their lower case."""
        return {name.lower(): name for name in self.columns}

    def column(self, name: str) -> exp.Expr:
        """Give the column of a name in lower case."""
        from sqlglot import exp

        return exp.column(exp.to_identifier(self.spelt[name], quoted=True))

    def kind(self, name: str) -> str:
        """Give its type."""
        return self.columns[self.spelt[name]]


class Engine(Protocol):
    """Runs statements written in DuckDB's dialect.

    Attributes
    ----------
    name : str
        For the view's footer: ``DuckDB``, ``Spark``, ``SQL warehouse``.
    dialect : str
        The sqlglot dialect statements are carried to.
    """

    name: str
    dialect: str

    def relation(self, source: Any) -> Relation:
        """Look at a source: its columns, and its name in SQL.

        Raises
        ------
        EngineError
            There is no such table, or it may not be read.
        """
        ...

    def query(self, statement: exp.Expr) -> Iterator[pa.RecordBatch]:
        """Run a statement; batches come as they are read."""
        ...
