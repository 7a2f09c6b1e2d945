"""Strings of the Statement Execution API back to Arrow values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa


def batch_of(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str | None]]) -> pa.RecordBatch:
    """Make a typed batch of rows of strings.

    Parameters
    ----------
    columns : sequence of (str, str)
        Names and types as the manifest's ``type_text`` says them: ``BIGINT``, ``ARRAY<STRING>`` …
        Structs, maps and other nested types stay JSON text.
    rows : sequence of sequence of str or None
    """
    import pyarrow as pa

    arrays = []
    for i, (_, kind) in enumerate(columns):
        arrow, convert = _type_of(kind)
        arrays.append(pa.array([None if row[i] is None else convert(row[i]) for row in rows], arrow))
    return pa.RecordBatch.from_arrays(arrays, names=[name for name, _ in columns])


def _type_of(kind: str) -> tuple[pa.DataType, Callable[[Any], Any]]:  # noqa: PLR0911  # a table, in code
    import pyarrow as pa

    kind = kind.upper()
    base = kind.partition("(")[0]
    if base in ("TINYINT", "SMALLINT", "INT", "BIGINT", "LONG", "INTEGER"):
        return pa.int64(), int
    if base in ("FLOAT", "DOUBLE", "DECIMAL"):
        return pa.float64(), float
    if base == "BOOLEAN":
        return pa.bool_(), lambda text: text.lower() == "true"
    if base == "DATE":
        return pa.date32(), _date
    if base in ("TIMESTAMP", "TIMESTAMP_NTZ"):
        return pa.timestamp("us", tz="UTC"), _time
    if kind == "ARRAY<STRING>":
        return pa.list_(pa.string()), _list
    return pa.string(), str


def _date(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text[:10])


def _time(text: str) -> Any:
    from datetime import datetime, timezone

    # Python before 3.11 reads no "Z".
    when = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "T", 1))
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)


def _list(text: str) -> list[str | None]:
    value = json.loads(text)
    return [None if item is None else str(item) for item in value] if isinstance(value, list) else [text]
