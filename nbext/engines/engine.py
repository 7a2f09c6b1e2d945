"""What every engine can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import exp

# Called with the rows read so far and the rows expected, when that is known.
Progress = Callable[[int, "int | None"], None]


class EngineError(RuntimeError):
    """The engine refused; the message is one line with the way out."""


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


# How Databricks says what is missing, whichever way it is asked: "User does not have USE SCHEMA on Schema
# 'main.llm'." of Unity Catalog, "… permission READ_METADATA,USAGE on database `default`." of the metastore.
# Source: https://docs.databricks.com/en/error-messages/insufficient-permissions-error-class.html
_MISSING = re.compile(
    r"does not have (?:permission )?(?P<what>[A-Z_, ]{3,80}?) on (?P<kind>[A-Za-z ]{3,30})"
    r" ['`](?P<name>[^'`]{1,200})"
)


def one_line(error: BaseException) -> str:
    """First line of an engine's complaint, without its stack; with the next if it only announces that."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join(lines[: 2 if lines[0].endswith(":") else 1]) if lines else type(error).__name__
    return text if len(text) <= 300 else f"{text[:299]}…"


def refused(error: BaseException, name: str) -> EngineError:
    """Put an engine's complaint in words that say what to do next."""
    text = one_line(error)
    low = str(error).lower()
    if "permission" in low or "insufficient_privileges" in low or "not authorized" in low:
        missing = _MISSING.search(str(error))
        way = (
            f"ask for {missing['what']} on {missing['kind'].lower()} {missing['name']}"
            if missing
            else f"ask for SELECT on {name} (and USE CATALOG, USE SCHEMA above it)"
        )
    elif "not_found" in low or "not found" in low or "does not exist" in low or "no such file" in low:
        way = "check the name: catalog.schema.table, or a path to a Delta table or Parquet files"
    else:
        way = "the engine's own words are above"
        return EngineError(f"could not read {name}: {text}")
    return EngineError(f"could not read {name}: {text} — {way}")
