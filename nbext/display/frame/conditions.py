"""The conditions of a table's heads, applied to the DataFrame behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def filtered(frame: pd.DataFrame, conditions: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Give the rows for which all conditions hold; what is not known (NA) never does.

    Parameters
    ----------
    frame : pandas.DataFrame
    conditions : sequence of FrameCondition
        See `renderers/src/wire/frame.ts`: ``from`` is inclusive, ``to`` exclusive, times are epoch ms.

    Raises
    ------
    ValueError
        A condition on a column the frame does not have, or of a form that is not known.
    """
    keep = None
    for condition in conditions:
        column = condition.get("column")
        if column not in frame.columns:
            raise ValueError(f"the frame has no column {column!r}")
        holds = _mask(frame[column], condition).fillna(False).astype(bool)
        keep = holds if keep is None else keep & holds
    return frame if keep is None else frame[keep]


def _mask(series: Any, condition: dict[str, Any]) -> Any:
    import pandas as pd

    if "in" in condition:
        # The page knows words only: true, false, names.
        wanted = {str(value).lower() if isinstance(value, bool) else str(value) for value in condition["in"]}
        words = series.astype("string")
        if pd.api.types.is_bool_dtype(series.dtype):
            words = words.str.lower()
        return words.isin(wanted)
    if "contains" in condition:
        return series.astype("string").str.contains(str(condition["contains"]), case=False, regex=False)
    if "from" not in condition and "to" not in condition:
        raise ValueError(f"a condition of no known form: {condition!r}")
    values = series
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        values = pd.to_datetime(series, utc=True)
    mask = values.notna()
    if "from" in condition:
        mask &= values >= _edge(values, condition["from"])
    if "to" in condition:
        mask &= values < _edge(values, condition["to"])
    return mask


def _edge(values: Any, edge: float) -> Any:
    import pandas as pd

    times = pd.api.types.is_datetime64_any_dtype(values.dtype)
    return pd.Timestamp(edge, unit="ms", tz="UTC") if times else edge
