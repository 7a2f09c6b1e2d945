"""Traces out of the tables MLflow keeps in Unity Catalog, asked where they lie.

Two are read: the view ``<prefix>_trace_unified`` (a row is a trace with its spans), and
``<prefix>_otel_spans`` (a row is a span), whose ``attributes`` are a map in its first version and
VARIANT in its second. https://docs.databricks.com/aws/en/mlflow3/genai/tracing/trace-unity-catalog
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from .errors import TraceStoreError
from .stored import stored_trace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot import exp

    from ...engines import Engine, Relation
    from ...model.redact import Redactor
    from .stored import StoredTrace

_UNIFIED = frozenset({"trace_id", "spans", "trace_metadata"})
_SPANS = frozenset({"trace_id", "span_id", "start_time_unix_nano", "attributes"})
# Columns of a span that tell nothing here; VARIANT ones among them would be costly to carry.
_LEFT_OUT = frozenset({"resource", "instrumentation_scope", "record_id", "date", "service_name"})
PAGE = 100


class TraceTable:
    """A trace table, asked through an engine.

    Parameters
    ----------
    engine : Engine
    relation : Relation
        As the engine gave it.

    Raises
    ------
    TraceStoreError
        The columns are those of no trace table.
    """

    def __init__(
        self,
        engine: Engine,
        relation: Relation,
        *,
        prices: Mapping[str, Any] | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self.engine = engine
        self.relation = relation
        self._prices = prices
        self._redactor = redactor
        columns = set(relation.columns)
        self.unified = columns >= _UNIFIED
        if not self.unified and not columns >= _SPANS:
            raise TraceStoreError(
                f"{relation.name} is no trace table: expected <prefix>_trace_unified or <prefix>_otel_spans, "
                f"found the columns {', '.join(sorted(columns)[:12])}"
            )

    def pages(self, *, since_ns: int | None = None, limit: int | None = None) -> Iterator[list[StoredTrace]]:
        """Give the traces, newest first, as the rows come.

        Raises
        ------
        EngineError
            The table may not be read.
        """
        rows = self._rows(since_ns, limit)
        traces = map(self._of_unified, rows) if self.unified else self._of_spans(rows)
        while page := list(itertools.islice(traces, PAGE)):
            yield page

    # ── statements ────────────────────────────────────────────────────────

    def _rows(self, since_ns: int | None, limit: int | None) -> Iterator[dict[str, Any]]:
        statement = (self._whole if self.unified else self._spans)(since_ns, limit)
        for batch in self.engine.query(statement):
            yield from batch.to_pylist()

    def _whole(self, since_ns: int | None, limit: int | None) -> exp.Expression:
        from sqlglot import exp

        statement = exp.select(*self._columns()).from_(self.relation.table)
        time = exp.column("request_time", quoted=True)
        if since_ns is not None:
            statement = statement.where(time >= _timestamp(since_ns))
        statement = statement.order_by(exp.Ordered(this=time, desc=True, nulls_first=False))
        return statement if limit is None else statement.limit(limit)

    def _spans(self, since_ns: int | None, limit: int | None) -> exp.Expression:
        """All spans of the newest traces, those of a trace together."""
        from sqlglot import exp

        start, trace = (exp.column(name, quoted=True) for name in ("start_time_unix_nano", "trace_id"))
        newest = (
            exp.select(trace, exp.alias_(exp.Min(this=start), "nbext_begun"))
            .from_(self.relation.table)
            .group_by(trace)
        )
        if since_ns is not None:
            newest = newest.having(exp.Min(this=start) >= exp.Literal.number(since_ns))
        newest = newest.order_by(exp.Ordered(this=exp.column("nbext_begun"), desc=True, nulls_first=False))
        if limit is not None:
            newest = newest.limit(limit)
        own: list[Any] = [
            exp.alias_(self._carried(exp.column(name, "s", quoted=True), name), name, quoted=True)
            for name in self.relation.columns
            if name not in _LEFT_OUT
        ]
        table = exp.alias_(self.relation.table.copy(), "s", table=True)
        return (
            exp.select(*own)
            .from_(table)
            .join(
                newest.subquery("n"),
                on=exp.column("trace_id", "s", quoted=True).eq(exp.column("trace_id", "n", quoted=True)),
            )
            .order_by(
                exp.Ordered(this=exp.column("nbext_begun", "n"), desc=True, nulls_first=False),
                exp.column("trace_id", "s", quoted=True),
                exp.column("start_time_unix_nano", "s", quoted=True),
            )
        )

    def _columns(self) -> list[Any]:
        from sqlglot import exp

        return [
            exp.alias_(self._carried(exp.column(name, quoted=True), name), name, quoted=True)
            for name in self.relation.columns
        ]

    def _carried(self, column: exp.Expression, name: str) -> exp.Expression:
        """VARIANT has no form in Arrow; it comes as JSON."""
        from sqlglot import exp

        if "variant" not in self.relation.columns[name]:
            return column
        as_json = exp.Anonymous(this="to_json", expressions=[column])
        return exp.cast(as_json, exp.DataType.build("text"))

    # ── rows ──────────────────────────────────────────────────────────────

    def _of_unified(self, row: dict[str, Any]) -> StoredTrace:
        return stored_trace(row, row.get("spans") or (), prices=self._prices, redactor=self._redactor)

    def _of_spans(self, rows: Iterator[dict[str, Any]]) -> Iterator[StoredTrace]:
        for trace_id, group in itertools.groupby(rows, key=lambda row: row["trace_id"]):
            yield stored_trace(
                {"trace_id": trace_id}, list(group), prices=self._prices, redactor=self._redactor
            )


def _timestamp(ns: int) -> exp.Expression:
    from datetime import datetime, timezone

    from sqlglot import exp

    text = datetime.fromtimestamp(ns / 1e9, tz=timezone.utc).isoformat(sep=" ", timespec="microseconds")
    return exp.cast(exp.Literal.string(text), exp.DataType.build("timestamptz"))
