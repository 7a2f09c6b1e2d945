"""The five frames, and the frame that documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .build import frame
from .column import Column, pick
from .columns import ATTEMPTS, CALLS, MESSAGES, SPANS, TOOL_CALLS
from .columns.attempts import attempt_rows
from .columns.messages import message_rows
from .columns.spans import surround
from .columns.tool_calls import tool_call_rows
from .gather import calls_of, spans_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

GRAINS: dict[str, list[Column]] = {
    "calls": CALLS,
    "spans": SPANS,
    "messages": MESSAGES,
    "tool_calls": TOOL_CALLS,
    "attempts": ATTEMPTS,
}

_DESCRIBED = [
    Column("name", "name", "string"),
    Column("dtype", lambda c: "datetime64[ns, UTC]" if c.dtype == "datetime" else c.dtype, "string"),
    Column("unit", "unit", "string"),
    Column("doc", "doc", "string"),
]


def calls_df(
    source: Any, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per model call.

    Parameters
    ----------
    source : Capture, Trace, Call, list of any of these, or DataFrame
        A DataFrame is read for its ``call_id``, ``trace_id`` or ``capture_id`` column.
    columns : sequence of str or Column, optional
        Names of declared columns and columns of your own, in the order wanted. All declared ones
        if left out; ``[*nbext.frames.CALLS, Column("temperature", "request.temperature",
        "Float64")]`` adds one.
    captures : Capture or list, optional
        Where the ids of a DataFrame are looked up.

    Returns
    -------
    pandas.DataFrame
        `nbext.frames.describe("calls")` says what the columns are.

    Raises
    ------
    ValueError
        A column name that is not known, or a value that does not fit its column.
    """
    chosen = pick(CALLS, columns, "calls")
    return frame(calls_of(source, captures), chosen)


def spans_df(
    source: Any, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per span: model calls and application spans. See `calls_df`."""
    chosen = pick(SPANS, columns, "spans")
    return frame(surround(spans_of(source, captures)), chosen)


def messages_df(
    source: Any, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per message sent or answered. See `calls_df`.

    Rows for columns of your own have ``call``, ``message``, ``index``, ``direction``, ``choice``.
    """
    chosen = pick(MESSAGES, columns, "messages")
    return frame(message_rows(calls_of(source, captures)), chosen)


def tool_calls_df(
    source: Any, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per tool call a model asked for, joined with its result. See `calls_df`.

    The result is found in the first later call of the same trace, else of the same capture.
    """
    chosen = pick(TOOL_CALLS, columns, "tool_calls")
    return frame(tool_call_rows(calls_of(source, captures)), chosen)


def attempts_df(
    source: Any, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per HTTP request, retries included. See `calls_df`."""
    chosen = pick(ATTEMPTS, columns, "attempts")
    return frame(attempt_rows(calls_of(source, captures)), chosen)


def describe(grain: str = "calls") -> pd.DataFrame:
    """Give the declared columns of a frame: name, dtype, unit and what it holds.

    Parameters
    ----------
    grain : {"calls", "spans", "messages", "tool_calls", "attempts"}

    Raises
    ------
    ValueError
        There is no such frame.
    """
    if grain not in GRAINS:
        raise ValueError(f"no frame {grain!r}; known: {', '.join(GRAINS)}")
    return frame(GRAINS[grain], _DESCRIBED)
