"""The calls frame of a table too large to hold as calls: assembled of Arrow columns, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from .build import frame, import_pandas
from .columns import CALLS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from ..model.call import Call
    from .column import Column


# Shorter runs are copied: a column in many small pieces is slow ever after.
_SHORTEST_RUN = 1000
# Long texts are what a frame weighs: between values put in they stay where they are, unless runs get
# so short that the pieces themselves would weigh.
_LONG_BYTES = 100
_SHORTEST_STAY = 50


class Part(Protocol):
    """A batch: columns by the frame's names, and calls at the places where these say nothing."""

    @property
    def columns(self) -> Mapping[str, pa.Array]:
        """Values of the plain rows, moments as ns since the epoch."""
        ...

    @property
    def rows(self) -> int:
        """How many rows it has."""
        ...

    @property
    def others(self) -> Mapping[int, Call]:
        """Calls by their place."""
        ...


def declared(columns: Sequence[Column]) -> bool:
    """Tell whether all columns are declared ones, whose values Arrow can hold."""
    known = {id(column) for column in CALLS}
    return all(id(column) in known for column in columns)


def frame_of_parts(parts: Iterable[Part], columns: Sequence[Column]) -> pd.DataFrame:
    """Build the frame `nbext.calls_df` would give of the same calls, rows by start.

    Parameters
    ----------
    parts : iterable of Part
        Read one at a time; what is kept of each is its columns of the frame.
    columns : sequence of Column
        Declared ones.
    """
    import pyarrow as pa

    pandas = import_pandas()
    ordering = [column for column in CALLS if column.name in ("start_time", "call_id")]
    wanted = list({column.name: column for column in [*ordering, *columns]}.values())
    chunks: dict[str, list[pa.Array]] = {column.name: [] for column in wanted}
    rows = 0
    for part in parts:
        rows += part.rows
        places = _places(part)
        for column in wanted:
            chunks[column.name] += _merged(part, column, places)
    if not rows:
        return frame([], columns)
    whole = {name: pa.chunked_array(arrays).unify_dictionaries() for name, arrays in chunks.items()}
    chunks.clear()
    order = _order(whole)
    arrays = {}
    for column in columns:
        values = (
            whole.pop(column.name) if column.name not in ("start_time", "call_id") else whole[column.name]
        )
        arrays[column.name] = _array(pandas, column, values if order is None else _arranged(values, order))
    made: pd.DataFrame = pandas.DataFrame(arrays, index=pandas.RangeIndex(rows), copy=False)
    return made


def _places(part: Part) -> pa.Array:
    """Say where each row is: among the plain ones, or behind them among the others."""
    import numpy as np
    import pyarrow as pa

    places = np.arange(part.rows)
    places[list(part.others)] = part.rows + np.arange(len(part.others))
    return pa.array(places)


def _merged(part: Part, column: Column, places: pa.Array) -> list[pa.Array]:
    """Give a column of a part, with the values of its calls in their places."""
    import pyarrow as pa

    kind = _kind(column)
    plain = part.columns.get(column.name)
    plain = pa.nulls(part.rows, kind) if plain is None else plain.cast(kind)
    if not part.others:
        return [plain]
    values = pa.array(_clean(column, column.values(list(part.others.values()))), kind)
    if values.null_count == len(values) and plain.null_count == len(plain):
        return [plain]
    long = pa.types.is_large_string(kind) and plain.nbytes > _LONG_BYTES * len(plain)
    if long and len(values) * _SHORTEST_STAY < len(plain):
        return _spliced(plain, values, list(part.others))
    return [pa.concat_arrays([plain, values]).take(places)]


def _spliced(plain: pa.Array, values: pa.Array, places: list[int]) -> list[pa.Array]:
    """Put values between what stays where it is; the places are in order."""
    pieces = []
    done = 0
    for at, place in enumerate(places):
        pieces += [plain.slice(done, place - done), values.slice(at, 1)]
        done = place + 1
    pieces.append(plain.slice(done))
    return [piece for piece in pieces if len(piece)]


def _clean(column: Column, values: list[Any]) -> list[Any]:
    if column.dtype not in ("string", "category"):
        return values
    return [
        None if v is None else str(v).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        for v in values
    ]


def _kind(column: Column) -> pa.DataType:
    import pyarrow as pa

    kinds = {
        "Int64": pa.int64(),
        "Float64": pa.float64(),
        "boolean": pa.bool_(),
        "datetime": pa.int64(),
        "category": pa.dictionary(pa.int32(), pa.string()),
    }
    # Large from the start: what pandas holds, so that nothing is copied at the end.
    return kinds.get(column.dtype, pa.large_string())


def _order(whole: Mapping[str, pa.ChunkedArray]) -> pa.Array | None:
    """Places by start and id; None when the rows came in that order."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    starts = np.asarray(whole["start_time"].combine_chunks().fill_null(0))
    steps = np.diff(starts)
    if (steps > 0).all():
        return None
    if (steps >= 0).all():
        ids = np.asarray(whole["call_id"].combine_chunks().to_numpy(zero_copy_only=False)[1:])
        before = whole["call_id"].combine_chunks().to_numpy(zero_copy_only=False)[:-1]
        same = steps == 0
        if (ids[same] >= before[same]).all():
            return None
    table = pa.table({"start": whole["start_time"], "id": whole["call_id"]})
    return pc.sort_indices(table, sort_keys=[("start", "ascending"), ("id", "ascending")])


def _arranged(values: pa.ChunkedArray, order: pa.Array) -> pa.ChunkedArray:
    """Put values in order. Files of a log hold long runs of it, which are moved without being copied."""
    import numpy as np
    import pyarrow as pa

    places = np.asarray(order)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(places) != 1) + 1, [len(places)]])
    if len(starts) * _SHORTEST_RUN > len(places):
        return values.take(order)
    runs = [
        values.slice(places[a], b - a) for a, b in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
    return pa.chunked_array([chunk for run in runs for chunk in run.chunks], values.type)


def _array(pd: Any, column: Column, values: pa.ChunkedArray) -> Any:
    import numpy as np

    if column.dtype == "string":
        return pd.StringDtype().__from_arrow__(values)
    if column.dtype == "category":
        return _category(pd, column, values)
    missing = np.asarray(values.is_null())
    if column.dtype == "boolean":
        return pd.arrays.BooleanArray(np.asarray(values.fill_null(False)).copy(), missing.copy())
    data = np.asarray(values.fill_null(0))
    if column.dtype == "datetime":
        moments = np.where(missing, np.iinfo(np.int64).min, data)
        return pd.DatetimeIndex(moments.view("M8[ns]")).tz_localize("UTC").array
    masked = pd.arrays.IntegerArray if column.dtype == "Int64" else pd.arrays.FloatingArray
    return masked(data.copy(), missing.copy())


def _category(pd: Any, column: Column, values: pa.ChunkedArray) -> Any:
    import numpy as np

    coded = values.combine_chunks()
    found = coded.dictionary.to_pylist()
    known = [*column.categories, *sorted(set(found) - set(column.categories))]
    places = np.array([known.index(value) for value in found] or [0], dtype=np.int64)
    indices = coded.indices
    codes = np.where(np.asarray(indices.is_null()), -1, places[np.asarray(indices.fill_null(0))])
    return pd.Categorical.from_codes(codes, pd.Index(known, dtype="str"))
