"""SQL of ours over the named columns of a table, with what the names stand for written in."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

    from .columns import Columns


def inlined(sql: str, columns: Columns) -> exp.Expr:
    """Give an expression in which every name is replaced by what it stands for.

    An engine then computes it only for the rows that need it: a derived column that stands in one
    branch of a CASE is not read for the rows of another.

    Parameters
    ----------
    sql : str
        Ours, not the user's, in DuckDB's dialect.
    columns : Columns
    """
    from sqlglot import exp

    def replaced(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Bracket) and isinstance(node.this, exp.Column):
            return columns.entry(node.this.name, node.expressions[0].name)
        if not isinstance(node, exp.Column):
            return node
        return columns.named(node.name) if node.name in columns.derived else columns.column(node.name)

    return parsed(sql).copy().transform(replaced)


@lru_cache(maxsize=256)
def parsed(sql: str) -> exp.Expr:
    """Parse SQL of ours, in DuckDB's dialect, once; to be copied before it is changed."""
    import sqlglot

    return sqlglot.parse_one(sql, read="duckdb")
