"""Brings what is shown and written of a capture up to date with what was said of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..kernel.session import session

if TYPE_CHECKING:
    from ..results.captured import Capture
    from .place import Place


def refresh(capture: Capture, span_id: str) -> None:
    """Tell the view of a capture, if it is shown, how a span is now; and have its output saved anew."""
    import sys

    if capture.redraw is not None:
        session.writer.put(capture.redraw)
    # Without it nothing is shown by a widget.
    module = sys.modules.get("nbext.display.widget")
    widget = None if module is None else module.living_widget(capture)
    if widget is None:
        return
    wires = [span for span in _wires(capture) if span["id"] == span_id]
    if wires:
        state = "running" if capture.running else "done"
        now = round((time.time_ns() - capture.start_ns) / 1e6, 1)
        widget.tell_delta({"now": now, "state": state, "spans": wires})


def write(place: Place) -> None:
    """Write the line of a call or span anew: of two lines of one the later holds."""
    journal = session.journal
    if journal is None or place.capture.stored is not None:
        return
    if place.call is None:
        # As it was recorded, and not as it is placed in the tree.
        own = next((span for span in place.capture.app_spans if span.id == place.span.id), None)
        if own is not None and own.end_ns is not None:
            journal.append_span(own, place.capture)
    elif place.call.end_ns is not None:
        journal.append(place.call, place.capture)


def _wires(capture: Capture) -> list[dict[str, Any]]:
    from ..display.wire import whole_wire

    spans: list[dict[str, Any]] = whole_wire(capture)["spans"]
    return spans
