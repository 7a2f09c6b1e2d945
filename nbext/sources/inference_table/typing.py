"""Values of a row in whatever typing they came: Arrow, pandas, Spark rows, or strings throughout.

The Statement Execution API answers every scalar as a string and every map, struct and list as JSON
text; a MAP comes as a dict, a list of pairs or a Spark Row from other clients.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any

from .flavour import TableError
from .times import moment_of

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# A number this large is no count of milliseconds but of microseconds or nanoseconds.
_MOST_MS = 10**14


def text(value: Any) -> str | None:
    """Read a text; a number, as some readers make of an id, is written out."""
    if type(value) is str:
        return value
    if _missing(value):
        return None
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def whole(value: Any) -> int | None:
    """Read a whole number; None for what is none."""
    if type(value) is int:
        return value
    number = fraction(value)
    return None if number is None else int(number)


def fraction(value: Any) -> float | None:
    """Read a number; None for what is none."""
    if _missing(value) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def moment_ns(value: Any) -> int | None:  # noqa: PLR0911  # one a typing
    """Read a moment as ns since the epoch: a time, a text, or ms since the epoch."""
    if _missing(value):
        return None
    if isinstance(value, datetime):
        given = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        delta = given - _EPOCH
        return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000
    if isinstance(value, date):
        return moment_ns(datetime(value.year, value.month, value.day))
    number = fraction(value)
    if number is not None:
        # To the µs, which a float of ms still holds.
        return round(number * 1000) * 1000 if abs(number) < _MOST_MS else int(number) * 1000
    as_time = getattr(value, "astype", None)
    if callable(as_time):
        return int(as_time("datetime64[ns]").astype("int64"))
    try:
        return moment_ns(moment_of(str(value), _EPOCH))
    except TableError:
        return None


def words(value: Any) -> list[str]:
    """Read a list of texts."""
    if type(value) is str:
        value = _parsed(value, [value] if value.strip() else [])
    elif hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, (list, tuple)):
        return []
    return [str(item) for item in value if item is not None]


def pairs(value: Any) -> dict[str, str]:
    """Read key-value pairs: a dict, a list of pairs or of ``{"key", "value"}``, a Row, or JSON text."""
    if type(value) is str:
        value = _parsed(value, None)
    if hasattr(value, "asDict"):
        value = value.asDict()
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        value = dict(filter(None, map(_pair, value)))
    if not isinstance(value, Mapping):
        return {}
    return {str(key): str(item) for key, item in value.items() if item is not None}


def _pair(item: Any) -> tuple[str, Any] | None:
    if isinstance(item, Mapping) and "key" in item:
        return str(item["key"]), item.get("value")
    if isinstance(item, (list, tuple)) and len(item) == 2:
        return str(item[0]), item[1]
    return None


def _parsed(given: str, otherwise: Any) -> Any:
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return otherwise


def _missing(value: Any) -> bool:
    """Tell None, NaN, NaT and pandas' NA, which equal nothing, not even themselves."""
    if value is None:
        return True
    try:
        return bool(value != value)  # noqa: PLR0124  # NaN
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"
