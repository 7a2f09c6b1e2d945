"""What can be said of a row in SQL: the named columns of every flavour, as expressions of one table."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .derived import COMMON, OWN
from .flavour import LEGACY, SERVING, Flavour
from .inline import parsed
from .texts import entry_of_pairs, entry_of_text, list_of_text
from .times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlglot import exp

_TYPES = {
    "string": "TEXT",
    "int": "BIGINT",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
}
# How the client saw a call end; bodies do not tell what broke off or was never answered.
_ENDED = ("status", "error_type", "error_message")
# How engines call the types that hold a kind already.
_FITS = {
    "string": ("varchar", "string", "text", "large_string"),
    "int": ("int", "bigint", "long", "smallint", "tinyint", "integer", "hugeint", "ubigint", "uinteger"),
    "double": ("double", "float", "decimal", "real"),
    "date": ("date",),
    "timestamp": ("timestamp with time zone", "timestamp"),
}


class Columns:
    """The columns of one table and what is derived from them, as sqlglot expressions.

    Parameters
    ----------
    flavour : Flavour
    types : mapping of str to str
        Columns the table has, with the engine's types in lower case.
    endpoint : str, optional
        The one endpoint the table is of, when that is known.
    beside : mapping of str to str, optional
        Derived columns that usage tables tell better, in SQL; ``{own}`` stands for what they were.
    """

    def __init__(
        self,
        flavour: Flavour,
        types: Mapping[str, str],
        *,
        endpoint: str | None = None,
        beside: Mapping[str, str] | None = None,
    ) -> None:
        self.flavour = flavour
        self.types = dict(types)
        self.endpoint = endpoint
        self.beside = dict(beside or {})
        self._actual = {name.lower(): name for name in types}

    @property
    def present(self) -> list[str]:
        """The flavour's own columns that the table has, in the flavour's order."""
        return [name for name in self.flavour.kinds if name in self._actual]

    @property
    def stored(self) -> dict[str, str]:
        """The flavour's own columns, and how the table writes their names."""
        more = ["request_time"] if self.flavour is LEGACY and "request_time" in self._actual else []
        return {name: self._actual[name] for name in [*self.present, *more, *self.ended]}

    @property
    def ended(self) -> list[str]:
        """How each call ended, which a table of your own calls tells and none of a gateway's."""
        own = self.flavour is SERVING and {"call_id", "capture_id", *_ENDED} <= set(self._actual)
        return list(_ENDED) if own else []

    @property
    def derived(self) -> dict[str, str]:
        """Names of derived columns, with their SQL over the flavour's columns."""
        known = {**COMMON, **OWN[self.flavour.name]}
        if self.ended:
            known["status"] = f"coalesce(status, {known['status']})"
        return {**known, **{name: sql.replace("{own}", known[name]) for name, sql in self.beside.items()}}

    @property
    def names(self) -> list[str]:
        """All names an expression may use: the table's columns first."""
        return [*self.types, *(name for name in self.derived if name not in self._actual)]

    def column(self, name: str) -> exp.Expr:
        """Give a column of the table in the type its flavour says, whatever the stored type.

        A column that the table lacks is NULL.
        """
        from sqlglot import exp

        actual = self._actual.get(name.lower())
        kind = self.flavour.kinds.get(name.lower())
        if actual is None:
            return exp.cast(exp.Null(), _TYPES[kind]) if kind in _TYPES else exp.Null()
        column: exp.Expr = exp.column(exp.to_identifier(actual, quoted=True))
        stored = self.types[actual].lower()
        if kind == "list" and stored.partition("(")[0] in _FITS["string"]:
            return list_of_text(column)
        if kind is None or kind not in _TYPES or stored.partition("(")[0] in _FITS[kind]:
            return column
        if kind == "int" and stored.partition("(")[0] in (*_FITS["string"], *_FITS["double"]):
            # "842" and 842.0, as frames with a gap hold it, are the same number.
            return exp.TryCast(
                this=exp.TryCast(this=column, to=exp.DataType.build("DOUBLE")),
                to=exp.DataType.build("BIGINT"),
            )
        return exp.TryCast(this=column, to=exp.DataType.build(_TYPES[kind]))

    def named(self, name: str) -> exp.Expr:
        """Give a derived column, or a column of the table, as an expression."""
        from sqlglot import exp

        if name == "endpoint" and self.endpoint is not None:
            found = exp.Coalesce(this=self._derived(name), expressions=[exp.Literal.string(self.endpoint)])
            return found if self.flavour is LEGACY else exp.Literal.string(self.endpoint)
        return self._derived(name) if name in self.derived else self.column(name)

    def _derived(self, name: str) -> exp.Expr:

        if name == "time" and self.received in (None, "request_time", self.flavour.date):
            return self.column("request_time") if self.received == "request_time" else self._midnight()
        return parsed(self.derived[name]).copy().transform(self._ours)

    def _ours(self, node: exp.Expr) -> exp.Expr:
        from sqlglot import exp

        if isinstance(node, exp.Bracket) and isinstance(node.this, exp.Column):
            return self.entry(node.this.name, node.expressions[0].name)
        return self.column(node.name) if isinstance(node, exp.Column) else node

    @property
    def received(self) -> str | None:
        """The column that tells best when a request was received: the time, or failing that its day."""
        if self.flavour is LEGACY and "request_time" in self._actual:
            return "request_time"
        return next((name for name in (self.flavour.time, self.flavour.date) if name in self._actual), None)

    def _midnight(self) -> exp.Expr:
        """Give the day as a moment, as rows without a time are read; NULL without a day."""
        from sqlglot import exp

        day = exp.Null() if self.flavour.date is None else self.column(self.flavour.date)
        return exp.cast(day, "TIMESTAMPTZ")

    def clock(self) -> tuple[exp.Expr, Callable[[datetime], exp.Expr]]:
        """Give the stored time, and what makes a literal to compare it with.

        Compared as it is stored, so that files whose statistics rule them out are not read.
        """
        from sqlglot import exp

        name = self.received
        if name is None or name == self.flavour.date:
            return self._midnight(), lambda moment: _time(moment, "TIMESTAMPTZ")
        if self.flavour.kinds.get(name) == "int":
            return self.column(name), lambda moment: exp.Literal.number(_ms_from(moment))
        actual = self._actual[name]
        if self.types[actual] == "timestamp":
            return self.column(name), lambda moment: _time(moment.replace(tzinfo=None), "TIMESTAMP")
        time: exp.Expr = exp.column(exp.to_identifier(actual, quoted=True))
        if self.types[actual] not in _FITS["timestamp"]:
            time = exp.TryCast(this=time, to=exp.DataType.build("TIMESTAMPTZ"))
        return time, lambda moment: _time(moment, "TIMESTAMPTZ")

    def entry(self, name: str, key: str) -> exp.Expr:
        """Give an entry of a column of key-value pairs: a map, a struct, a list of pairs, or JSON text."""
        from sqlglot import exp

        actual = self._actual.get(name.lower())
        if actual is None:
            return exp.cast(exp.Null(), "TEXT")
        column = exp.column(exp.to_identifier(actual, quoted=True))
        stored = self.types[actual].lower()
        if stored.startswith("map"):
            return exp.Bracket(this=column, expressions=[exp.Literal.string(key)])
        named = re.search(r"^(struct\(\"?key\"? .*\)\[\]$|array<struct<key:)", stored) is not None
        if named or stored in ("varchar[][]", "array<array<string>>"):
            return entry_of_pairs(column, key, named=named)
        if stored.startswith("struct") and not stored.endswith("]"):
            if re.search(rf"[(<,]\s*\"?{re.escape(key.lower())}\"?[\s:]", stored) is not None:
                return exp.Dot(this=column, expression=exp.to_identifier(key, quoted=True))
        elif stored.partition("(")[0] in _FITS["string"]:
            return entry_of_text(column, key)
        return exp.cast(exp.Null(), "TEXT")


def _ms_from(moment: datetime) -> int:
    """Give the first whole millisecond that is not before a moment: either bound of a window is one."""
    return -((EPOCH - moment) // timedelta(milliseconds=1))


def _time(moment: datetime, kind: str) -> exp.Expr:
    from sqlglot import exp

    return exp.cast(exp.Literal.string(moment.isoformat(" ")), kind)


def tags_column(columns: Columns) -> str | None:
    """Name the column of caller tags; None if there is none."""
    here = {name.lower() for name in columns.types}
    return next((name for name in ("nbext_tags", "request_tags") if name in here), None)
