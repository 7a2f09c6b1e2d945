"""A DataFrame as `WireFrame` of `renderers/src/wire/frame.ts`."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ..clean import clean
from ..cut import fit
from ..pack import dumps
from .histogram import histogram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

MOST_ROWS = 5_000
# Longest text of a cell, in characters: the whole of it is in the detail beside the table.
_LONGEST = 400
# Bytes the rows may take of the whole; the rest is for the spans behind them.
_ROWS_SHARE = 0.5
_MOST_CATEGORIES = 12


def frame_payload(
    frame: pd.DataFrame,
    *,
    uid: str,
    name: str,
    grain: str,
    ids: Sequence[str | None],
    units: Mapping[str, str],
    wire: dict[str, Any] | None,
    max_bytes: int,
) -> dict[str, Any]:
    """Give the payload of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame
    uid : str
    name : str
        Of the variable, for the pandas text.
    grain : str
        What a row is: ``calls``, ``spans``, ``messages``, ``tool_calls``, ``attempts``.
    ids : sequence of str or None
        The span of each row.
    units : mapping
        Unit of the columns that have one.
    wire : dict or None
        The spans of the rows, plain.
    max_bytes : int
        Most bytes of all of it; rows past it are left out, histograms count them.
    """
    columns = [_column(str(column), frame[column], units.get(str(column))) for column in frame.columns]
    rows = _rows(frame, int(max_bytes * _ROWS_SHARE))
    made = {
        "v": 1,
        "kind": "frame",
        "uid": uid,
        "state": "done",
        "name": name,
        "grain": grain,
        "columns": columns,
        "rows": rows,
        "ids": list(ids[: len(rows)]),
        "total": len(frame),
        "saved": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }
    left = max_bytes - len(dumps(made).encode())
    if wire is not None and left > 0:
        made["wire"] = fit(wire, left)[1]
    return made


def _column(name: str, series: Any, unit: str | None) -> dict[str, Any]:
    kind = str(series.dtype)
    made: dict[str, Any] = {"name": name, "dtype": "string" if kind in ("str", "object") else kind}
    if unit:
        made["unit"] = unit
    numbers = _numbers(series)
    if numbers is not None:
        counted = histogram(numbers)
        if counted is not None:
            made["histogram"] = counted
    elif kind == "category" or kind.startswith("bool"):
        counts = series.value_counts()
        made["categories"] = [
            {"value": _word(value), "count": int(count)} for value, count in counts.items() if count
        ][:_MOST_CATEGORIES]
    return made


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) or str(value) in ("True", "False") else str(value)


def _numbers(series: Any) -> Any:
    """Give a column of numbers or times as floats, times in epoch ms; None for any other."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(series.dtype):
        return None
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        stamps = pd.to_datetime(series, utc=True)
        epoch = pd.Timestamp(0, tz="UTC")
        return ((stamps - epoch) / pd.Timedelta(milliseconds=1)).to_numpy(dtype=float, na_value=math.nan)
    if pd.api.types.is_numeric_dtype(series.dtype):
        return series.to_numpy(dtype=float, na_value=math.nan)
    return None


def _rows(frame: pd.DataFrame, max_bytes: int) -> list[list[Any]]:
    import pandas as pd

    part = frame.iloc[:MOST_ROWS]
    values = []
    for column in part.columns:
        series = part[column]
        if pd.api.types.is_datetime64_any_dtype(series.dtype):
            values.append([_cell(value) for value in _numbers(series).tolist()])
        else:
            values.append([_cell(value) for value in series.astype(object).tolist()])
    rows: list[list[Any]] = []
    used = 0
    for row in map(list, zip(*values, strict=True)):
        used += len(dumps(row).encode())
        if used > max_bytes:
            break
        rows.append(row)
    return rows


def _cell(value: Any) -> Any:
    import pandas as pd

    if isinstance(value, (dict, list, tuple)):
        return clean(value, _LONGEST)
    if value is None or pd.isna(value):
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (bool, int, float, str)):
        return clean(value, _LONGEST)
    return str(value)
