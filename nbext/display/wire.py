"""The data of `application/vnd.nbext.trace.v1+json`: a capture as `Wire` of `renderers/src/wire/types.ts`."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ..model.mlflow_pages import is_page
from ..model.span import span_of
from .cut import fit
from .pack import pack, unpack
from .totals import totals_of
from .wire_call import drop_empty
from .wire_server import joined_wire
from .wire_span import add_parallel_hints, span_wire

if TYPE_CHECKING:
    from ..model.capture import Capture
    from ..model.span import Span

Wire = dict[str, Any]

__all__ = ["DEFAULT_MAX_BYTES", "MIME", "Wire", "pack", "unpack", "wire_of"]

MIME = "application/vnd.nbext.trace.v1+json"
DEFAULT_MAX_BYTES = 1_000_000


def wire_of(
    capture: Capture, *, max_bytes: int | None = DEFAULT_MAX_BYTES, now_ns: int | None = None
) -> Wire:
    """Give all of a capture, or as much as fits.

    Parameters
    ----------
    capture : Capture
        May be running: open calls show what has arrived.
    max_bytes : int, optional
        Most bytes of the stored form (see `pack`). Long texts are cut first, then the last spans
        left out, both visibly; the totals are always those of everything. None: no cuts.
    now_ns : int, optional
        Where what is open ends, ns since the epoch; the clock's time if left out.

    Returns
    -------
    dict
        JSON-safe, string table not yet made.
    """
    return fit(whole_wire(capture, now_ns=now_ns), max_bytes)[0]


def whole_wire(
    capture: Capture, *, now_ns: int | None = None, ended: bool = False, own: bool = False
) -> Wire:
    """Give all of a capture, nothing cut.

    Parameters
    ----------
    capture : Capture
    now_ns : int, optional
        See `wire_of`.
    ended : bool
        Its cell has ended, though a stream of it may still be open.
    own : bool
        Of a replay: without the call that is sent again.
    """
    spans = capture.spans
    running = capture.running and not ended
    ms = length_ms(capture, spans, now_ns)
    wires = sorted((span_wire(span, capture.start_ns, None) for span in spans), key=_start)
    add_parallel_hints(wires)
    wire = {
        **head(capture),
        "state": "running" if running else "done",
        **({} if running else {"ms": ms, "saved": _iso_now()}),
        "spans": wires,
        **notices(capture),
        "totals": totals_of(wires, ms),
    }
    if capture.original is not None and not own:
        original = span_wire(span_of(capture.original), capture.original.start_ns, None)
        # Beside each other: both begin at 0.
        for key in ("parent", "replay_of"):
            original.pop(key, None)
        wire["spans"] = [original, *wires]
        wire["replay"] = {"call": original["id"], **drop_empty(label=capture.original_label)}
    return wire


def head(capture: Capture) -> Wire:
    """Give what identifies a capture."""
    return {
        "v": 1,
        "uid": capture.id,
        **drop_empty(name=capture.name, cell=capture.cell),
        "start": round(capture.start_ns / 1e6, 1),
    }


def notices(capture: Capture) -> Wire:
    """Give what was left alone, what we failed to record, and what became of the export."""
    failed = capture.failures and {"count": capture.failures, "first": capture.first_failure or ""}
    joined = None if capture.joined is None else joined_wire(capture.joined)
    return drop_empty(
        other=capture.other_requests or None,
        failed=failed or None,
        export=None if capture.export_state is None else _with_page(capture.export_state),
        page=capture.url if is_page(capture.url) else None,
        joined=joined,
        feedback_to=_feedback_to(capture),
    )


def _with_page(state: Wire) -> Wire:
    """Give what became of an export, with a page only where it may be a link."""
    return {key: value for key, value in state.items() if key != "page" or is_page(value)}


def _feedback_to(capture: Capture) -> list[str]:
    """Say in which stores what is said of it will be found."""
    exported = (capture.export_state or {}).get("to")
    place = exported or (capture.stored or {}).get("shown")
    return [f"MLflow {place}"] if place else []


def length_ms(capture: Capture, spans: list[Span], now_ns: int | None = None) -> float:
    """Length of a capture: to the end of its cell, or of the last span if that outlived the cell."""
    if capture.running:
        end = time.time_ns() if now_ns is None else now_ns
    else:
        end = max(
            [capture.end_ns or capture.start_ns, *(span.end_ns for span in spans if span.end_ns is not None)]
        )
    return round(max(0, end - capture.start_ns) / 1e6, 2)


def _start(span: Wire) -> float:
    return float(span["at"])


def _iso_now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
