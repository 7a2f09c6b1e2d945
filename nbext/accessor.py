"""``df.gateway.show()``: from a frame of ids back to the view. Registered with the first frame made."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from .captured import Capture
from .session import session

if TYPE_CHECKING:
    import pandas as pd

    from .model.call import Call
    from .model.span import Span

_NAME = "gateway"
# Finest first: a frame of calls also has a capture_id, but it is the calls that are meant.
_IDS = ("call_id", "span_id", "trace_id", "capture_id")


def register() -> None:
    """Give every DataFrame its ``.gateway``; a second time does nothing."""
    import pandas as pd

    # Looked up on the class: an attribute of the instance may be a column of that name.
    if _NAME not in vars(pd.DataFrame):
        pd.api.extensions.register_dataframe_accessor(_NAME)(Gateway)


class Gateway:
    """What a frame with ids of traced calls can do.

    Parameters
    ----------
    frame : pandas.DataFrame
        Any frame that has kept one of the columns ``call_id``, ``span_id``, ``trace_id``, ``capture_id``.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        if not any(name in frame.columns for name in _IDS):
            raise AttributeError(f"the frame has no id column: it must keep one of {', '.join(_IDS)}")
        self._frame = frame

    def capture(self) -> Capture:
        """Give the calls and spans of these rows as one capture.

        Raises
        ------
        LookupError
            None of the ids is in memory any more.
        """
        column = next(name for name in _IDS if name in self._frame.columns)
        ids = set(self._frame[column].dropna())
        calls, spans = _found(column, ids)
        if not calls and not spans:
            raise LookupError(
                f"none of the {len(ids)} ids in {column!r} is in memory; read their file again: nbext.open"
            )
        key = hashlib.sha256("".join(sorted([*calls, *spans])).encode()).hexdigest()[:16]
        chosen = Capture.of(Capture.of_calls(calls.values(), id=key, name="selected"))
        chosen.app_spans = list(spans.values())
        if spans:
            chosen.start_ns = min(
                [chosen.start_ns] * bool(calls) + [span.start_ns for span in spans.values()]
            )
            chosen.end_ns = max(
                [chosen.end_ns or 0, *(span.end_ns or span.start_ns for span in spans.values())]
            )
        return chosen

    def show(self) -> None:
        """Draw these rows in the viewer."""
        self.capture().show()


def _found(column: str, ids: set[Any]) -> tuple[dict[str, Call], dict[str, Span]]:
    calls: dict[str, Call] = {}
    spans: dict[str, Span] = {}
    for capture in session.known:
        whole = column == "capture_id" and capture.id in ids
        for span in capture.spans:
            own = span.trace_id if column == "trace_id" else span.id
            if not whole and own not in ids:
                continue
            if span.call is None:
                spans[span.id] = span
            else:
                calls[span.id] = span.call
    return calls, spans
