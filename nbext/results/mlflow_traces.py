"""Traces of a tracking store as a sequence of captures, read page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from ..kernel.session import session
from .captured import Capture, Captures
from .progress import progress_bar
from .stored_capture import capture_of, stored_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from ..frames import Column
    from ..model.span import Trace
    from ..sources.mlflow import StoredTrace, TraceStore

# What a view can show in one piece.
MOST_SHOWN = 200


class MlflowTraces(Sequence[Capture]):
    """Traces that were stored elsewhere: a sequence of captures, one per trace, newest first.

    Pages are read as they are looked at: a loop sees the first trace after the first page, a length,
    a frame or a view needs all of them.

    Parameters
    ----------
    pages : iterator of list of StoredTrace
    title : str
        What they are, for the view and the progress line.
    store : TraceStore, optional
        The tracking store they are of; feedback goes there.
    """

    def __init__(
        self, pages: Iterator[list[StoredTrace]], title: str, *, store: TraceStore | None = None
    ) -> None:
        self.title = title
        self._store = store
        self._pages: Iterator[list[StoredTrace]] | None = pages
        self._captures = Captures()
        self._stored: list[StoredTrace] = []
        # A wrong name or URI is to be said here, and not at the first look.
        self._more()

    def __iter__(self) -> Iterator[Capture]:
        at = 0
        while at < len(self._captures) or self._more():
            yield self._captures[at]
            at += 1

    def __len__(self) -> int:
        self._all()
        return len(self._captures)

    @overload
    def __getitem__(self, at: int) -> Capture: ...
    @overload
    def __getitem__(self, at: slice) -> Captures: ...
    def __getitem__(self, at: int | slice) -> Capture | Captures:
        if isinstance(at, slice):
            self._all()
            return Captures(self._captures[at])
        while at >= len(self._captures) and self._more():
            pass
        if at < 0:
            self._all()
        return self._captures[at]

    def __repr__(self) -> str:
        more = " read, more may follow" if self._pages is not None else ""
        count = len(self._captures)
        return f"<MlflowTraces {self.title}: {count:,} trace{'s' * (count != 1)}{more}>"

    def captures(self) -> Captures:
        """Give all of them as a list."""
        return self._all()

    def traces(self) -> list[Trace]:
        """Give all of them as traces."""
        self._all()
        return [stored.trace for stored in self._stored]

    def stored(self) -> list[StoredTrace]:
        """Give what the store knows of each: id, name, state, tags, metadata, link."""
        self._all()
        return list(self._stored)

    # ── the view ──────────────────────────────────────────────────────────

    def capture(self, *, most: int = MOST_SHOWN) -> Capture:
        """Give the newest `most` of them as one capture, which shows, exports and compares as a cell does."""
        chosen = self[:most]
        if len(chosen) == 1:
            return chosen[0]
        title = self.title
        if len(self._captures) > most:
            title += f" (newest {most:,} of {len(self._captures):,})"
        calls = [call for one in chosen for call in one.calls]
        whole = Capture.of(
            Capture.of_calls(calls, id=(chosen[0].id if chosen else "0" * 16)[::-1], name=title)
        )
        whole.stored = stored_in(self._store, self._stored[: len(chosen)])
        whole.app_spans = [span for one in chosen for span in one.app_spans]
        whole.start_ns = min((one.start_ns for one in chosen), default=0)
        whole.end_ns = max((one.end_ns or one.start_ns for one in chosen), default=whole.start_ns)
        session.know([whole])
        return whole

    def show(self, *, most: int = MOST_SHOWN) -> None:
        """Draw them here, the newest `most`; what is left out is said."""
        self.capture(most=most).show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.capture()._repr_mimebundle_(include, exclude)

    def export(self, path: str | Path) -> Path:
        """Write them to one file, see `Capture.export`."""
        return self._all().export(path)

    # ── tables ────────────────────────────────────────────────────────────

    def df(self) -> pd.DataFrame:
        """Give a frame with one row per trace.

        Returns
        -------
        pandas.DataFrame
            ``trace_id`` (the store's), ``name``, ``state``, ``start_time``, ``duration_ms``,
            ``spans``, ``calls``, ``tokens``, ``experiment_id``, ``client_request_id``, ``tags`` and
            ``url``, MLflow's page of it.
        """
        from ..frames.build import frame
        from ..frames.columns import TRACES

        return frame(self.stored(), TRACES)

    def calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per model call, see `nbext.calls_df`."""
        return self._frame("calls_df", columns)

    def spans_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per span, see `nbext.spans_df`."""
        return self._frame("spans_df", columns)

    def messages_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per message, see `nbext.messages_df`."""
        return self._frame("messages_df", columns)

    def tool_calls_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per tool call, see `nbext.tool_calls_df`."""
        return self._frame("tool_calls_df", columns)

    def attempts_df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per HTTP request that was stored, see `nbext.attempts_df`."""
        return self._frame("attempts_df", columns)

    def _frame(self, name: str, columns: Sequence[str | Column] | None) -> pd.DataFrame:
        from .. import api

        frame: pd.DataFrame = getattr(api, name)(self._all(), columns=columns)
        return frame

    # ── pages ─────────────────────────────────────────────────────────────

    def _more(self) -> bool:
        """Read a page; False when there is none."""
        if self._pages is None:
            return False
        page = next(self._pages, None)
        if page is None:
            self._pages = None
            return False
        captures = [capture_of(stored, self._store) for stored in page]
        self._stored += page
        self._captures += captures
        session.know(captures)
        return True

    def _all(self) -> Captures:
        bar = progress_bar(self.title) if self._pages is not None else None
        try:
            while self._more():
                if bar is not None:
                    bar(len(self._captures), None)
        finally:
            if bar is not None:
                bar(len(self._captures), len(self._captures))
        return self._captures
