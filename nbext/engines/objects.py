"""Columns of Python objects in a pandas frame, in types that tell what is in every row.

Engines guess the type of such a column from some of its rows, and fail at, or lose, what the others
hold: a tag that few requests have, the one error code among empty lists.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

_LISTS = ("list", "tuple", "ndarray")


def as_arrow(frame: Any) -> Any:
    """Give a pandas frame as an Arrow table if it has columns to be told; anything else as it is."""
    told = _told_columns(frame)
    if not told:
        return frame
    import pyarrow as pa

    columns = [
        pa.array(told[at], _type(told[at])) if at in told else _arrow(frame.iloc[:, [at]])
        for at in range(frame.shape[1])
    ]
    return pa.table(columns, names=[str(name) for name in frame.columns])


def plain(frame: Any) -> Any:
    """Give a pandas frame without dicts, arrays and mixed values; anything else as it is.

    Lists of texts stay lists of texts, anything nested otherwise becomes JSON text, and numbers
    among texts become texts. The frame given is not changed.
    """
    made = frame
    for at, values in _told_columns(frame).items():
        import pandas as pd

        made = frame.copy(deep=False) if made is frame else made
        made.isetitem(at, pd.Series(values, index=frame.index, dtype=object))
    return made


def _told_columns(frame: Any) -> dict[int, list[Any]]:
    """Give the values of columns that an engine would have to guess the type of, by their place."""
    if type(frame).__module__.partition(".")[0] != "pandas" or getattr(frame, "ndim", 0) != 2:
        return {}
    found = {at: _told(frame.iloc[:, at]) for at, kind in enumerate(frame.dtypes) if kind.kind == "O"}
    return {at: values for at, values in found.items() if values is not None}


def _told(column: Any) -> list[Any] | None:
    """Give values of one type; None where an engine's guess is good enough."""
    there = column.notna().to_numpy()
    values = column.to_numpy()
    kinds = set(map(type, values[there]))
    if any(map(_is_nested, kinds)):
        if all(kind.__name__ in _LISTS for kind in kinds) and all(map(_are_texts, values[there])):
            return [list(value) if here else None for value, here in zip(values, there, strict=True)]
    elif str not in kinds or len(kinds) == 1:
        return None
    return [_text(value) if here else None for value, here in zip(values, there, strict=True)]


def _type(values: list[Any]) -> Any:
    import pyarrow as pa

    lists = any(type(value) is list for value in values)
    return pa.list_(pa.string()) if lists else pa.string()


def _arrow(one: Any) -> Any:
    """Give the column of a frame of one."""
    import pyarrow as pa

    try:
        return pa.Table.from_pandas(one, preserve_index=False).column(0)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        # Objects that Arrow has no type for, or one for each of them.
        column = one.iloc[:, 0]
        there = column.notna()
        return pa.array(
            [_text(value) if here else None for value, here in zip(column, there, strict=True)], pa.string()
        )


def _is_nested(kind: type) -> bool:
    return issubclass(kind, (dict, list, tuple)) or kind.__name__ == "ndarray" or hasattr(kind, "asDict")


def _are_texts(values: Any) -> bool:
    return all(type(value) is str or value is None for value in values)


def _text(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    written = str(value)
    if _is_nested(type(value)):
        # What cannot be JSON, such as a dict that holds itself, is a text like any other.
        with contextlib.suppress(TypeError, ValueError, RecursionError):
            written = json.dumps(_rows_apart(value), ensure_ascii=False, default=_plain)
    return written.encode("utf-8", "replace").decode()


def _rows_apart(value: Any) -> Any:
    """Make a Spark Row, which JSON would take for the tuple it also is, a dict; in lists too."""
    if hasattr(value, "asDict"):
        return value.asDict(recursive=True)
    return [_rows_apart(item) for item in value] if isinstance(value, (list, tuple)) else value


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
