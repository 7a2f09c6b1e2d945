"""Frames of the calls of a table that may be large: made of some thousands at a time."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from ..frames import Column
    from ..model.call import Call
    from ..sources.inference_table import InferenceTable

# Calls that are in memory at a time while a frame is made of them.
PAGE = 5000


def frame_of_calls(
    table: InferenceTable, name: str, columns: Sequence[str | Column] | None, *, at_once: bool = False
) -> pd.DataFrame:
    """Make a frame of calls, some thousands at a time unless they must be known together.

    Parameters
    ----------
    table : InferenceTable
    name : str
        The function of `nbext` that makes the frame.
    columns : sequence, optional
        As the function takes them.
    at_once : bool
        What one call says is looked up in another.
    """
    from .. import api
    from ..frames.build import import_pandas

    make: Callable[..., pd.DataFrame] = getattr(api, name)
    if at_once:
        return make(sorted(_light(table, columns), key=_start), columns=columns)
    frames = []
    left = table.iter_calls()
    while page := list(itertools.islice(left, PAGE)):
        frames.append(make(sorted(page, key=_start), columns=columns))
    if len(frames) < 2:
        return frames[0] if frames else make([], columns=columns)
    whole = _concatenated(import_pandas(), frames)
    if "start_time" not in whole:
        return whole
    return whole.sort_values("start_time", kind="stable", ignore_index=True)


def _light(table: InferenceTable, columns: Sequence[str | Column] | None) -> Iterator[Call]:
    """Read calls without their bodies, which the declared columns do not look at."""
    for call in table.iter_calls():
        if columns is None:
            call.request = call.response = None
        yield call


def _start(call: Call) -> tuple[int, str]:
    return call.start_ns, call.call_id


def _concatenated(pandas: Any, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Put frames together; categories that only some pages hold are united first."""
    for name in frames[0].columns:
        if isinstance(frames[0][name].dtype, pandas.CategoricalDtype):
            united = pandas.api.types.union_categoricals([f[name] for f in frames]).categories
            for one in frames:
                one[name] = one[name].cat.set_categories(united)
    whole: pd.DataFrame = pandas.concat(frames, ignore_index=True)
    return whole
