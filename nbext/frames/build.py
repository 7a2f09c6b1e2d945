"""Rows and columns to a DataFrame, one column at a time: a column is one typed array, never a cast frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from .column import Column


def frame(rows: Sequence[Any], columns: Sequence[Column]) -> pd.DataFrame:
    """Build a frame of declared columns; no rows give the same columns and dtypes."""
    pandas = import_pandas()
    arrays = {column.name: _array(pandas, column, column.values(rows)) for column in columns}
    made: pd.DataFrame = pandas.DataFrame(arrays, index=pandas.RangeIndex(len(rows)), copy=False)
    return made


def import_pandas() -> Any:
    """Import pandas, or say which feature needs it and how to get it.

    Raises
    ------
    ImportError
        pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("the DataFrames need pandas: pip install pandas") from error
    return pd


def _array(pd: Any, column: Column, values: list[Any]) -> Any:
    make = _MAKERS[column.dtype]
    try:
        return make(pd, column, values)
    except (TypeError, ValueError, OverflowError) as error:
        # A column of the user's own may say NaN or NA for what is not there; ours say None.
        values = [None if _missing(pd, value) else value for value in values]
        bad = next((value for value in values if not _fits(pd, column, value)), None)
        if bad is None:
            return make(pd, column, values)
        shown = repr(bad)
        shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
        raise ValueError(f"column {column.name!r}: {shown} is not {column.dtype}") from error


def _missing(pd: Any, value: Any) -> bool:
    return value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _fits(pd: Any, column: Column, value: Any) -> bool:
    try:
        _MAKERS[column.dtype](pd, column, [value])
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _strings(pd: Any, _: Column, values: list[Any]) -> Any:
    try:
        return pd.array(values, dtype="string")
    except UnicodeError:
        # Half a surrogate pair in a model's JSON: Arrow refuses it, so it is shown as U+FFFD.
        clean = [v.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if v else v for v in values]
        return pd.array(clean, dtype="string")


def _numbers(pd: Any, column: Column, values: list[Any]) -> Any:
    """Build value and mask arrays directly: `pd.array` would look at each object twice."""
    import numpy as np

    kind, masked = (
        (np.int64, pd.arrays.IntegerArray)
        if column.dtype == "Int64"
        else (np.float64, pd.arrays.FloatingArray)
    )
    mask = np.fromiter((v is None for v in values), bool, len(values))
    filled = [0 if v is None else v for v in values]
    if any(isinstance(v, (str, bytes)) for v in filled):
        raise TypeError("text where a number belongs")
    data = np.array(filled, dtype=kind)
    if (
        kind is np.int64
        and data.size
        and not np.array_equal(data, np.array(filled, dtype=object).astype(float))
    ):
        raise ValueError("a fraction where a whole number belongs")
    return masked(data, mask)


def _booleans(pd: Any, _: Column, values: list[Any]) -> Any:
    return pd.array(values, dtype="boolean")


def _categories(pd: Any, column: Column, values: list[Any]) -> Any:
    if not column.categories:
        # Categories of text also when there are no rows.
        known = sorted({str(v) for v in values if v is not None})
    else:
        # A value outside the closed list is kept all the same: NA would hide it.
        more = {str(v) for v in values if v is not None} - set(column.categories)
        known = [*column.categories, *sorted(more)]
    codes = {value: code for code, value in enumerate(known)}
    return pd.Categorical.from_codes(
        [-1 if v is None else codes[str(v)] for v in values],
        pd.Index(known, dtype="str"),
    )


def _times(pd: Any, _: Column, values: list[Any]) -> Any:
    import numpy as np

    nat = np.iinfo(np.int64).min
    data = np.array([nat if v is None else v for v in values], dtype=np.int64)
    return pd.DatetimeIndex(data.view("M8[ns]")).tz_localize("UTC").array


def _objects(pd: Any, _: Column, values: list[Any]) -> Any:
    import numpy as np

    data = np.empty(len(values), dtype=object)
    data[:] = values
    # A series, not an array: pandas 3 would look into the array and make text of it.
    return pd.Series(data, dtype=object)


_MAKERS = {
    "string": _strings,
    "Int64": _numbers,
    "Float64": _numbers,
    "boolean": _booleans,
    "category": _categories,
    "datetime": _times,
    "object": _objects,
}
