"""A column of a frame: its name, where its values come from, its dtype."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

Getter = Callable[[Any], Any]

DTYPES = ("string", "Int64", "Float64", "boolean", "category", "datetime", "object")


@dataclass(frozen=True, slots=True)
class Column:
    """A declared column.

    Parameters
    ----------
    name : str
    get : str or callable
        A callable takes the row (a Call, a Span, …) and gives the value. A string is a dotted path
        into the row, through attributes, JSON keys and list positions: ``"request.temperature"``,
        ``"answers.0.parts.0.kind"``. What is not there is NA.
    dtype : str
        ``string``, ``Int64``, ``Float64``, ``boolean``, ``category``, ``object`` or ``datetime``
        (values are ns since the epoch; the column is ``datetime64[ns, UTC]``).
    unit, doc : str
        For `nbext.frames.describe`.
    categories : tuple of str
        The closed list of a ``category`` column, so that frames of several captures concatenate.

    Examples
    --------
    >>> Column("temperature", "request.temperature", "Float64").name
    'temperature'
    """

    name: str
    get: str | Getter
    dtype: str = "object"
    unit: str = ""
    doc: str = ""
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.dtype not in DTYPES:
            hint = _suggest(self.dtype, DTYPES)
            raise ValueError(f"column {self.name!r}: unknown dtype {self.dtype!r}{hint}")

    def values(self, rows: Sequence[Any]) -> list[Any]:
        """Give the column's value for each row, None where there is none."""
        get = self.get
        if callable(get):
            return [get(row) for row in rows]
        steps = get.split(".")
        if rows and not _through_json(rows[0], steps):
            try:
                # Plain attributes all the way is the common case, and five times as fast.
                return list(map(attrgetter(get), rows))
            except (AttributeError, TypeError):
                pass
        return [follow(row, steps) for row in rows]


def follow(value: Any, steps: Sequence[str]) -> Any:
    """Walk a dotted path through attributes, JSON keys and list positions; None if it ends early."""
    for step in steps:
        if value is None:
            return None
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, (list, tuple)):
            position = int(step) if step.lstrip("-").isdecimal() else None
            if position is None or not -len(value) <= position < len(value):
                return None
            value = value[position]
        elif step.startswith("_"):
            return None
        else:
            value = getattr(value, step, None)
    return value


def _through_json(value: Any, steps: Sequence[str]) -> bool:
    """Tell whether the path meets JSON, where the key ``items`` must not find the method of a dict."""
    for step in steps:
        if isinstance(value, (Mapping, list, tuple)):
            return True
        value = getattr(value, step, None)
    return False


def pick(declared: Sequence[Column], wanted: Sequence[str | Column] | None, grain: str) -> list[Column]:
    """Give the columns a user asked for: all declared ones, or those named and those brought.

    Raises
    ------
    TypeError
        What is given is no list of names and columns.
    ValueError
        A name that no declared column has, or a name twice.
    """
    if wanted is None:
        return list(declared)
    if isinstance(wanted, (str, Column)):
        wanted = [wanted]
    if not isinstance(wanted, Iterable):
        raise TypeError(f"columns: expected a list of names and Column objects, got {wanted!r}")
    known = {column.name: column for column in declared}
    chosen: dict[str, Column] = {}
    for item in wanted:
        if not isinstance(item, (str, Column)):
            raise TypeError(f"columns: expected names and Column objects, got {type(item).__name__}")
        column = item if isinstance(item, Column) else known.get(item)
        if column is None:
            raise ValueError(f"no column {item!r} in the {grain} frame{_suggest(str(item), known)}")
        if column.name in chosen:
            raise ValueError(f"column {column.name!r} was given twice for the {grain} frame")
        chosen[column.name] = column
    return list(chosen.values())


def _suggest(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}"
