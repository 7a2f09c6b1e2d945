"""What is put in a notebook: one bundle of data, static HTML and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .cut import LONGEST_TEXT, fit, without_long_texts
from .hosts import host as current_host
from .pack import dumps
from .static_html import html_of_wire
from .text import text_of_wire
from .wire import DEFAULT_MAX_BYTES, MIME, whole_wire

if TYPE_CHECKING:
    from ..model.capture import Capture
    from .hosts import Host

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"

_HTML_SHARE = 0.2
# What a bundle takes beside its three texts.
_FRAME_BYTES = 500
_TEXT_WIDTH = 100
_TEXT_ROWS = 200
# A saved answer stands whole in the HTML; its text form is for a glance.
_TEXT_LINES = 4


def mime_bundle(
    capture: Capture,
    *,
    max_bytes: int = DEFAULT_MAX_BYTES,
    widget: Any = None,
    live: bool = False,
    host: Host | None = None,
) -> dict[str, Any]:
    """Give the output of a capture, by MIME type.

    Parameters
    ----------
    capture : Capture
    max_bytes : int
        Most bytes of the whole bundle.
    widget : TraceWidget, optional
        Named in the bundle where the host needs it to show a living view.
    live : bool
        The cell is running; the bundle will be replaced.
    host : Host, optional
        Where it is shown; looked up if left out.
    """
    return bundle_of_wire(whole_wire(capture), max_bytes=max_bytes, widget=widget, live=live, host=host)


def bundle_of_wire(
    wire: dict[str, Any],
    *,
    max_bytes: int = DEFAULT_MAX_BYTES,
    widget: Any = None,
    live: bool = False,
    host: Host | None = None,
) -> dict[str, Any]:
    """Give the output of a plain wire; see `mime_bundle`."""
    host = host or current_host()
    limit = min(max_bytes, host.max_bytes or max_bytes)
    wire = without_long_texts(wire, LONGEST_TEXT)
    text = _text_of(wire, limit)
    html_bytes = int(limit * _HTML_SHARE)
    html = html_of_wire(wire, max_bytes=html_bytes)
    kept, packed = fit(wire, limit - len(text.encode()) - len(dumps(html).encode()) - _FRAME_BYTES)
    if "cut" in kept:
        # One cut for all three forms, and each says so.
        html = html_of_wire(kept, max_bytes=html_bytes)
        text = _text_of(kept, limit)
    bundle: dict[str, Any] = {MIME: packed, "text/html": html, "text/plain": text}
    if widget is not None and (host.widget_live if live else host.widget_kept):
        bundle[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return bundle


def _text_of(wire: dict[str, Any], limit: int) -> str:
    most = limit // 10
    text = text_of_wire(wire, width=_TEXT_WIDTH, max_rows=_TEXT_ROWS, max_lines=_TEXT_LINES)
    data = text.encode()
    return text if len(data) <= most else data[:most].decode("utf-8", "ignore") + "…"
