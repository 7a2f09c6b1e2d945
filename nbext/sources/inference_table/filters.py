"""What a brush or a press on a mark of an overview stands for: `OverviewFilter` as conditions."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar

from .columns import tags_column
from .flavour import TableError
from .inline import inlined
from .overview.roll_up import NOT_KNOWN
from .query import Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlglot import exp

    from ...model.overview import Numbers
    from .columns import Columns
    from .table import InferenceTable

    T = TypeVar("T", bound=InferenceTable)

_STATUSES = {"errors": "error", "limited": "rate_limited", "blocked": "blocked"}


def narrowed(table: T, given: Mapping[str, Any], numbers: Numbers) -> T:
    """Give the table narrowed to a filter; all of it holds.

    Parameters
    ----------
    table : InferenceTable
    given : mapping
        ``from``, ``to`` (epoch ms), ``grain`` and ``value``, ``status``.
    numbers : Numbers
        The overview in which it was pressed.

    Raises
    ------
    TableError
        A grain or a status that does not exist.
    """
    query = table.query
    start, end = given.get("from"), given.get("to")
    if start is not None and end is not None:
        query = query.during(Window(_moment(start), _moment(end)))
    conditions = []
    if given.get("value") is not None:
        conditions.append(_of_group(table, str(given.get("grain")), str(given["value"]), numbers))
    if given.get("status") is not None:
        status = _STATUSES.get(str(given["status"]))
        if status is None:
            raise TableError(f"no status {given['status']!r}; expected {', '.join(_STATUSES)}")
        conditions.append(table.columns.named("status").eq(status))
    return table._asked(query.filtered(*conditions) if conditions else query)


def _moment(ms: float) -> datetime:
    return datetime.fromtimestamp(float(ms) / 1000, timezone.utc)


def _of_group(table: InferenceTable, grain: str, value: str, numbers: Numbers) -> exp.Expr:
    from sqlglot import exp

    columns = table.columns
    return exp.paren(inlined(group_sql(grain, value, numbers, tags_column(columns)), columns))


def group_sql(grain: str, value: str, numbers: Numbers, tags: str | None) -> str:
    """Give the condition that a call is of a group, over what `InferenceTable.where` knows.

    Parameters
    ----------
    grain, value : str
    numbers : Numbers
        The overview that has the group.
    tags : str, optional
        The column of caller tags.

    Raises
    ------
    TableError
        There is no such grain.
    """
    if grain == "endpoint":
        return _of_endpoint(value, numbers)
    if grain in ("entity", "requester"):
        return _silent(grain) if value == NOT_KNOWN else f"{grain} = {_quoted(value)}"
    if grain == "tag" and tags is not None:
        key, _, wanted = value.partition("=")
        return f"{tags}[{_quoted(key)}] = {_quoted(wanted)}"
    raise TableError(f"no grain {grain!r} here; expected endpoint, entity, requester or tag")


def _of_endpoint(value: str, numbers: Numbers) -> str:
    """Where the request does not name its endpoint, its entity does."""
    silent = _silent("endpoint")
    if value != NOT_KNOWN:
        own = numbers.entities.get(value, [])
        named = f"endpoint = {_quoted(value)}"
        return f"{named} OR ({silent}) AND entity IN ({_listed(own)})" if own else named
    telling = [entity for found in numbers.entities.values() for entity in found]
    return f"({silent}) AND (entity IS NULL OR NOT entity IN ({_listed(telling)}))" if telling else silent


def _silent(name: str) -> str:
    return f"{name} IS NULL OR {name} = ''"


def _listed(values: Sequence[str]) -> str:
    return ", ".join(map(_quoted, values))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def any_in(column: exp.Expr, values: Sequence[str]) -> exp.Expr:
    """Give the condition that a column is one of some texts."""
    from sqlglot import exp

    return exp.In(this=column, expressions=[exp.Literal.string(value) for value in dict.fromkeys(values)])


def containing(columns: Columns, ids: Sequence[str]) -> exp.Expr:
    """Give the condition that the answer holds one of some ids, as a JSON string."""
    from sqlglot import exp

    tries = [
        exp.Contains(this=columns.column("response"), expression=exp.Literal.string(json.dumps(one)))
        for one in ids
    ]
    return exp.paren(exp.or_(*tries))


def near(columns: Columns, spans: Sequence[tuple[int, int, int]]) -> exp.Expr:
    """Give the condition that a row was received in one of some spans (ns) and made as many tokens."""
    from sqlglot import exp

    time, literal = columns.clock()
    tries = [
        exp.paren(
            exp.and_(
                exp.GTE(this=time.copy(), expression=literal(_moment(start / 1e6))),
                exp.LT(this=time.copy(), expression=literal(_moment(end / 1e6))),
                columns.named("output_tokens").eq(exp.Literal.number(made)),
            )
        )
        for start, end, made in spans
    ]
    return exp.paren(exp.or_(*tries))
