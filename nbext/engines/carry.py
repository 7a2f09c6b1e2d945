"""One SQL text for all engines: DuckDB's dialect, carried to the others by sqlglot.

What sqlglot leaves to the reader is done here: the few places where the same words mean another
thing, or raise where DuckDB gives NULL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

# How Spark and Databricks name the types that DuckDB names otherwise.
_DUCKDB_TYPES = {
    "string": "varchar",
    "timestamp": "timestamp with time zone",
    "timestamp_ltz": "timestamp with time zone",
    "timestamp_ntz": "timestamp",
}


def sql_of(statement: exp.Expr, dialect: str, *, pretty: bool = False) -> str:
    """Write a statement for an engine."""
    if dialect != "duckdb":
        statement = _for_spark(statement.copy())
    return statement.sql(dialect=dialect, pretty=pretty)


def duckdb_type(kind: str) -> str:
    """Give DuckDB's name of a type that Spark or Databricks says; nested ones stay as they are.

    Examples
    --------
    >>> duckdb_type("TIMESTAMP")
    'timestamp with time zone'
    """
    kind = kind.lower()
    return _DUCKDB_TYPES.get(kind, kind)


def _apart(text: str) -> exp.Expr:
    """Write a text so that ``${name}`` in it, which Spark would replace in the statement, stands apart."""
    from sqlglot import exp

    pieces = text.split("${")
    parts = [exp.Literal.string(("{" if at else "") + piece + ("$" if at < len(pieces) - 1 else ""))
             for at, piece in enumerate(pieces)]  # fmt: skip
    return exp.Concat(expressions=parts, safe=True, coalesce=False)


def _for_spark(statement: exp.Expr) -> exp.Expr:
    from sqlglot import exp

    for like in list(statement.find_all(exp.Like, exp.ILike)):
        if isinstance(like.expression, exp.Literal) and not isinstance(like.parent, exp.Escape):
            # Only Spark takes a backslash in a pattern for an escape.
            like.set("expression", exp.Literal.string(like.expression.name.replace("\\", "\\\\")))
    for many in list(statement.find_all(exp.JSONExtractScalar)):
        if isinstance(many.expression, exp.Array):
            # DuckDB reads a text once for a list of paths; elsewhere each path is asked for.
            paths = many.expression.expressions
            many.replace(
                exp.Array(expressions=[exp.func("GET_JSON_OBJECT", many.this.copy(), path) for path in paths])
            )
    for literal in list(statement.find_all(exp.Literal)):
        if literal.is_string and "${" in literal.name:
            literal.replace(_apart(literal.name))
    for cast in statement.find_all(exp.TryCast):
        # Else sqlglot writes a CAST, which fails at the first value that does not fit.
        cast.set("safe", True)
    for tried in list(statement.find_all(exp.Try)):
        # get_json_object is NULL for text that is no JSON.
        tried.replace(tried.this)
    return statement
