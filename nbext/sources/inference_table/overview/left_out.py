"""What an overview does not count: requests that only a usage table has."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ....engines import EngineError
from .. import typing as read
from ..flavour import SERVING, UNITY
from ..inline import parsed
from ..query import Query, Window
from ..usage import IDS, SLACK, within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlglot import exp

    from ....engines import Relation
    from ..table import InferenceTable

# The usage table of a route, and its column of who was asked. On route B no destination tells that: a
# refused request has none, and others share those of a service.
_TABLES = {
    SERVING.name: ("endpoint_usage", "served_entity_id"),
    UNITY.name: ("gateway_usage", "endpoint_name"),
}
# In which the rows of an inference table are normally delivered.
_LAG = timedelta(hours=1)
# Statuses that the sentence lists.
_LISTED = 3
# A request may have several rows of usage: the newest tells how it ended. Nothing is missing of a table
# that keeps a sample on purpose.
_STATEMENT = """
    SELECT status, count(*) AS n, sum(late) AS late
    FROM (
      SELECT id, arg_max(status, time) AS status, max(late) AS late
      FROM nbext_used AS used
      WHERE who IN (SELECT u.who FROM nbext_used AS u JOIN nbext_logged AS logged ON u.id = logged.id)
        AND NOT EXISTS (SELECT 1 FROM nbext_logged AS logged WHERE logged.id = used.id)
        AND NOT EXISTS (SELECT 1 FROM nbext_logged AS logged WHERE logged.share < 1)
      GROUP BY id
    ) AS each
    GROUP BY status
"""


def left_out(
    table: InferenceTable, window: Window, newest: datetime, ask: Callable[[exp.Select], list[Any]]
) -> str | None:
    """Say in a sentence how many requests of a window only the usage table has.

    Parameters
    ----------
    table : InferenceTable
        What an overview counted.
    window : Window
        Of the overview.
    newest : datetime
        Time of the newest row in it.
    ask : callable
        Runs a statement and gives its rows.

    Returns
    -------
    str or None
        None if there are none, and where it cannot be told: without a usage table, and of rows that
        were filtered, cut or sampled.
    """
    name, who = _TABLES.get(table.flavour.name, ("", ""))
    relation = None if table.usage is None else table.usage.relations.get(name)
    if relation is None or table.query.is_cut or table.query.conditions:
        return None
    needed = {who, "status_code", IDS[name][2]}
    if table.flavour.id not in table.columns.present or not needed <= relation.spelt.keys():
        return None
    # Rows that are newer may be on their way.
    late = Window(max(newest + timedelta(microseconds=1), datetime.now(timezone.utc) - _LAG))
    statement = parsed(_STATEMENT).copy()
    statement = statement.with_("nbext_logged", as_=_logged(table, window))  # type: ignore[attr-defined]
    statement = statement.with_("nbext_used", as_=_used(relation, name, who, window, late))
    try:
        found = ask(statement)
    except EngineError:
        # A remark is worth no failure.
        return None
    return _sentence(found, relation.name)


def _logged(table: InferenceTable, window: Window) -> exp.Select:
    """Select what was logged, also around the window: the times of the two tables differ a little."""
    from sqlglot import exp

    wide = Window(window.start and window.start - SLACK, window.end and window.end + SLACK)
    query = Query(table.columns, table.relation.table, wide)
    items = {"id": table.flavour.id, "share": "sampling_fraction"}
    return query.select(*(exp.alias_(table.columns.column(own), name) for name, own in items.items()))


def _used(relation: Relation, name: str, who: str, window: Window, late: Window) -> exp.Select:
    """Select what the usage table has in the window, and which of it is late."""
    from sqlglot import exp

    _, identity, received = IDS[name]
    column = relation.column

    def received_in(part: Window) -> list[exp.Expr]:
        return within(relation, received, part, timedelta(0))

    status = exp.TryCast(this=column("status_code"), to=exp.DataType.build("BIGINT"))
    items = {"id": column(identity), "who": column(who), "time": column(received), "status": status}
    items["late"] = exp.case().when(exp.and_(*received_in(late)), "1").else_("0")
    return (
        exp.select(*(exp.alias_(item, own) for own, item in items.items()))
        .from_(relation.table.copy())
        .where(*received_in(window), column(identity).is_(exp.Null()).not_())
    )


def _sentence(found: Sequence[Any], name: str) -> str | None:
    by_status = {read.whole(row["status"]): read.whole(row["n"]) or 0 for row in found}
    count, late = sum(by_status.values()), sum(read.whole(row["late"]) or 0 for row in found)
    if not count:
        return None
    known = sorted((-n, status) for status, n in by_status.items() if status is not None)[:_LISTED]
    if count == 1:
        status = f", with status {known[0][1]}" if known else ""
        said = f"1 more request of these endpoints is only in {name}{status}: it is not counted here."
    else:
        said = f"{count:,} more requests of these endpoints are only in {name}"
        said += "".join(
            f", {-n:,}{'' if at else ' of them'} with status {status}" for at, (n, status) in enumerate(known)
        )
        said += ": they are not counted here."
    if late:
        said += f" {late:,} came after the newest row here, less than an hour ago, and may still be logged."
    return said
