"""The user's own filter: parsed, checked node by node, and built anew; its text never becomes SQL."""

from __future__ import annotations

import difflib
import re
from datetime import datetime, timezone
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

from ...engines import SAID
from .conditions import no_condition
from .flavour import TableError
from .rewritten import rewritten
from .times import moment_of
from .usage import beside_name

if TYPE_CHECKING:
    from sqlglot import exp

    from .columns import Columns

_LONGEST = 100_000
_DEEPEST = 60
_HINT = "\"status_code >= 400 AND requester LIKE '%@example.com'\""


def filter_of(text: str, columns: Columns) -> exp.Expr:
    """Check a filter and build it.

    Parameters
    ----------
    text : str
        A condition in DuckDB's dialect over the table's columns, and over the derived ones such as
        ``status`` or ``input_tokens``.
    columns : Columns

    Raises
    ------
    TableError
        It is no condition, names a column that does not exist, or holds anything but comparisons,
        arithmetic and plain functions: no sub-query, no statement, no function that reads or writes.
    """
    from sqlglot import exp

    parsed = _parsed(text)
    builder = _Builder(text, columns)
    built = builder.build(parsed, 0).unnest()
    # Alone in brackets, Spark takes a name behind WHERE for a column's: `FROM calls AS where (mine)`.
    alone = isinstance(built, (exp.Column, exp.Boolean))
    made = built if alone else exp.paren(built)
    if isinstance(built, exp.Null):
        made = exp.cast(built, "BOOLEAN")
    wrong = no_condition(parsed, columns)
    if wrong is not None:
        raise builder.refused(wrong)
    # Values that do not fit are found out only when rows are read: the engine then names it.
    made.meta[SAID] = builder.text
    return made


def _parsed(text: str) -> exp.Expr:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if not isinstance(text, str) or not text.strip():
        raise TableError(f"where({text!r}): expected a condition such as {_HINT}")
    if len(text) > _LONGEST:
        raise TableError(f"where(…): a condition of {len(text):,} characters; at most {_LONGEST:,} are read")
    try:
        found = sqlglot.parse_one(text, read="duckdb", into=exp.Condition)
    except (SqlglotError, RecursionError) as error:
        raise TableError(
            f"where({_short(text)!r}) is no condition: {_why(error)}; expected e.g. {_HINT}"
        ) from None
    if isinstance(found, (exp.Block, exp.Query, exp.DDL, exp.Command)):
        raise TableError(f"where({_short(text)!r}) is a statement; expected a condition such as {_HINT}")
    return found


def _why(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()[0]
    if text.startswith("Failed to parse"):
        return "it cannot be read as one condition"
    return text.rstrip(". ")[:160]


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


@lru_cache(maxsize=1)
def _allowed() -> frozenset[type]:
    """Node types that compute a value of the row's own and nothing else."""
    from sqlglot import exp

    names = """
        And Or Not Paren EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Between In Like ILike Escape Is
        RegexpLike RegexpILike Add Sub Mul Div IntDiv Mod Neg DPipe Concat
        Literal Boolean Null Case If Cast TryCast DataType Interval Var
        Lower Upper Trim Length Substring StartsWith EndsWith Contains StrPosition Coalesce Nullif Abs Round
        Greatest Least Left Right Replace SplitPart RegexpExtract ArrayContains ArraySize ArrayLength
        CurrentTimestamp CurrentDate TimestampTrunc DateTrunc Extract Tuple
        JSONExtract JSONExtractScalar JSONPath JSONPathRoot JSONPathKey JSONPathSubscript
    """
    return frozenset(getattr(exp, name) for name in names.split() if hasattr(exp, name))


# Types a value may be cast to; others reach into the engine's catalogue.
_CASTS = frozenset(
    [
        "INT",
        "BIGINT",
        "SMALLINT",
        "TINYINT",
        "DOUBLE",
        "FLOAT",
        "DECIMAL",
        "TEXT",
        "VARCHAR",
        "BOOLEAN",
        "DATE",
        "TIMESTAMP",
        "TIMESTAMPTZ",
        "TIMESTAMPNTZ",
        "TIMESTAMPLTZ",
    ]
)
_MOMENTS = ("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPNTZ", "TIMESTAMPLTZ")
_RENAMED = {"now": "CURRENT_TIMESTAMP", "today": "CURRENT_DATE"}


class _Builder:
    def __init__(self, text: str, columns: Columns) -> None:
        self.text = _short(text)
        self.columns = columns

    def build(self, node: exp.Expr, depth: int) -> exp.Expr:
        """Build a node of checked children."""
        from sqlglot import exp

        if depth > _DEEPEST:
            raise self.refused("it is nested too deeply")
        if isinstance(node, exp.Column):
            return self.column(node)
        if isinstance(node, (exp.And, exp.Or)):
            # However many are joined, they stand beside each other and not inside.
            parts = [self.build(part, depth + 1) for part in node.flatten(unnest=False)]
            return reduce(lambda left, right: type(node)(this=left, expression=right), parts)
        if isinstance(node, exp.Bracket):
            return self.entry(node)
        if isinstance(node, exp.Anonymous) and str(node.this).lower() in _RENAMED and not node.expressions:
            return exp.CurrentTimestamp() if str(node.this).lower() == "now" else exp.CurrentDate()
        if type(node) not in _allowed():
            raise self.refused(f"{_said(node)} is not allowed in it")
        if isinstance(node, exp.DataType) and node.this.name not in _CASTS:
            raise self.refused(f"a cast to {node.sql('duckdb')} is not allowed in it")
        try:
            node = rewritten(node, self.columns)
        except TableError as error:
            raise self.refused(str(error)) from None
        if (
            isinstance(node, (exp.Cast, exp.TryCast))
            and node.to.this.name in _MOMENTS
            and _is_text(node.this)
        ):
            return self.moment(node.this.name)
        if isinstance(node, _comparing()) and any(self.is_time(n) for n in node.iter_expressions()):
            # A moment written as text is UTC, whatever the zone of the engine's session.
            node = node.copy()
            for literal in [n for n in node.iter_expressions() if _is_text(n)]:
                literal.replace(exp.cast(literal.copy(), "TIMESTAMPTZ"))
        made = type(node)(**{key: self.value(value, depth + 1) for key, value in node.args.items()})
        # Text that is no JSON is a row without the key, not the end of the query.
        return exp.Try(this=made) if isinstance(node, (exp.JSONExtract, exp.JSONExtractScalar)) else made

    def is_time(self, node: exp.Expr) -> bool:
        from sqlglot import exp

        if isinstance(node, (exp.TimestampTrunc, exp.DateTrunc)):
            return self.is_time(node.this)
        kinds = self.columns.flavour.kinds
        name = node.name.lower() if isinstance(node, exp.Column) else ""
        return name == "time" or kinds.get(name) == "timestamp"

    def moment(self, text: str) -> exp.Expr:
        """Give a moment, in UTC unless it says another zone."""
        from sqlglot import exp

        try:
            found = moment_of(text, datetime.now(timezone.utc))
        except TableError:
            raise self.refused(f"{text!r} is no moment such as '2026-07-04 12:00'") from None
        return exp.cast(exp.Literal.string(found.isoformat(" ")), "TIMESTAMPTZ")

    def value(self, value: Any, depth: int) -> Any:
        from sqlglot import exp

        if isinstance(value, exp.Expression):
            return self.build(value, depth)
        if isinstance(value, list):
            return [self.value(item, depth) for item in value]
        return value

    def column(self, node: exp.Column) -> exp.Expr:
        if node.table:
            raise self.refused(f"{node.sql('duckdb')} has a dot; columns stand alone")
        found = self.name(node)
        return self.columns.column(found) if found in self.columns.types else self.columns.named(found)

    def name(self, node: exp.Column) -> str:
        """Find the column that a name means: the table's or a derived one, else one of a usage table."""
        known = {known.lower(): known for known in self.columns.names}
        found = known.get(node.name.lower()) or beside_name(node.name, known)
        if found is None:
            raise self.unknown(node, list(known.values()))
        return found

    def entry(self, node: exp.Bracket) -> exp.Expr:
        """Give an entry of a column of key-value pairs: ``request_tags['team']``."""
        from sqlglot import exp

        key = node.expressions[0] if len(node.expressions) == 1 else None
        if not isinstance(node.this, exp.Column) or not isinstance(key, exp.Literal) or not key.is_string:
            raise self.refused(f"{node.sql('duckdb')}: expected column['key']")
        self.column(node.this)
        return self.columns.entry(self.name(node.this), key.name)

    def refused(self, why: str) -> TableError:
        return TableError(f"where({self.text!r}): {why}; expected a condition such as {_HINT}")

    def unknown(self, node: exp.Column, known: list[str]) -> TableError:
        name = node.name
        close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        hints = [f"did you mean {close[0]!r}?"] if close else []
        if node.this.quoted:
            text = name.replace("'", "''")
            hints.append(f"double quotes hold the name of a column, a text stands in single ones: '{text}'")
        hint = " ".join(hints) or f"known: {', '.join(known)}"
        return TableError(f"where({self.text!r}): no column {name!r}; {hint}")


def _comparing() -> tuple[type, ...]:
    from sqlglot import exp

    return (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)


def _is_text(node: Any) -> bool:
    from sqlglot import exp

    return isinstance(node, exp.Literal) and bool(node.is_string)


def _said(node: exp.Expr) -> str:
    """Name a node as the user wrote it."""
    from sqlglot import exp

    if isinstance(node, (exp.Query, exp.Subquery, exp.Exists)):
        return "a sub-query"
    if isinstance(node, exp.Anonymous):
        return f"the function {node.this}()"
    if isinstance(node, exp.Func):
        return f"the function {node.sql_name().lower()}()"
    return type(node).__name__.upper()
