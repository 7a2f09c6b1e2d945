"""Groups that an engine counted, added up to the numbers of an overview."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from ....model.call import Usage
from ....model.names import base_name
from ....model.overview import Grain, Group, Numbers
from ....model.pricing import cost_of
from ..bill import hour_of
from .durations import LISTS, Durations, ListedDurations
from .statement import FINE, KEYS, PRICED, VALUES
from .sums import Sums, courses_of, series_of, with_quantiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from ..billing import Rates
    from .names import Names

# Groups that are named; those after them matter to nobody and would fill the page.
_MOST_GROUPS = 200
NOT_KNOWN = "not known"
_SPREAD = (
    "Costs by {groups} are approximate: what was billed is shared out among them by the tokens of the whole "
    "time shown, not of each hour."
)


class RollUp:
    """Adds up what `statement.statement` counted.

    Parameters
    ----------
    counted : pyarrow.Table
    numbers : Numbers
        Filled in.
    names : Names
    tags : list of str
    step_s : int
        Width of what was counted; a bucket of the numbers holds one or several of these.
    prices : mapping, optional
        The user's.
    rates : Rates, optional
        What was billed, by the hour.
    """

    def __init__(
        self,
        counted: pa.Table,
        numbers: Numbers,
        names: Names,
        tags: list[str],
        *,
        step_s: int,
        prices: Mapping[str, Any] | None,
        rates: Rates | None,
    ) -> None:
        import pandas as pd

        self._counted_ns = step_s * 1_000_000_000
        self.numbers, self.names, self.tags = numbers, names, tags
        self.prices, self.rates = prices, rates
        # Quantiles of a group in a bucket, where the groups are few.
        self._courses: dict[str, dict[Any, list[Any]]] = {}
        # Kinds of groups whose shares of the bill are not by the hour, in order.
        self._spread: dict[Grain, None] = {}
        listed = [name for name in LISTS.values() if name in counted.column_names]
        frame = counted.drop_columns(listed).to_pandas()
        for name in VALUES:
            frame[name] = pd.to_numeric(frame[name]).fillna(0.0).astype(float)
        if listed:
            self._sets = {FINE: frame}
            self._durations: Durations = ListedDurations(frame, counted)
            return
        keys = [name for name in frame.columns if name in KEYS or name.startswith("tag")]
        known = frame[keys].notna()
        self._sets = {
            frozenset(key for key, flag in zip(keys, flags, strict=True) if flag): part
            for flags, part in frame.groupby([known[key] for key in keys], sort=False)
        }
        self._durations = Durations(self._sets)

    def _part(self, *keys: str) -> Any:
        """Give what is grouped by these keys; a finer grouping is added up."""
        wanted = frozenset(keys)
        part = self._sets.get(wanted)
        if part is None and (finer := self._sets.get(FINE)) is not None and wanted < FINE:
            part = finer.groupby(list(keys), sort=False, as_index=False)[list(VALUES)].sum()
        return part

    def _set(self, *keys: str) -> list[dict[str, Any]]:
        part = self._part(*keys)
        return [] if part is None else part.to_dict("records")

    def fill(self) -> None:
        """Fill in the numbers."""
        numbers = self.numbers
        totals = Sums()
        buckets: dict[int, Sums] = defaultdict(Sums)
        grains: dict[Grain, dict[Any, Sums]] = {"endpoint": defaultdict(Sums), "entity": defaultdict(Sums)}
        series: dict[tuple[Grain, Any], dict[int, Sums]] = defaultdict(lambda: defaultdict(Sums))
        rows = 0
        for row in self._set("bucket", *PRICED, "status"):
            rows += int(row["rows"])
            bucket = self._bucket(row)
            endpoint, entity = self._named(row)
            parts = [totals, buckets[bucket]]
            named: tuple[tuple[Grain, str], ...] = (("endpoint", endpoint), ("entity", entity))
            for grain, name in named:
                parts += [grains[grain][name], series[grain, name][bucket]]
            self._add(row, parts, int(row["bucket"]))
        numbers.rows = rows
        numbers.entities = self.names.entities
        numbers.sampled = abs(totals.requests - rows) > 1e-6 * max(rows, 1) and totals.requests > rows
        numbers.totals = totals.counts()
        quants = self._quantiles(("bucket",), self._bucket)
        starts = sorted(buckets)
        numbers.buckets = [
            (bucket * numbers.step_ns, with_quantiles(buckets[bucket].counts(), quants.get(bucket)))
            for bucket in starts
        ]
        who = ("endpoint", "entity")
        for grain, place in (("endpoint", 0), ("entity", 1)):
            self._courses[grain] = self._durations.of(
                ("bucket", *who), "coarse", lambda row, at=place: (self._named(row)[at], self._bucket(row))
            )
        of_endpoint = self._quantiles(who, lambda row: self._named(row)[0])
        self._put("endpoint", grains["endpoint"], of_endpoint, series, starts)
        self._put("entity", grains["entity"], self._quantiles(who, lambda row: row["entity"]), series, starts)
        with_quantiles(numbers.totals, self._quantiles(who, lambda _: 0).get(0))
        self._more("requester", "requester", None, starts)
        for number, key in enumerate(self.tags):
            self._more("tag", f"tag{number}", key, starts)
        if self._spread:
            numbers.notes.append(_SPREAD.format(groups=" and by ".join(self._spread)))

    def _named(self, row: Mapping[str, Any]) -> tuple[str, str]:
        return self.names.endpoint(row["endpoint"], row["entity"]), row["entity"]

    def _bucket(self, row: Mapping[str, Any]) -> int:
        return int(row["bucket"]) * self._counted_ns // self.numbers.step_ns

    def _more(self, grain: Grain, column: str, key: str | None, starts: list[int]) -> None:
        """Put in groups by requester, or by the values of a tag."""
        sums: dict[Any, Sums] = defaultdict(Sums)
        series: dict[tuple[Grain, Any], dict[int, Sums]] = defaultdict(lambda: defaultdict(Sums))
        keys = (column, *PRICED, "status")
        # A bill is by the hour; without one, fewer and larger groups say the same.
        timed = self._set("bucket", *keys) if self.rates is not None else []
        for row in timed or self._set(*keys):
            self._add(row, [sums[row[column]]], int(row["bucket"]) if timed else None)
        for row in self._set("bucket", column, "status"):
            series[grain, row[column]][self._bucket(row)].add(row)
        if key is not None:
            sums.pop("", None)
        elif set(sums) == {""}:
            return
        if not timed and self._several_hours() and any(map(self._is_billed, sums.values())):
            self._spread[grain] = None
        self._put(grain, sums, self._quantiles((column,), lambda row: row[column]), series, starts, key)

    def _put(  # noqa: PLR0917  # one place, five things to put together
        self,
        grain: Grain,
        sums: Mapping[Any, Sums],
        quants: Mapping[Any, Any],
        series: Mapping[tuple[Grain, Any], Mapping[int, Sums]],
        starts: list[int],
        key: str | None = None,
    ) -> None:
        ordered = sorted(sums, key=lambda name: (-sums[name].requests, name))[:_MOST_GROUPS]
        groups = self.numbers.groups.setdefault(grain, [])
        courses = self._courses.get(grain, {})
        for name in ordered:
            counts = with_quantiles(sums[name].counts(), quants.get(name))
            hint = self._hint(grain, name)
            groups.append(
                Group(
                    name or NOT_KNOWN,
                    counts,
                    hint,
                    key,
                    {
                        **series_of(series.get((grain, name), {}), starts, counts),
                        **courses_of([courses.get((name, start)) for start in starts]),
                    },
                )
            )

    def _hint(self, grain: Grain, name: str) -> str | None:
        if grain == "entity":
            models = self.names.models(entity=name)
        elif grain == "endpoint":
            models = self.names.models(endpoint=name)
        else:
            return None
        return ", ".join(dict.fromkeys(map(base_name, models))) or None

    # ── quantiles ─────────────────────────────────────────────────────────

    def _quantiles(self, keys: tuple[str, ...], name_of: Any) -> dict[Any, tuple[list[Any], list[Any]]]:
        """Quantiles of durations and of times to the first byte, by what `name_of` calls a group."""
        found: dict[Any, list[list[Any]]] = {}
        for place, column in enumerate(("bin", "first_bin")):
            for name, values in self._durations.of(keys, column, name_of).items():
                found.setdefault(name, [[None] * 3, [None] * 3])[place] = values
        return {name: (values[0], values[1]) for name, values in found.items()}

    # ── cost ──────────────────────────────────────────────────────────────

    def _add(self, row: Mapping[str, Any], parts: list[Sums], bucket: int | None) -> None:
        billed = self._billed(row, bucket)
        # What is left of the group to be priced: tokens of hours that are not in the bill.
        rest = 1.0 if billed is None else 1.0 - billed[1]
        cost = self._cost(row, bucket) if rest > 0 else None
        for part in parts:
            part.add(row)
            if billed is not None and self.rates is not None:
                part.usd_by["allocated", self.rates.source] += billed[0]
            if cost is not None:
                part.usd_by[cost[1], cost[2]] += cost[0] * rest
            elif rest > 0:
                part.unpriced += rest * (
                    row["counted"] or (row["requests"] if row["status"] == "ok" else 0.0)
                )

    def _billed(self, row: Mapping[str, Any], bucket: int | None) -> tuple[float, float] | None:
        """US dollars of a group by the bill, and for which part of its tokens; None without a bill.

        Where a group is of several hours, its tokens are taken to lie in them as the endpoint's do.
        """
        if self.rates is None:
            return None
        numbers, start = self.numbers, 0 if bucket is None else bucket * self._counted_ns
        end = max(numbers.end_ns, (numbers.newest_ns or 0) + 1)
        if bucket is not None:
            end = min(end, start + self._counted_ns)
        rate = self.rates.over(self._named(row)[0], max(start, numbers.start_ns), end)
        return None if rate is None else ((row["sent"] + row["made"]) * rate[0], rate[1])

    def _several_hours(self) -> bool:
        """Tell whether hours that cost differently can be mixed in a group that is not counted by time."""
        return hour_of(self.numbers.start_ns) != hour_of(self.numbers.end_ns - 1)

    def _is_billed(self, sums: Sums) -> bool:
        return self.rates is not None and sums.usd_by.get(("allocated", self.rates.source), 0.0) != 0

    def _cost(self, row: Mapping[str, Any], bucket: int | None) -> tuple[float, str, str] | None:
        """US dollars of a group by price, how they are known and from where; None without a price."""
        endpoint, entity = self._named(row)
        start = self.numbers.start_ns if bucket is None else bucket * self._counted_ns
        if not row["counted"]:
            return None
        model = self.names.model(endpoint, entity, row["model"])
        cost = self._priced(_usage(row), endpoint, entity, model, start)
        if cost.usd is None:
            return None
        # Where prices step up with a request's length, the sum of many is no long request.
        each = 1.0 / row["counted"]
        one = self._priced(_usage(row, each), endpoint, entity, model, start)
        tiered = (
            one.usd is not None and abs(one.usd / each - cost.usd) > 0.2 * cost.usd and row["counted"] >= 2
        )
        usd = one.usd / each if tiered and one.usd is not None else cost.usd
        return usd, cost.basis, cost.source or ""

    def _priced(self, usage: Usage, endpoint: str, entity: str, model: str | None, at_ns: int) -> Any:
        return cost_of(
            usage,
            model=None,
            endpoint=endpoint or None,
            at_ns=at_ns,
            prices=self.prices,
            databricks=True,
            served=(model, entity or None),
        )


def _usage(row: Mapping[str, Any], share: float = 1.0) -> Usage:
    sent, made, cached, written = (round(row[name] * share) for name in ("sent", "made", "cached", "written"))
    return Usage(sent, made, None, cached, written)
