"""``df.gateway.show()``: from a frame of ids back to the view. Registered with the first frame made."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ..kernel.session import session
from .captured import Capture
from .tables import table_of

if TYPE_CHECKING:
    import pandas as pd

    from ..model.call import Call
    from ..model.span import Span

_NAME = "gateway"
# Finest first: a frame of calls also has a capture_id, one of spans a call_id where there is a call.
_IDS = ("span_id", "call_id", "trace_id", "capture_id")

# Columns that tell what a row is.
_TELLING = {
    "message_index": "messages",
    "tool_call_index": "tool_calls",
    "attempt": "attempts",
    "span_id": "spans",
}


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
        # Of the frame, not of this: pandas makes an accessor at each use.
        self._table = table_of(frame)

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
        """Draw these rows as a table that filters, sorts and opens; text in a terminal.

        What is filtered and selected there is in `filtered` and `selected`, once the running cell
        has ended.
        """
        from .. import settings
        from ..display import actions
        from ..display.frame.payload import frame_payload
        from ..display.frame.static import frame_html, frame_text
        from ..display.payload import living, pack_payload, show_payload
        from ..display.wire import whole_wire

        most = settings.current().max_output_bytes
        chosen = self.capture()
        payload = frame_payload(
            self._frame,
            uid=self._table.uid,
            name=self._name(),
            grain=_grain(self._frame),
            ids=self._ids(),
            units=_units(self._frame),
            wire=whole_wire(chosen),
            max_bytes=int(most * 0.8),
        )
        html, text = frame_html(payload), frame_text(payload, width=settings.current().text_width)
        stored = pack_payload(payload)
        self._table.model = living(stored, asks={"filter": self._table.take_filter})
        if self._table.model is not None:
            actions.answer(self._table.model, lambda: chosen)
        show_payload(stored, html=html, text=text, widget=self._table.model)

    @property
    def filtered(self) -> pd.DataFrame:
        """The rows that the table is filtered to; all of them before it is."""
        from ..display.frame.conditions import filtered

        return filtered(self._frame, self._table.conditions)

    @property
    def code(self) -> str:
        """The pandas text that gives `filtered`; empty before the table is filtered."""
        return self._table.code

    @property
    def selected(self) -> pd.DataFrame:
        """The rows of what is selected in the table; none before something is."""
        model = self._table.model
        wanted = None if model is None else model.selected
        return self._frame[[wanted is not None and own == wanted for own in self._ids()]]

    def select(self, row: Any) -> None:
        """Select a row in the table.

        Parameters
        ----------
        row : label of the index, or None for nothing

        Raises
        ------
        LookupError
            The table is not shown, or has no such row.
        """
        model = self._table.model
        if model is None:
            raise LookupError("the table is not shown here; .gateway.show() draws it in a notebook")
        if row is not None and row not in self._frame.index:
            raise LookupError(f"the frame has no row {row!r}")
        place = None if row is None else list(self._frame.index).index(row)
        model.selected = None if place is None else self._ids()[place]

    def _ids(self) -> list[str | None]:
        """Give the span that each row is opened as."""
        column = next(name for name in _IDS if name in self._frame.columns)
        values = self._frame[column].astype(object).where(self._frame[column].notna(), None).tolist()
        if column == "call_id":
            return values
        if column == "span_id":
            calls, _ = _found(column, set(values))
            return [calls[value].call_id if value in calls else value for value in values]
        first: dict[str, str] = {}
        for capture in session.known:
            for span in capture.spans:
                key = span.trace_id if column == "trace_id" else capture.id
                first.setdefault(key, span.id if span.call is None else span.call.call_id)
        return [first.get(value) for value in values]

    def _name(self) -> str:
        """Give the name of the variable that holds the frame."""
        import sys

        ipython = sys.modules.get("IPython")
        shell = None if ipython is None else ipython.get_ipython()
        names = {} if shell is None else shell.user_ns
        own = [name for name, value in list(names.items()) if value is self._frame and name[:1] != "_"]
        return own[0] if own else "calls"


def _grain(frame: pd.DataFrame) -> str:
    """Tell what a row is, by the columns that only one of the frames has."""
    for name, grain in _TELLING.items():
        if name in frame.columns:
            return grain
    return "calls" if "call_id" in frame.columns else "spans"


def _units(frame: pd.DataFrame) -> dict[str, str]:
    from ..frames.tables import GRAINS

    declared = {column.name: column.unit for column in GRAINS[_grain(frame)] if column.unit}
    units = {str(name): declared.get(str(name), "") for name in frame.columns}
    return {name: unit or "ms" for name, unit in units.items() if unit or name.endswith("_ms")}


def _found(column: str, ids: set[Any]) -> tuple[dict[str, Call], dict[str, Span]]:
    calls: dict[str, Call] = {}
    spans: dict[str, Span] = {}
    for capture in session.known:
        whole = column == "capture_id" and capture.id in ids
        for span in capture.spans:
            own = span.trace_id if column == "trace_id" else span.id
            if column == "call_id" and span.call is not None:
                own = span.call.call_id
            if not whole and own not in ids:
                continue
            if span.call is None:
                spans[span.id] = span
            else:
                calls[span.id] = span.call
    return calls, spans
