"""What can be asked of an inference table: each verb gives a new table, and nothing is read."""

from __future__ import annotations

import operator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from . import verbs
from .expr import filter_of
from .flavour import TableError
from .query import MOST, Query, Window
from .said import said
from .times import moment_of

if TYPE_CHECKING:
    from sqlglot import exp
    from typing_extensions import Self

    from ...engines import Relation
    from .columns import Columns


class Asked:
    """A table with a question to it."""

    relation: Relation
    columns: Columns
    query: Query
    # What gives this table, as Python.
    code: str

    def _asked(self, query: Query) -> Self:
        """Give the same table with another question."""
        raise NotImplementedError

    @said
    def since(self, when: Any) -> Self:
        """Keep what was received since then.

        Parameters
        ----------
        when : str, timedelta, date or datetime
            ``"24h"`` (``s``, ``m``, ``h``, ``d``, ``w``) is that long ago; else a moment, UTC if it
            names no zone.
        """
        return self._during(Window(moment_of(when, _now()), None))

    @said
    def between(self, start: Any, end: Any) -> Self:
        """Keep what was received from `start` on and before `end`; moments as in `since`.

        Raises
        ------
        TableError
            No moments, or `end` is not after `start`.
        """
        if start is None or end is None:
            raise TableError(
                f"between({start!r}, {end!r}): expected two moments; to the newest it is since({start!r})"
            )
        now = _now()
        window = Window(moment_of(start, now), moment_of(end, now))
        if window.start >= window.end:  # type: ignore[operator]  # both are given
            raise TableError(f"between({start!r}, {end!r}): the end is not after the start")
        return self._during(window)

    def _during(self, window: Window) -> Self:
        if self.columns.received is None:
            raise TableError(
                f"{self.relation.name} has no column {self.columns.flavour.time}, "
                "and cannot be asked for a window of time"
            )
        return self._asked(self.query.during(window))

    @said
    def where(self, condition: str) -> Self:
        """Keep rows for which a SQL condition holds.

        Parameters
        ----------
        condition : str
            In DuckDB's dialect, whatever the engine, over the table's columns and the derived
            ``status``, ``input_tokens``, ``output_tokens``, ``cached_tokens``, ``model``,
            ``served_model``, ``endpoint``, ``entity``, ``duration_ms``, ``ttfb_ms``, ``time``.

        Raises
        ------
        TableError
            It is no condition, or names a column that does not exist.
        """
        return self._asked(self.query.filtered(filter_of(condition, self.columns)))

    @said
    def endpoint(self, *names: str) -> Self:
        """Keep calls of these endpoints, as far as the table tells: by name in the request or by column."""
        return self._asked(
            self.query.filtered(verbs.any_of(self.columns.named("endpoint"), names, "endpoint"))
        )

    @said
    def requester(self, *names: str) -> Self:
        """Keep calls of these users or service principals."""
        if "requester" not in self.columns.present:
            raise TableError(f"{self.relation.name} has no column requester")
        return self._asked(
            self.query.filtered(verbs.any_of(self.columns.column("requester"), names, "requester"))
        )

    @said
    def errors(self) -> Self:
        """Keep calls with status ``error``: HTTP 400 and above, or an error inside a 200."""
        return self._with_status("error")

    @said
    def blocked(self) -> Self:
        """Keep calls a guardrail, a policy, a content filter or a budget held back, whatever HTTP said."""
        return self._with_status("blocked")

    @said
    def rate_limited(self) -> Self:
        """Keep calls that were answered 429."""
        return self._with_status("rate_limited")

    def _with_status(self, status: str) -> Self:
        return self._asked(self.query.filtered(self.columns.named("status").eq(status)))

    @said
    def search(self, words: str) -> Self:
        """Keep calls in whose request or answer all words stand, whatever their case.

        Parameters
        ----------
        words : str
            Separated by blanks; words in ``"…"`` must stand together.
        """
        return self._asked(self.query.filtered(*verbs.search(words, self.columns)))

    @said
    def slowest(self, n: int = 10) -> Self:
        """Keep the `n` calls the server took longest for."""
        return self._cut(n, "slowest", self.columns.named("duration_ms"), descending=True)

    @said
    def limit(self, n: int) -> Self:
        """Keep the newest `n` calls."""
        return self._cut(n, "limit", self.columns.clock()[0], descending=True)

    @said
    def sample(self, n: int, *, seed: int = 0) -> Self:
        """Keep `n` calls at random, the same ones for the same seed on every engine."""
        return self._cut(n, "sample", verbs.lot(self.columns, seed), descending=False)

    def _cut(self, n: int, verb: str, order: exp.Expr, *, descending: bool) -> Self:
        return self._asked(self.query.cut(min(how_many(n, verb), MOST), order, descending=descending))


def how_many(given: Any, said: str) -> int:
    """Read how many calls are wanted, from any kind of whole number.

    Raises
    ------
    TableError
        It is none from 1 on.
    """
    try:
        number = 0 if isinstance(given, bool) else operator.index(given)
    except TypeError:
        number = 0
    if number < 1:
        raise TableError(f"{said}({given!r}): expected how many calls, a whole number from 1 on")
    return number


def _now() -> datetime:
    return datetime.now(timezone.utc)
