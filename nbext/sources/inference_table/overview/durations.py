"""Quantiles of durations by what they are grouped by: an engine counted them by bin, or listed the bins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bins import MOST, quantiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    import pandas as pd
    import pyarrow as pa

_SHARES = (0.5, 0.95, 0.99)
_WIDTH = MOST + 1
# Columns of lists, by what an item of them is.
LISTS = {"bin": "bins", "first_bin": "first_bins"}
# What listed bins are counted by once; groups by fewer of these keys are added up from it.
_COURSE = ("bucket", "endpoint", "entity")


class Durations:
    """Where an engine counted the requests of each group and bin.

    Parameters
    ----------
    sets : mapping of frozenset of str to pandas.DataFrame
        Groups by their keys, one of which is a bin; with a column ``requests``.
    """

    def __init__(self, sets: Mapping[frozenset[str], pd.DataFrame]) -> None:
        self._sets = sets

    def of(self, keys: tuple[str, ...], column: str, name_of: Callable[..., Any]) -> dict[Any, list[Any]]:
        """Give p50, p95 and p99 in ms of each group that has any.

        Parameters
        ----------
        keys : tuple of str
            Columns that a group is told by.
        column : str
            ``bin``, ``first_bin`` or ``coarse``.
        name_of : callable
            What a group is called, by its keys; groups of one name are one.
        """
        part = self._sets.get(frozenset((*keys, column)))
        part = None if part is None else part[part[column] >= 0]
        if part is None or part.empty:
            return {}
        names, places = _named(part, keys, name_of)
        counts = _counted(places, len(names), part[column].to_numpy(), part["requests"].to_numpy())
        return _told(names, quantiles(counts, _SHARES))


class ListedDurations(Durations):
    """Where it listed the bins of each group: less work for an engine that is near, and more to carry.

    Parameters
    ----------
    groups : pandas.DataFrame
        One row for each group, with the ``weight`` of each of its requests.
    counted : pyarrow.Table
        The same rows, with `LISTS`.
    """

    def __init__(self, groups: pd.DataFrame, counted: pa.Table) -> None:
        super().__init__({})
        self._groups = groups
        self._lists = {item: counted[name] for item, name in LISTS.items() if name in counted.column_names}
        self._requests: dict[str, tuple[Any, Any, Any]] = {}
        self._counts: dict[tuple[tuple[str, ...], str], tuple[pd.DataFrame, Any]] = {}

    def of(self, keys: tuple[str, ...], column: str, name_of: Callable[..., Any]) -> dict[Any, list[Any]]:
        """Give p50, p95 and p99 in ms of each group that has any; see `Durations.of`."""
        import numpy as np

        item = "bin" if column == "coarse" else column
        if item not in self._lists or self._groups.empty:
            return {}
        by = _COURSE if set(keys) <= set(_COURSE) else keys
        groups, found = self._count(by, item)
        names, places = _named(groups, keys, name_of)
        counts = np.zeros((len(names), _WIDTH))
        np.add.at(counts, places, found)
        return _told(names, quantiles(counts, _SHARES, coarsely=column == "coarse"))

    def _count(self, keys: tuple[str, ...], item: str) -> tuple[pd.DataFrame, Any]:
        """Count the requests of each group by bin, once."""
        import pandas as pd

        if (keys, item) not in self._counts:
            rows, bins, weights = self._read(item)
            groups, places = _named(self._groups, keys, lambda row: tuple(row.values()))
            found = _counted(places, len(groups), bins, weights, rows)
            self._counts[keys, item] = pd.DataFrame(groups, columns=list(keys)), found
        return self._counts[keys, item]

    def _read(self, item: str) -> tuple[Any, Any, Any]:
        """Give the group, the bin and the weight of each request that has a duration; no weight is one."""
        import numpy as np
        import pyarrow.compute as pc

        if item not in self._requests:
            lists = self._lists[item].combine_chunks()
            lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
            rows = np.repeat(np.arange(len(lists), dtype=np.int32), lengths)
            bins = lists.flatten().to_numpy()
            there = bins >= 0
            rows, bins = rows[there], bins[there]
            weights = self._groups["weight"].to_numpy()
            self._requests[item] = rows, bins, None if (weights == 1).all() else weights[rows]
        return self._requests[item]


def _named(
    part: pd.DataFrame, keys: tuple[str, ...], name_of: Callable[..., Any]
) -> tuple[list[Any], np.ndarray[Any, Any]]:
    """Give the names of the groups, and for each row the place of its name among them."""
    import numpy as np

    numbers = part.groupby(list(keys), sort=False).ngroup().to_numpy()
    first = part[list(keys)][~part.duplicated(list(keys))].itertuples(index=False)
    named = [name_of(dict(zip(keys, one, strict=True))) for one in first]
    names = list(dict.fromkeys(named))
    places = {name: place for place, name in enumerate(names)}
    return names, np.array([places[name] for name in named])[numbers]


def _counted(places: Any, groups: int, bins: Any, weights: Any, rows: Any = slice(None)) -> Any:
    """Count by group and bin, ``groups × bins``; ``rows`` are the places' indices where they repeat."""
    import numpy as np

    starts = places.astype(np.int64) * _WIDTH
    where = starts[rows] + bins.astype(np.int64, copy=False)
    return np.bincount(where, weights, minlength=groups * _WIDTH).reshape(groups, _WIDTH)


def _told(names: list[Any], found: list[list[float | None]]) -> dict[Any, list[Any]]:
    return {name: values for name, values in zip(names, found, strict=True) if values[0] is not None}
