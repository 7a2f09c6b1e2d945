"""What engines read in different ways, in a user's condition, said so that all read it alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .flavour import TableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from .columns import Columns

# Flags of DuckDB's regular expressions that stand inside a pattern too; "c" is how it is anyway.
_FLAGS = {"i": "i", "s": "s", "c": ""}


def rewritten(node: exp.Expr, columns: Columns) -> exp.Expr:
    """Give a checked node of a user's condition in the words that every engine takes for the same.

    Parameters
    ----------
    node : sqlglot.exp.Expr
        As the user wrote it: its columns still have their own names.
    columns : Columns

    Raises
    ------
    TableError
        It cannot be said so; the message says why, without the condition.
    """
    from sqlglot import exp

    ways: dict[type, Callable[[Any, Columns], exp.Expr]] = {
        exp.In: _in,
        exp.Length: _length,
        exp.Is: _is,
        exp.RegexpLike: _flagged,
        exp.RegexpExtract: _flagged,
        exp.RegexpILike: _in_any_case,
        **dict.fromkeys((exp.Div, exp.IntDiv, exp.Mod), _divided),
        **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _compared),
    }
    way = ways.get(type(node))
    return node if way is None else way(node, columns)


def _in(node: exp.In, columns: Columns) -> exp.Expr:
    """``'x' IN a_list`` is DuckDB's own; in no values at all, as a program may write it, is nothing."""
    from sqlglot import exp

    if node.args.get("query") or node.args.get("unnest"):
        raise TableError("a sub-query is not allowed in it")
    field = node.args.get("field")
    if field is not None:
        if not _is_list(field, columns):
            raise TableError(f"IN {field.sql('duckdb')}: expected a column of lists, or values in brackets")
        return exp.ArrayContains(this=field, expression=node.this)
    return node if node.expressions else exp.false()


def _length(node: exp.Length, columns: Columns) -> exp.Expr:
    from sqlglot import exp

    return exp.ArraySize(this=node.this) if _is_list(node.this, columns) else node


def _is(node: exp.Is, _: Columns) -> exp.Expr:
    from sqlglot import exp

    if not isinstance(node.expression, (exp.Null, exp.Boolean)):
        raise TableError(
            f"IS {node.expression.sql('duckdb')}: only NULL, TRUE and FALSE stand after IS; use ="
        )
    return node


def _divided(node: exp.Binary, _: Columns) -> exp.Expr:
    """By nothing is NULL: DuckDB says infinity, and Spark fails."""
    from sqlglot import exp

    by = node.expression
    if isinstance(by, exp.Literal) and not by.is_string and float(by.name) != 0:
        return node
    made = node.copy()
    made.set("expression", exp.Nullif(this=by.copy(), expression=exp.Literal.number(0)))
    return made


def _compared(node: exp.Binary, _: Columns) -> exp.Expr:
    """Put comparisons inside one in brackets: some read them from the left, DuckDB not at all."""
    from sqlglot import exp

    truths = (exp.Predicate, exp.Connector)
    sides = [node.this, node.expression]
    if not any(isinstance(side, truths) for side in sides):
        return node
    if not all(isinstance(side, (*truths, exp.Boolean, exp.Paren)) for side in sides):
        raise TableError(f"{node.sql('duckdb')}: two comparisons are joined by AND, as in a < b AND b < c")
    left, right = (exp.paren(side.copy()) for side in sides)
    return type(node)(this=left, expression=right)


def _flagged(node: exp.Expr, _: Columns) -> exp.Expr:
    """Put flags into the pattern: apart from it they are lost on the way to Spark."""
    from sqlglot import exp

    name = "flag" if isinstance(node, exp.RegexpLike) else "parameters"
    flags = node.args.get(name)
    if flags is None:
        return node
    pattern = node.expression
    if not (_is_text(flags) and _is_text(pattern)) or set(flags.name) - set(_FLAGS):
        raise TableError(
            f"the flags {flags.sql('duckdb')} of a regular expression: expected 'i' (any case) or 's' "
            "(a dot is also a line break), beside a pattern in single quotes"
        )
    inline = "".join(_FLAGS[flag] for flag in dict.fromkeys(flags.name))
    made = node.copy()
    made.set(name, None)
    made.set("expression", exp.Literal.string((f"(?{inline})" if inline else "") + pattern.name))
    return made


def _in_any_case(node: exp.RegexpILike, columns: Columns) -> exp.Expr:
    """``~*`` is an operator that Spark does not have."""
    from sqlglot import exp

    flagged = exp.RegexpLike(this=node.this, expression=node.expression, flag=exp.Literal.string("i"))
    return _flagged(flagged, columns)


def _is_text(node: Any) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Literal) and bool(node.is_string)


def _is_list(node: exp.Expr, columns: Columns) -> bool:
    from sqlglot import exp

    if not isinstance(node, exp.Column):
        return False
    name = node.name.lower()
    stored = {column.lower(): kind.lower() for column, kind in columns.types.items()}.get(name, "")
    return columns.flavour.kinds.get(name) == "list" or stored.endswith("[]") or stored.startswith("array<")
