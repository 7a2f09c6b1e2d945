"""The functions a user calls, with the kernel's captures as what they are about by default."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import frames, settings
from .kernel.session import session
from .results.captured import Capture, Captures

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from .frames import Column

# The journal of this kernel may be what is opened, and its last line still on the way.
_DRAIN_SECONDS = 5.0


def calls_df(
    source: Any = None, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per model call.

    Parameters
    ----------
    source : Capture, Trace, Call, list of any of these, or DataFrame, optional
        What `nbext.open` returns is such a list. Left out: all captures of this kernel. A
        DataFrame is read for its id column.
    columns : sequence of str or Column, optional
        Names of declared columns and columns of your own, in the order wanted:
        ``[*nbext.frames.CALLS, nbext.Column("temperature", "request.temperature", "Float64")]``.
        All declared ones if left out.
    captures : Capture or list, optional
        Where the ids of a DataFrame are looked up. Left out: all captures in memory.

    Returns
    -------
    pandas.DataFrame
        `nbext.frames.describe("calls")` says what the columns are and in which units.

    Raises
    ------
    TypeError
        `source` is nothing that holds calls.
    ValueError
        A column name that is not known, or a value that does not fit its column.
    """
    return _frame(frames.calls_df, source, columns, captures)


def spans_df(
    source: Any = None, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per span: model calls and application spans. See `calls_df`."""
    return _frame(frames.spans_df, source, columns, captures)


def messages_df(
    source: Any = None, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per message sent or answered. See `calls_df`."""
    return _frame(frames.messages_df, source, columns, captures)


def tool_calls_df(
    source: Any = None, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per tool call a model asked for, joined with its result. See `calls_df`."""
    return _frame(frames.tool_calls_df, source, columns, captures)


def attempts_df(
    source: Any = None, *, columns: Sequence[str | Column] | None = None, captures: Any = None
) -> pd.DataFrame:
    """Give a frame with one row per HTTP request, retries included. See `calls_df`."""
    return _frame(frames.attempts_df, source, columns, captures)


def open(path: str | Path) -> Captures:  # noqa: A001  # the public word for it
    """Read captures from a file: a journal, an export of nbext, or OTLP as OpenTelemetry writes it.

    A journal is ``.jsonl``, an export ``.json``, ``.jsonl`` or ``.html``; OTLP is JSON (``.json``,
    ``.jsonl``) or protobuf (``.binpb``). Nothing in the file is executed.

    Parameters
    ----------
    path : str or Path
        A file, or a folder of journals.

    Returns
    -------
    Captures
        A list, oldest first.

    Raises
    ------
    FileNotFoundError, ValueError
        There is no such file, or it is none of these.
    """
    from .sources.files import open_path

    session.writer.drain(_DRAIN_SECONDS)
    captures = Captures(Capture.of(capture) for capture in open_path(Path(path).expanduser()))
    session.know(captures)
    return captures


def configure(**options: Any) -> None:
    """Set options for this kernel; ``%config GatewayTrace`` lists them.

    Raises
    ------
    ValueError
        An option that does not exist (with the nearest one), or a value that does not fit.

    Examples
    --------
    >>> configure(live=True, keep=200)
    >>> configure(liev=True)
    Traceback (most recent call last):
    ValueError: no setting 'liev'; did you mean 'live'?
    """
    settings.current().set(options)


def _frame(
    make: Callable[..., pd.DataFrame], source: Any, columns: Sequence[str | Column] | None, captures: Any
) -> pd.DataFrame:
    from .results import accessor

    if isinstance(source, (str, Path)):
        raise TypeError(
            f"expected captures, got the path {str(source)!r}; read it first: nbext.open({str(source)!r})"
        )
    frame = make(
        session.captures if source is None else source,
        columns=columns,
        captures=session.known if captures is None else captures,
    )
    accessor.register()
    return frame
