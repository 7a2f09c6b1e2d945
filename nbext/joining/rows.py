"""Rows of the gateway's tables, by keys: of the inference table, then those only the usage tables have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..sources.inference_table.columns import tags_column
from ..sources.inference_table.counted import rows_only_counted
from ..sources.inference_table.filters import any_in
from ..sources.inference_table.query import Window
from ..sources.inference_table.times import moment_at
from .clocks import ahead_ns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlglot import exp

    from ..model.call import Call
    from ..sources.inference_table import Row
    from ..sources.inference_table.table import InferenceTable
    from .keys import Key

# Ids in one statement.
_AT_ONCE = 500
# Clocks differ, and a call may have waited before it was received.
_SLACK = timedelta(minutes=10)


@dataclass(eq=False)
class Seen:
    """A logged row, and the call it logs, built when it is looked at.

    Parameters
    ----------
    row : Row
    table : str
        Where it was found.
    id_column : str
        What that table calls the request's id.
    counted_only : bool
        A usage table has it, the inference table has not.
    """

    row: Row
    table: str
    id_column: str
    source: InferenceTable
    counted_only: bool = False
    _call: Call | None = field(default=None, repr=False)

    @property
    def call(self) -> Call:
        """The call as the gateway logged it."""
        if self._call is None:
            self._call = self.source.call_of(self.row)
        return self._call

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the caller, from either table."""
        return self.call.facts.tags


def window_of(calls: Iterable[Call], slack: timedelta = _SLACK) -> Window:
    """Give the time, by the gateway's clock, the rows of some calls must be in."""
    spans = [(call.start_ns, call.end_ns or call.start_ns, ahead_ns(call)) for call in calls]
    start = min(start + ahead for start, _, ahead in spans)
    end = max(end + ahead for _, end, ahead in spans)
    return Window(moment_at(start) - slack, moment_at(end) + slack)


class Rows:
    """What has been read of the tables so far, each request once.

    Parameters
    ----------
    table : InferenceTable
    window : Window
        Where rows are looked for at all.
    """

    def __init__(self, table: InferenceTable, window: Window) -> None:
        self.table = table._asked(table.query.during(window))
        self.window = window
        self.by_id: dict[str, Seen] = {}
        self.by_client: dict[str, list[Seen]] = {}
        self.by_tag: dict[tuple[str, str], list[Seen]] = {}
        self.sampling: float | None = None

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read the rows that carry one of the keys."""
        keys = list(keys)
        for first in range(0, len(keys), _AT_ONCE):
            part = keys[first : first + _AT_ONCE]
            self.take(self.table._asked(self.table.query.filtered(self._carrying(part))))
        self._fetch_counted(keys)

    def fetch_ids(self, ids: Iterable[str]) -> None:
        """Read rows by their ids."""
        from .keys import Key

        self.fetch([Key("request", value, "") for value in ids if value not in self.by_id])

    def take(self, asked: InferenceTable) -> list[Seen]:
        """Read what was asked for."""
        return [self.keep(row, asked.relation.name, asked.flavour.id) for row in asked.rows()]

    def keep(self, row: Row, table: str, id_column: str, *, counted_only: bool = False) -> Seen:
        """Take in a row; one that is there already is that one."""
        known = self.by_id.get(row.id) if row.id is not None else None
        if known is not None:
            return known
        seen = Seen(row, table, id_column, self.table, counted_only)
        if row.id is not None:
            self.by_id[row.id] = seen
        if row.client_request_id is not None:
            self.by_client.setdefault(row.client_request_id, []).append(seen)
        for pair in seen.tags.items():
            self.by_tag.setdefault(pair, []).append(seen)
        if row.sampling is not None and not counted_only:
            self.sampling = min(row.sampling, 1.0 if self.sampling is None else self.sampling)
        return seen

    def _carrying(self, keys: list[Key]) -> exp.Expr:
        from sqlglot import exp

        columns = self.table.columns
        by_kind: dict[tuple[str, str | None], list[str]] = {}
        for key in keys:
            by_kind.setdefault((key.kind, key.tag), []).append(key.value)
        conditions = []
        for (kind, tag), values in by_kind.items():
            if kind == "request":
                conditions.append(any_in(columns.named("id"), values))
            elif kind == "client":
                here = [
                    name for name in ("client_request_id", "nbext_client_id") if name in _lower(columns.types)
                ]
                conditions += [any_in(columns.column(name), values) for name in here]
            elif (source := tags_column(columns)) is not None and tag is not None:
                conditions.append(any_in(columns.entry(source, tag), values))
        return exp.paren(exp.or_(*conditions)) if conditions else exp.false()

    def _fetch_counted(self, keys: list[Key]) -> None:
        """Look in the usage tables for requests the inference table does not have: it leaves out some."""
        usage = self.table.usage
        if usage is None:
            return
        ids = [key.value for key in keys if key.kind == "request" and key.value not in self.by_id]
        clients = [key.value for key in keys if key.kind == "client" and key.value not in self.by_client]
        for first in range(0, max(len(ids), len(clients)), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            for row, name, column in rows_only_counted(self.table, ids[part], clients[part], self.window):
                self.keep(row, name, column, counted_only=True)


def _lower(types: dict[str, Any]) -> set[str]:
    return {name.lower() for name in types}
