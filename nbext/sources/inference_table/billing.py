"""What Databricks billed, shared out among the calls of an hour by their tokens.

No table knows what one request cost. ``system.billing.usage`` tells what an endpoint used in an
hour, ``system.billing.list_prices`` what that costs; the share of a call is its share of the
endpoint's tokens in that hour. Source of the columns: DESCRIBE of these tables in a public
repository; where ``usage_metadata`` names the endpoint of the Unity AI Gateway is known from
documentation only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...engines import EngineError
from ...model.call import Cost
from .bill import HOUR_NS, NEEDED, hour_of, notes_of, read_bill
from .flavour import TableError
from .query import Window
from .times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...engines import Engine, Relation
    from ...model.call import Call
    from .table import InferenceTable

TABLES = {"usage": "system.billing.usage", "list_prices": "system.billing.list_prices"}
_HOUR = timedelta(hours=1)
_EXPECTED = "billing tables: expected a dict with 'usage' and 'list_prices'"


@dataclass
class Rates:
    """US dollars billed and tokens logged, for each endpoint and hour (ns since the epoch, start).

    `missing` says in sentences what could not be read, and what the bill does not tell.
    """

    billed: dict[tuple[str, int], float] = field(default_factory=dict)
    tokens: dict[tuple[str, int], float] = field(default_factory=dict)
    source: str = "system.billing.usage, shared by tokens"
    missing: tuple[str, ...] = ()
    _known: dict[tuple[str, int, int], tuple[float, float] | None] = field(default_factory=dict, repr=False)

    def over(self, endpoint: str, start_ns: int, end_ns: int) -> tuple[float, float] | None:
        """Give what a token of an endpoint cost over some hours; None where nothing was billed.

        Returns
        -------
        tuple of float, float
            US dollars for each token of these hours, and which part of the tokens was billed: the
            rest were used in hours that are not in the bill.
        """
        asked = endpoint, start_ns, end_ns
        if asked not in self._known:
            self._known[asked] = self._over(*asked)
        return self._known[asked]

    def _over(self, endpoint: str, start_ns: int, end_ns: int) -> tuple[float, float] | None:
        hours = [(endpoint, hour) for hour in range(hour_of(start_ns), end_ns, HOUR_NS)]
        # An hour in which nothing was logged is nobody's: its bill would make the others dearer.
        used = {hour: self.tokens[hour] for hour in hours if self.tokens.get(hour, 0.0) > 0}
        billed = [hour for hour in used if hour in self.billed]
        if not billed:
            return None
        tokens = sum(used.values())
        return sum(self.billed[hour] for hour in billed) / tokens, sum(used[h] for h in billed) / tokens

    def share_out(self, calls: Iterable[Call]) -> None:
        """Put its share of the bill into each call; one whose hour was not billed keeps its cost."""
        for call in calls:
            hour = hour_of(call.start_ns)
            rate = self.over(call.endpoint or "", hour, hour + HOUR_NS)
            used = (call.usage.input_tokens or 0) + (call.usage.output_tokens or 0)
            if rate is not None and used:
                call.cost = Cost(used * rate[0], "allocated", self.source)


def sources_of(tables: Any = None) -> dict[str, Any]:
    """Give the sources of ``usage`` and ``list_prices``: those given, else the system tables.

    Raises
    ------
    TableError
        `tables` is no mapping that names both.
    """
    if tables is None:
        return dict(TABLES)
    if not isinstance(tables, Mapping):
        raise TableError(f"{_EXPECTED}, got {type(tables).__name__}")
    lacking = [name for name in TABLES if name not in tables]
    if lacking:
        raise TableError(f"{_EXPECTED}; {' and '.join(map(repr, lacking))} is missing")
    return {name: tables[name] for name in TABLES}


def rates_of(table: InferenceTable, tables: Any = None, window: Window | None = None) -> Rates:
    """Read what was billed, and how many tokens each endpoint used in each hour of the window.

    Parameters
    ----------
    table : InferenceTable
        All its calls count, whatever was filtered: the bill is for all.
    tables : mapping, optional
        ``usage`` and ``list_prices`` as `nbext.inference_table` takes sources. Left out: the system
        tables.
    window : Window, optional
        Left out: that of the table. The bill is by the hour, so whole hours are read around it.

    Raises
    ------
    TableError
        `tables` is no mapping that names both, or what was given are no billing tables.
    """
    sources = sources_of(tables)
    window = _whole_hours(window or table.query.innermost.window)
    relations: dict[str, Relation] = {}
    failing: list[Any] = []
    try:
        for name, source in sources.items():
            failing = [source]
            relations[name] = _relation(table.engine, name, source)
        failing = list(sources.values())
        bill = read_bill(table.engine, relations, window)
    except EngineError as error:
        return Rates(missing=(_unread(failing, str(error)),))
    tokens = _tokens(table, window)
    return Rates(dict(bill.usd), tokens, missing=tuple(notes_of(bill, tokens)))


def _whole_hours(window: Window) -> Window:
    """Widen a window to whole hours: a share of an hour needs all tokens of it."""
    start, end = window.start, window.end
    return Window(
        start if start is None else start - (start - EPOCH) % _HOUR,
        end if end is None else end + (EPOCH - end) % _HOUR,
    )


def _relation(engine: Engine, name: str, source: Any) -> Relation:
    relation = engine.relation(source)
    here = {column.lower() for column in relation.columns}
    lacking = [column for column in NEEDED[name] if column not in here]
    if lacking:
        # Your own table can be given anew; a system table that has changed must not end the result.
        kind = EngineError if _of_system(source) else TableError
        raise kind(
            f"{relation.name} is no {name} of a bill: it has no column {lacking[0]}; "
            f"it has {', '.join(list(relation.columns)[:8])}"
        )
    return relation


def _of_system(source: Any) -> bool:
    return isinstance(source, str) and source in TABLES.values()


def _unread(sources: Iterable[Any], error: str) -> str:
    """Say in one line why there is no bill, and who can give it."""
    if not any(map(_of_system, sources)) or "has no column" in error:
        return f"The bill could not be read: {error}. Costs are list prices."
    way = "ask an admin for GRANT USE SCHEMA, SELECT ON SCHEMA system.billing TO your user"
    return f"The bill could not be read: {way}. Costs are list prices. ({error})"


def _tokens(table: InferenceTable, window: Window) -> dict[tuple[str, int], float]:
    """Tokens by endpoint and hour, of all calls in the window."""
    from .overview.numbers import hourly_tokens

    return hourly_tokens(table, window)
