"""What can be said of a row in SQL: the named columns of every flavour, written in DuckDB's dialect.

Tokens, status and the like are read off the stored text without parsing it: a quotation mark inside
a JSON string is escaped, so ``"completion_tokens"`` with plain quotation marks is a key wherever it
stands, and the last one wins in one JSON, a list of chunks, the text of events and the events of
the Responses API alike. No stored text, however broken, makes such a statement fail.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .flavour import LEGACY, SERVING, UNITY, Flavour
from .told import TOLD_SQL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlglot import exp

_TYPES = {
    "string": "TEXT",
    "int": "BIGINT",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
}
# How engines call the types that hold a kind already.
_FITS = {
    "string": ("varchar", "string", "text", "large_string"),
    "int": ("int", "bigint", "long", "smallint", "tinyint", "integer", "hugeint", "ubigint", "uinteger"),
    "double": ("double", "float", "decimal", "real"),
    "date": ("date",),
    "timestamp": ("timestamp with time zone", "timestamp"),
}


_BODIES = ("request", "response")
# The last usage object and what follows it.
USAGE = "split_part(response, '\"usage\"', -1)"
# Keys of token counts, in the APIs' own words.
TOKENS = {
    "sent": ("prompt_tokens", "input_tokens", "promptTokenCount"),
    "made": ("completion_tokens", "output_tokens", "candidatesTokenCount"),
    "cached": ("cached_tokens", "cache_read_input_tokens", "cachedContentTokenCount"),
    "total": ("total_tokens",),
    "read": ("cache_read_input_tokens",),
    "written": ("cache_creation_input_tokens",),
}


def tokens_sql(kind: str, usage: str = USAGE) -> str:
    """Read the number behind the last of a key, in the last usage object first: it is short."""
    tries = []
    for text in (usage, "response"):
        tries += [
            f"TRY_CAST(regexp_extract(split_part({text}, '\"{key}\"', -1),"
            f" '^\\s*:\\s*([0-9]{{1,15}})([^0-9]|$)', 1) AS BIGINT)"
            for key in TOKENS[kind]
        ]
    return f"coalesce({', '.join(tries)})"


def beside_sql(read: str, written: str) -> str:
    """Count what a cache gave and took."""
    return f"(coalesce({read}, 0) + coalesce({written}, 0))"


def apart_sql(sent: str, made: str, total: str, beside: str) -> str:
    """Tell whether the prompt is counted without what a cache held; the total tells, or the size."""
    return f"({sent} < {beside} OR {total} >= {sent} + coalesce({made}, 0) + {beside})"


def sent_sql(name: Callable[[str], str], usage: str = USAGE) -> str:
    """Count input tokens, cached ones included: Claude counts them apart; see `model.usage.usage_of`.

    Parameters
    ----------
    name : callable
        Gives the SQL of a kind of tokens.
    usage : str
        SQL of the last usage object.
    """
    sent, made, total, read, written = map(name, ("sent", "made", "total", "read", "written"))
    beside = beside_sql(read, written)
    apart = (
        f"{apart_sql(sent, made, total, beside)}"
        f" OR ({total} IS NULL AND contains({usage}, '\"input_tokens\"'))"
    )
    cached = f"contains({usage}, '\"cache_read_input_tokens\"')"
    return f"CASE WHEN {cached} AND ({apart}) THEN {sent} + {beside} ELSE {sent} END"


_GUARDRAIL = (
    'regexp_matches(response, \'"message"\\s*:\\s*"\\s*\\{\')'
    " AND regexp_matches(response, '(input|output)_guardrail')"
)
_BUDGET = "regexp_matches(response, 'Budget .{1,400} has reached its limit of')"
_STATUS = f"""
CASE
  WHEN status_code >= 400 AND {_GUARDRAIL} THEN 'blocked'
  WHEN status_code >= 400 AND (contains(response, '"content_filter"')
    OR contains(response, '"content_policy_violation"')
    OR contains(response, '"ResponsibleAIPolicyViolation"')) THEN 'blocked'
  WHEN status_code = 429 THEN 'rate_limited'
  WHEN status_code = 403 AND {_BUDGET} THEN 'blocked'
  WHEN status_code >= 400 THEN 'error'
  WHEN contains(response, '"databricks_service_policy"') OR contains(response, '"databricks-guardrail-block"')
    OR regexp_matches(response, '"finish_reason"\\s*:\\s*"content_filter"') THEN 'blocked'
  WHEN regexp_matches(response, '^\\s*\\{{\\s*"(error|error_code)"\\s*:\\s*["{{]') THEN 'error'
  ELSE 'ok'
END
"""
_JSON = "TRY(json_extract_string({body}, '$.{key}'))"

# Names any flavour has. An expression that needs a column the table lacks is NULL.
_COMMON: dict[str, str] = {
    "status": _STATUS,
    "input_tokens": sent_sql(tokens_sql),
    "output_tokens": tokens_sql("made"),
    "cached_tokens": tokens_sql("cached"),
    "model": _JSON.format(body="request", key="model"),
    "served_model": _JSON.format(body="response", key="model"),
    "streamed": "coalesce(regexp_matches(request, '\"stream\"\\s*:\\s*true'), FALSE)",
    # What a row stands for when only a share of the requests is logged.
    "weight": "CASE WHEN sampling_fraction > 0 THEN 1.0 / sampling_fraction ELSE 1.0 END",
}
_OWN: dict[str, dict[str, str]] = {
    SERVING.name: {
        "id": "databricks_request_id",
        "time": "request_time",
        "duration_ms": "execution_duration_ms",
        "ttfb_ms": "NULL",
        "entity": "served_entity_id",
        "endpoint": f"coalesce({_COMMON['model']}, {TOLD_SQL})",
    },
    LEGACY.name: {
        "id": "databricks_request_id",
        "time": "CAST(make_timestamp(timestamp_ms * 1000) AS TIMESTAMPTZ)",
        "duration_ms": "execution_time_ms",
        "ttfb_ms": "NULL",
        "entity": "request_metadata['model_name']",
        "endpoint": "request_metadata['endpoint_name']",
    },
    UNITY.name: {
        "id": "request_id",
        "time": "event_time",
        "duration_ms": "latency_ms",
        "ttfb_ms": "time_to_first_byte_ms",
        "entity": "destination_name",
        "endpoint": "coalesce(" + _COMMON["model"] + ", destination_name)",
    },
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
    apart : bool
        Keep the engine from looking at bodies of other rows; see `DuckDBEngine.mixes_rows`.
    """

    def __init__(
        self,
        flavour: Flavour,
        types: Mapping[str, str],
        *,
        endpoint: str | None = None,
        beside: Mapping[str, str] | None = None,
        apart: bool = False,
    ) -> None:
        self.flavour = flavour
        self.apart = apart
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
        return {name: self._actual[name] for name in [*self.present, *more]}

    @property
    def derived(self) -> dict[str, str]:
        """Names of derived columns, with their SQL over the flavour's columns."""
        known = {**_COMMON, **_OWN[self.flavour.name]}
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
        if kind is None or kind not in _TYPES or stored.partition("(")[0] in _FITS[kind]:
            return self._apart(column) if self.apart and name.lower() in _BODIES else column
        if kind == "int" and stored.partition("(")[0] in (*_FITS["string"], *_FITS["double"]):
            # "842" and 842.0, as frames with a gap hold it, are the same number.
            return exp.TryCast(
                this=exp.TryCast(this=column, to=exp.DataType.build("DOUBLE")),
                to=exp.DataType.build("BIGINT"),
            )
        return exp.TryCast(this=column, to=exp.DataType.build(_TYPES[kind]))

    def _apart(self, body: exp.Expr) -> exp.Expr:
        """Give a body with nothing of another column behind it: what is made of two is no dictionary's."""
        from sqlglot import exp

        other = next((name for name in self.types if name != body.name), body.name)
        text = exp.cast(exp.column(exp.to_identifier(other, quoted=True)), "TEXT")
        nothing = exp.Left(this=text, expression=exp.Literal.number(0))
        return exp.paren(
            exp.DPipe(this=body, expression=exp.Coalesce(this=nothing, expressions=[exp.Literal.string("")])),
            copy=False,
        )

    def named(self, name: str) -> exp.Expr:
        """Give a derived column, or a column of the table, as an expression."""
        from sqlglot import exp

        if name == "endpoint" and self.endpoint is not None:
            found = exp.Coalesce(this=self._derived(name), expressions=[exp.Literal.string(self.endpoint)])
            return found if self.flavour is LEGACY else exp.Literal.string(self.endpoint)
        return self._derived(name) if name in self.derived else self.column(name)

    def _derived(self, name: str) -> exp.Expr:

        if self.flavour is LEGACY and name == "time" and "request_time" in self._actual:
            return self.column("request_time")
        return _parsed(self.derived[name]).copy().transform(self._ours)

    def _ours(self, node: exp.Expr) -> exp.Expr:
        from sqlglot import exp

        if isinstance(node, exp.Bracket) and isinstance(node.this, exp.Column):
            return self.entry(node.this.name, node.expressions[0].name)
        return self.column(node.name) if isinstance(node, exp.Column) else node

    def clock(self) -> tuple[exp.Expr, Callable[[datetime], exp.Expr]]:
        """Give the stored time, and what makes a literal to compare it with.

        Compared as it is stored, so that files whose statistics rule them out are not read.
        """
        from sqlglot import exp

        name = self.flavour.time
        if self.flavour is LEGACY and "request_time" in self._actual:
            name = "request_time"
        if self.flavour.kinds.get(name) == "int":
            return self.column(name), lambda moment: exp.Literal.number(int(moment.timestamp() * 1000))
        actual = self._actual.get(name)
        if actual is not None and self.types[actual] == "timestamp":
            return self.column(name), lambda moment: _time(moment.replace(tzinfo=None), "TIMESTAMP")
        time: exp.Expr = exp.column(exp.to_identifier(actual or name, quoted=True))
        if actual is None or self.types[actual] not in _FITS["timestamp"]:
            time = exp.TryCast(this=time, to=exp.DataType.build("TIMESTAMPTZ"))
        return time, lambda moment: _time(moment, "TIMESTAMPTZ")

    def entry(self, name: str, key: str) -> exp.Expr:
        """Give an entry of a column of key-value pairs, which may be a map, a struct or JSON text."""
        from sqlglot import exp

        actual = self._actual.get(name.lower())
        if actual is None:
            return exp.cast(exp.Null(), "TEXT")
        column = exp.column(exp.to_identifier(actual, quoted=True))
        stored = self.types[actual].lower()
        if stored.startswith("map"):
            return exp.Bracket(this=column, expressions=[exp.Literal.string(key)])
        if stored.startswith("struct") and not stored.endswith("]"):
            if re.search(rf"[(<,]\s*\"?{re.escape(key.lower())}\"?[\s:]", stored) is None:
                return exp.cast(exp.Null(), "TEXT")
            return exp.Dot(this=column, expression=exp.to_identifier(key, quoted=True))
        if stored.partition("(")[0] in _FITS["string"]:
            path = exp.Literal.string(f'$."{key}"')
            return exp.Try(this=exp.func("json_extract_string", column, path, dialect="duckdb"))
        return exp.cast(exp.Null(), "TEXT")


def _time(moment: datetime, kind: str) -> exp.Expr:
    from sqlglot import exp

    return exp.cast(exp.Literal.string(moment.isoformat(" ")), kind)


@lru_cache(maxsize=256)
def _parsed(sql: str) -> exp.Expr:
    import sqlglot

    return sqlglot.parse_one(sql, read="duckdb")
