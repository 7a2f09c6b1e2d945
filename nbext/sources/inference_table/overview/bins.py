"""Durations in bins 1 % wide, so that quantiles of any part add up from one pass over the table.

Quantile functions differ from engine to engine and cannot be merged; counts in bins can. What is
read off the middle of a bin is within half a percent of the exact quantile.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

# Below this a bin is one millisecond, for the tables tell no less.
_EXACT_MS = 100
_WIDTH = math.log(1.01)
# Over 20 days; longer is the last bin.
MOST = 1000


def bin_sql(ms: str) -> str:
    """Give the bin of a number of milliseconds in SQL; NULL of NULL and of what is negative."""
    # Asked first: DuckDB's and Spark's `least` pass over a NULL, and would make it the last bin.
    return (
        f"CASE WHEN {ms} IS NULL OR {ms} < 0 THEN NULL "
        f"WHEN {ms} < {_EXACT_MS} THEN CAST(floor({ms}) AS BIGINT) "
        f"ELSE least({MOST}, {_EXACT_MS} + CAST(floor(ln({ms} / {_EXACT_MS}.0) / {_WIDTH!r}) AS BIGINT)) END"
    )


def coarse_sql(number: str) -> str:
    """Give the bin in the middle of four, for parts that are many: quantiles within two percent."""
    return (
        f"CASE WHEN {number} < {_EXACT_MS} THEN {number} "
        f"ELSE least({MOST}, {number} - ({number} - {_EXACT_MS}) % 4 + 2) END"
    )


def _coarse(number: int) -> int:
    """Give what `coarse_sql` gives."""
    return number if number < _EXACT_MS else min(MOST, number - (number - _EXACT_MS) % 4 + 2)


def middle(number: int) -> float:
    """Milliseconds in the middle of a bin.

    Examples
    --------
    >>> middle(42)
    42.0
    >>> round(middle(100 + 231))
    1001
    """
    if number < _EXACT_MS:
        return float(number)
    return float(_EXACT_MS * math.exp((number - _EXACT_MS + 0.5) * _WIDTH))


def quantiles(
    counts: np.ndarray[Any, Any], shares: tuple[float, ...], *, coarsely: bool = False
) -> list[list[float | None]]:
    """Give quantiles of each row of a matrix of counts by bin, in ms; None where a row is empty.

    Parameters
    ----------
    counts : numpy.ndarray
        ``groups × (MOST + 1)``.
    shares : tuple of float
        ``0.5`` is the median.
    coarsely : bool
        Read off what counts by `coarse_sql` would give.
    """
    import numpy as np

    running = np.cumsum(counts, axis=1)
    totals = running[:, -1]
    found: list[list[float | None]] = []
    for row, total in zip(running, totals, strict=True):
        if total <= 0:
            found.append([None] * len(shares))
            continue
        places = np.searchsorted(row, [share * total for share in shares], side="left")
        numbers = (min(int(place), MOST) for place in places)
        found.append([middle(_coarse(number) if coarsely else number) for number in numbers])
    return found
