"""Histograms with edges a reader would have chosen; the same as `renderers/src/model/frame.ts` draws."""

from __future__ import annotations

import math
from typing import Any

_BINS = 12
_MOST_BINS = 40
# Below this numbers are too small to be told apart, and their logarithm is no round step.
_SMALLEST_STEP = 1e-12


def histogram(values: Any) -> dict[str, list[float]] | None:
    """Count values between round edges.

    Parameters
    ----------
    values : numpy.ndarray
        Of floats, NaN where nothing is known.

    Returns
    -------
    dict or None
        ``edges`` and ``counts``: ``counts[i]`` lie from ``edges[i]`` to ``edges[i + 1]``. None for
        no values at all.
    """
    import numpy as np

    values = values[np.isfinite(values)]
    if not len(values):
        return None
    least, most = float(values.min()), float(values.max())
    step = nice_step(max((most - least) / _BINS or abs(most) or 1.0, _SMALLEST_STEP))
    first = math.floor(least / step) * step
    bins = min(_MOST_BINS, max(1, math.floor((most - first) / step) + 1))
    places = np.clip(np.floor((values - first) / step).astype(np.int64), 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    edges = [tidy(first + i * step) for i in range(bins + 1)]
    return {"edges": edges, "counts": [int(count) for count in counts]}


def nice_step(least: float) -> float:
    """Give 1, 2, 2.5, 5 or 10 times a power of ten, not under `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return tidy(next((d for d in (1, 2, 2.5, 5, 10) if d * power >= least * 0.999), 10) * power)


def tidy(number: float) -> float:
    """Take off the noise of binary fractions: 0.30000000000000004 is nobody's threshold."""
    return float(f"{number:.12g}")
