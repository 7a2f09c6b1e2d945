"""What a user's condition is instead of one, as far as the types tell before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

    from .columns import Columns

_WORDS = {
    "string": "a text",
    "int": "a number",
    "double": "a number",
    "date": "a date",
    "timestamp": "a moment",
    "list": "a list",
    "map": "a map",
}
_DERIVED = {
    **dict.fromkeys(("status", "model", "served_model", "endpoint", "entity", "id"), "string"),
    **dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens", "duration_ms", "ttfb_ms"), "int"),
    "weight": "double",
    "time": "timestamp",
}


def no_condition(node: exp.Expr, columns: Columns) -> str | None:
    """Say which part of a condition is neither true nor false; None where all may be.

    DuckDB would take a number for one, and read a text as ``true`` or fail at it; Spark takes neither.
    """
    from sqlglot import exp

    if isinstance(node, (exp.And, exp.Or)):
        parts = (no_condition(part, columns) for part in node.flatten(unnest=False))
        return next(filter(None, parts), None)
    if isinstance(node, (exp.Paren, exp.Not)):
        return no_condition(node.this, columns)
    if isinstance(node, (exp.Case, exp.If)):
        told = [one.args.get("true") for one in (node.args.get("ifs") or [node])]
        told += [node.args.get("default") or node.args.get("false")]
        wrong = (no_condition(one, columns) for one in told if one is not None)
        return next(filter(None, wrong), None)
    kind = None
    if isinstance(node, exp.Literal):
        kind = "string" if node.is_string else "double"
    elif isinstance(node, exp.Column):
        name = node.name.lower()
        own = {column.lower() for column in columns.types}
        kind = columns.flavour.kinds.get(name) or (None if name in own else _DERIVED.get(name))
    if kind not in _WORDS:
        return None
    return f"{node.sql('duckdb')} is {_WORDS[kind]} and no condition; compare it with something"
