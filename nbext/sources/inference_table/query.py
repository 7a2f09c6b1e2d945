"""What is asked of a table: immutable, and one statement in DuckDB's dialect when it comes to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from .columns import Columns
    from .usage import Usage


# The most rows that Spark can be told to keep.
MOST = 2**31 - 1


@dataclass(frozen=True)
class Window:
    """A window of time, `start` in it and `end` not; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def within(self, other: Window) -> Window:
        """Give the part that both windows share."""
        starts = [w.start for w in (self, other) if w.start is not None]
        ends = [w.end for w in (self, other) if w.end is not None]
        return Window(max(starts, default=None), min(ends, default=None))


@dataclass(frozen=True)
class Query:
    """The verbs that were said, as conditions and at most one ordered cut.

    Parameters
    ----------
    columns : Columns
    table : sqlglot.exp.Expr
        What stands behind FROM.
    window : Window
    conditions : tuple of sqlglot.exp.Expr
    order : sqlglot.exp.Expr, optional
        What decides who is kept by `limit`.
    descending : bool
    limit : int, optional
    bound : sqlglot.exp.Expr, optional
        A condition that all rows the cut keeps fulfil: it spares reading the bodies of the others.
    inner : Query, optional
        What was asked before this: a filter after ``limit`` filters what the limit left.
    usage : Usage, optional
        Usage tables whose columns stand beside the table's own.
    """

    columns: Columns
    table: exp.Expr
    window: Window = field(default_factory=Window)
    conditions: tuple[exp.Expr, ...] = ()
    order: exp.Expr | None = None
    descending: bool = False
    limit: int | None = None
    bound: exp.Expr | None = None
    inner: Query | None = None
    usage: Usage | None = None

    def filtered(self, *conditions: exp.Expr) -> Query:
        """Add conditions, all of which must hold."""
        base = self._open()
        return replace(base, conditions=(*base.conditions, *conditions))

    def during(self, window: Window) -> Query:
        """Narrow the window of time."""
        base = self._open()
        return replace(base, window=base.window.within(window))

    def cut(self, limit: int, order: exp.Expr, *, descending: bool) -> Query:
        """Keep the first `limit` rows by an order."""
        return replace(self._open(), limit=limit, order=order, descending=descending)

    def _open(self) -> Query:
        """Give a query that can still be filtered: this, or one around it."""
        return self if self.limit is None else Query(self.columns, self.table, inner=self, usage=self.usage)

    @property
    def is_cut(self) -> bool:
        """A limit is part of what was asked."""
        return self.limit is not None or self.inner is not None

    @property
    def innermost(self) -> Query:
        """The part that reads the table itself."""
        return self if self.inner is None else self.inner.innermost

    def where(self) -> exp.Expr | None:
        """Give the conditions of this part, the window first: it decides which files are read."""
        from sqlglot import exp

        found = [*self._pruning(), *(c.copy() for c in self.conditions)]
        found += [] if self.bound is None else [self.bound.copy()]
        return exp.and_(*found) if found else None

    def _pruning(self) -> list[exp.Expr]:
        """Give the window on the clustering or partition column, and exactly on the time."""
        from sqlglot import exp

        start, end = self.window.start, self.window.end
        found: list[exp.Expr] = []
        flavour = self.columns.flavour
        if flavour.date is not None and flavour.date in self.columns.present:
            day = self.columns.column(flavour.date)
            if start is not None:
                found.append(exp.GTE(this=day.copy(), expression=_date(start)))
            if end is not None:
                # `end` itself is out: midnight belongs to the day before.
                found.append(exp.LTE(this=day.copy(), expression=_date(end - timedelta(microseconds=1))))
        time, literal = self.columns.clock()
        if start is not None:
            found.append(exp.GTE(this=time.copy(), expression=literal(start)))
        if end is not None:
            found.append(exp.LT(this=time.copy(), expression=literal(end)))
        return found

    def select(self, *items: exp.Expr, copies: int = 1) -> exp.Select:
        """Give the statement that selects expressions of the rows.

        Parameters
        ----------
        items : sqlglot.exp.Expr
            What to select, usually aliased.
        copies : int
            How often a request may have been delivered: a cut then looks that much further, so
            that duplicates take no one's place.
        """
        from sqlglot import exp

        source = self._source() if self.inner is None else self.inner.rows(copies).subquery("rows")
        statement = exp.select(*items).from_(source)
        condition = self.where()
        return statement if condition is None else statement.where(condition)

    def _source(self) -> exp.Expr:
        if self.usage is None:
            return self.table.copy()
        return self.usage.around(self.table, self.columns.stored, self.window)

    def rows(self, copies: int = 1) -> exp.Select:
        """Give the statement that selects all columns of the rows asked for."""
        from sqlglot import exp

        statement = self.select(exp.Star(), copies=copies)
        if self.limit is None or self.order is None:
            return statement
        return self._cut(statement, copies)

    def _cut(self, statement: exp.Select, copies: int) -> exp.Select:
        """Cut; where requests were delivered twice, look further and take each once."""
        from sqlglot import exp

        limit = self.limit or 0
        most = statement.order_by(*self.ordering()).limit(min(limit * copies, MOST))
        if copies == 1:
            return most
        identity = self.columns.named("id")
        mark = f"nbext_copy_{self._depth()}"
        number = exp.Window(
            this=exp.RowNumber(),
            partition_by=[identity.copy()],
            order=exp.Order(expressions=self.ordering()),
        )
        numbered = exp.select(exp.Star(), exp.alias_(number, mark)).from_(most.subquery("most"))
        first = exp.or_(exp.Is(this=identity.copy(), expression=exp.Null()), exp.column(mark).eq(1))
        return (
            exp.select(exp.Star())
            .from_(numbered.subquery("numbered"))
            .where(first)
            .order_by(*self.ordering())
            .limit(limit)
        )

    def bounded(self, ask: Callable[[exp.Select], Any], copies: int) -> Query:
        """Give the same query with the bounds of its cuts looked up.

        Ordering rows with their bodies holds far more than the rows that are kept. The order alone
        is a narrow column: the last value that is kept is asked for first.

        Parameters
        ----------
        ask : callable
            Runs a statement that gives one value.
        copies : int
            As in `select`.
        """
        from sqlglot import exp

        asked = self if self.inner is None else replace(self, inner=self.inner.bounded(ask, copies))
        if asked.limit is None or asked.order is None:
            return asked
        key = exp.alias_(asked.order.copy(), "k")
        kept = asked.select(key, copies=copies).where(asked.order.copy().is_(exp.Null()).not_())
        direction = exp.Ordered(this=exp.column("k"), desc=self.descending, nulls_first=False)
        kept = kept.order_by(direction).limit(min(asked.limit * copies, MOST))
        last: type[exp.Func] = exp.Min if self.descending else exp.Max
        worst = exp.alias_(last(this=exp.column("k")), "k")
        count = exp.alias_(exp.Count(this=exp.Star()), "n")
        value, found = ask(exp.select(worst, count).from_(kept.subquery("kept")))
        if found < asked.limit * copies:
            # Rows without a value, such as a duration that was not logged, are kept too.
            return asked
        compare: type[exp.Binary] = exp.GTE if self.descending else exp.LTE
        return replace(asked, bound=compare(this=asked.order.copy(), expression=_literal(value)))

    def _depth(self) -> int:
        return 0 if self.inner is None else self.inner._depth() + 1

    def ordering(self) -> list[exp.Expr]:
        """Give the order of the cut, ties broken by id so that every engine cuts alike."""
        from sqlglot import exp

        assert self.order is not None
        identity = self.columns.named("id")
        return [
            exp.Ordered(this=self.order.copy(), desc=self.descending, nulls_first=False),
            exp.Ordered(this=identity, desc=False, nulls_first=False),
        ]


def _date(moment: datetime) -> exp.Expr:
    from sqlglot import exp

    return exp.cast(exp.Literal.string(moment.date().isoformat()), "DATE")


def _literal(value: Any) -> exp.Expr:
    from sqlglot import exp

    if isinstance(value, datetime):
        kind = "TIMESTAMPTZ" if value.tzinfo else "TIMESTAMP"
        return exp.cast(exp.Literal.string(value.isoformat(" ")), kind)
    return exp.Literal.number(value) if isinstance(value, int) else exp.Literal.string(str(value))
