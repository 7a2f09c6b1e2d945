"""Numbers over an inference table, counted where it lies."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from functools import partial
from numbers import Real
from typing import TYPE_CHECKING, Any

from ....model.overview import Numbers
from .. import typing as read
from ..duplicates import may_come_twice
from ..flavour import SERVING, TableError
from ..query import Query, Window
from ..times import moment_at, moment_of
from . import statement as sql
from .layers import Layered
from .left_out import left_out
from .names import Names, tag_keys
from .roll_up import NOT_KNOWN, RollUp

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from sqlglot import exp

    from ..billing import Rates
    from ..table import InferenceTable

_STEPS_S = (60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 7 * 86_400)
_MOST_BUCKETS = 200
_DEFAULT_DAYS = 7
# Callers among the newest calls, up to which grouping by caller and time at once pays.
_FEW_CALLERS = 100
# Endpoints and entities among them, up to which each has quantiles over time.
_FEW_SERVED = 12
# Newest calls that are enough to know the names by.
_ENOUGH = 1000
# Time in which the hours are few enough to be counted each, for a bill.
_MOST_HOURS = timedelta(days=93)
# Rows up to which the duration of each fits in what the engine may hold.
_MOST_LISTED = 20_000_000
_NAMELESS = (
    "{count:,} requests do not say their endpoint, as those sent to /serving-endpoints/NAME/invocations. "
    "Say it: inference_table(…, endpoint='NAME'), or put .with_usage() beside the table."
)


def numbers_of(
    table: InferenceTable,
    *,
    days: float | None = None,
    since: Any = None,
    rates: Rates | Callable[[Window], Rates] | None = None,
) -> Numbers:
    """Count requests, errors, durations, tokens and cost: over time, and by who or what.

    Parameters
    ----------
    table : InferenceTable
        Its filters hold.
    days : float, optional
        How far back. Left out, and without `since` or a window of the table's own: a week, up to
        now or up to the newest row if that is older.
    since : str, timedelta, date or datetime, optional
        As in `InferenceTable.since`.
    rates : Rates or callable, optional
        What Databricks billed, to be shared out by tokens; or what gives it for the window shown.

    Raises
    ------
    TableError
        `since` is no moment, or `days` no number of days.
    """
    begun = time.perf_counter()
    asked = _windowed(table, days, since)
    counting = _Counting(asked)
    newest, oldest, rows = counting.extent()
    if newest is None and days is None and since is None and _window(table) == Window():
        # Nothing in the last week: a table that has come to rest is shown up to its end.
        last, _, _ = _Counting(table).extent()
        if last is not None:
            asked = table._asked(
                table.query.during(
                    Window(last - timedelta(days=_DEFAULT_DAYS), last + timedelta(microseconds=1))
                )
            )
            counting = _Counting(asked)
            newest, oldest, rows = counting.extent()
    window = _window(asked)
    if callable(rates):
        rates = rates(window)
    now = datetime.now(timezone.utc)
    start = window.start or oldest or now - timedelta(days=_DEFAULT_DAYS)
    end = window.end or max(filter(None, (newest, now if window.start else None)), default=now)
    step = _step((end - start).total_seconds())
    numbers = Numbers(
        table.relation.name,
        start_ns=_ns(start),
        end_ns=_ns(end),
        step_ns=step * 1_000_000_000,
        newest_ns=None if newest is None else _ns(newest),
        engine=table.engine.name,
        notes=[
            *(table.usage.missing if table.usage is not None else ()),
            *(rates.missing if rates is not None else ()),
        ],
    )
    if rows:
        # A bill is by the hour: hours are counted and put together, unless there are too many.
        hourly = rates is not None and newest and oldest and newest - oldest <= _MOST_HOURS
        counting.fill(numbers, min(step, 3600) if hourly else step, rates)
    if newest is not None and (more := left_out(asked, Window(start, end), newest, counting.rows_of)):
        numbers.notes.append(more)
    numbers.queries, numbers.seconds = counting.queries, time.perf_counter() - begun
    return numbers


def _windowed(table: InferenceTable, days: float | None, since: Any) -> InferenceTable:
    now = datetime.now(timezone.utc)
    if since is not None:
        return table._asked(table.query.during(Window(moment_of(since, now), None)))
    if days is None and _window(table) != Window():
        return table
    return table._asked(table.query.during(Window(_days_ago(days, now), None)))


def _days_ago(days: Any, now: datetime) -> datetime:
    given = _DEFAULT_DAYS if days is None else days
    number = math.nan if isinstance(given, bool) or not isinstance(given, Real) else float(given)
    if not 0 < number < math.inf:
        raise TableError(f"overview(days={days!r}): expected how many days back, such as 7 or 0.5")
    try:
        return now - timedelta(days=number)
    except OverflowError:
        raise TableError(
            f"overview(days={days!r}) is before there was time: expected how many days back, such as 7"
        ) from None


def _window(table: InferenceTable) -> Window:
    """Give the window that all parts of what was asked have in common."""
    query = table.query
    window = query.window
    while query.inner is not None:
        query = query.inner
        window = window.within(query.window)
    return window


def _step(seconds: float) -> int:
    return next((step for step in _STEPS_S if seconds / step <= _MOST_BUCKETS), _STEPS_S[-1])


def _ns(moment: datetime) -> int:
    return read.moment_ns(moment) or 0


class _Counting:
    """The queries, and what they found."""

    def __init__(self, table: InferenceTable) -> None:
        self.table = table
        self.queries = 0
        # Every row names its entity, as far as is known.
        self.all_named = False
        self.rows = 0
        self._newest: datetime | None = None
        self._oldest: datetime | None = None

    def _ask(self, statement: exp.Select | Layered) -> pa.Table:
        import pyarrow as pa

        self.queries += 1
        engine = self.table.engine
        batches = list(
            statement.batches(engine) if isinstance(statement, Layered) else engine.query(statement)
        )
        return pa.Table.from_batches(batches) if batches else None

    def rows_of(self, statement: exp.Select | Layered) -> list[Any]:
        found = self._ask(statement)
        return [] if found is None else found.to_pylist()

    def extent(self) -> tuple[datetime | None, datetime | None, int]:
        """Time of the newest and the oldest row, and how many there are."""
        from sqlglot import exp

        clock, entity = self.table.columns.named("time"), self.table.columns.named("entity")
        found = self._ask(
            self.table.query.select(
                exp.alias_(exp.Max(this=clock), "newest"),
                exp.alias_(exp.Min(this=clock.copy()), "oldest"),
                exp.alias_(exp.Count(this=exp.Star()), "n"),
                exp.alias_(exp.Count(this=entity), "named"),
            )
        )
        row = found.to_pylist()[0]
        self.rows = read.whole(row["n"]) or 0
        self.all_named = row["named"] == row["n"]
        moments = [
            None if ns is None else moment_at(ns)
            for ns in (read.moment_ns(row["newest"]), read.moment_ns(row["oldest"]))
        ]
        self._newest, self._oldest = moments
        return self._newest, self._oldest, self.rows

    def _seen(self) -> list[Any]:
        """Give what the newest calls say; of a large table, those of its last stretch if these are enough."""
        found: list[Any] = []
        if self._newest is not None and self._oldest is not None:
            near = sql.recent(self.table, self._newest, self._oldest, self.rows)
            found = [] if near is None else self.rows_of(near)
        return found if len(found) >= _ENOUGH else self.rows_of(sql.sample(self.table))

    def doubled(self) -> bool:
        """Tell whether a request was delivered more than once."""
        if self.table.flavour.id not in self.table.columns.present or self.table.query.is_cut:
            return False
        self.queries += 1
        return may_come_twice(self.table.query, self.table.engine)

    def by_hour(self) -> tuple[Names, list[dict[str, Any]]]:
        """Count by hour, endpoint and entity."""
        names = Names(self._seen(), self.table)
        statement = sql.statement(
            self.table, 3600, [], endpoint=self._endpoint(names), doubled=self.doubled()
        )
        rows = self.rows_of(statement)
        keys = ("bucket", "endpoint", "entity", "status")
        return names, [row for row in rows if all(row[key] is not None for key in keys)]

    def _endpoint(self, names: Names) -> str:
        """Say where the endpoint is read; in the request, a long text, only if nothing shorter tells it."""
        if not names.by_entity:
            return "endpoint"
        return "CAST(NULL AS TEXT)" if self.all_named else "CASE WHEN entity IS NULL THEN endpoint END"

    def _near(self) -> bool:
        """Tell whether the engine can hand over a number for each row: here, and not too many."""
        return self.table.engine.dialect == "duckdb" and self.rows <= _MOST_LISTED

    def fill(self, numbers: Numbers, step: int, rates: Rates | None) -> None:
        """Ask for the numbers by stretches of `step` seconds and put them together."""
        with ThreadPoolExecutor(1) as pool:
            # What is nearly always no, and is asked of every id: meanwhile the rest is made ready.
            doubled = pool.submit(self.doubled)
            seen = self._seen()
            names = Names(seen, self.table)
            tags = tag_keys(seen)
            few_callers = len({row["requester"] for row in seen}) <= _FEW_CALLERS
            few_served = len({(row["endpoint"], row["entity"]) for row in seen}) <= _FEW_SERVED
            make = partial(
                sql.statement,
                self.table,
                step,
                tags,
                endpoint=self._endpoint(names),
                model=names.model_sql(self.table.columns),
                few_callers=few_callers,
                courses=few_served,
                listed=few_callers and few_served and not tags and self._near(),
            )
            statement = make(doubled=False)
            if doubled.result():
                statement = make(doubled=True)
        numbers.sql = lambda: statement.pretty(self.table.engine.dialect)
        counted = self._ask(statement)
        RollUp(counted, numbers, names, tags, step_s=step, prices=self.table.prices, rates=rates).fill()
        nameless = [g.counts.requests for g in numbers.groups.get("endpoint", []) if g.name == NOT_KNOWN]
        if nameless and self.table.flavour is SERVING:
            numbers.notes.append(_NAMELESS.format(count=nameless[0]))


def hourly_tokens(table: InferenceTable, window: Window) -> dict[tuple[str, int], float]:
    """Count the tokens of each endpoint in each hour (ns since the epoch), whatever was filtered."""
    whole = table._asked(Query(table.columns, table.query.innermost.table, window, usage=table.query.usage))
    counting = _Counting(whole)
    names, counted = counting.by_hour()
    found: dict[tuple[str, int], float] = defaultdict(float)
    for row in counted:
        hour = int(row["bucket"]) * 3600 * 1_000_000_000
        found[names.endpoint(row["endpoint"], row["entity"]), hour] += (row["sent"] or 0) + (row["made"] or 0)
    return dict(found)
