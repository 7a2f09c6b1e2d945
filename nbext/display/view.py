"""The output of a traced cell: nothing until its first call, then living, at the end the final bundle."""

from __future__ import annotations

import contextvars
import threading
import time
from typing import TYPE_CHECKING, Any

from .bundle import bundle_of_wire
from .hosts import host as current_host
from .live import Changes
from .publish import publish
from .wire import DEFAULT_MAX_BYTES, whole_wire

if TYPE_CHECKING:
    from ..model.call import Call
    from ..model.capture import Capture
    from ..model.span import Span
    from .hosts import Host
    from .widget import TraceWidget

# At most ten updates a second; never more than a quarter of the time spent on them.
_SHORTEST_WAIT = 0.1
_WAIT_PER_WORK = 3.0
_LONGEST_WAIT = 2.0


def show_capture(
    capture: Capture,
    *,
    max_bytes: int = DEFAULT_MAX_BYTES,
    interactive: bool = False,
    host: Host | None = None,
) -> None:
    """Show a capture once more, at the place this is called from.

    Parameters
    ----------
    capture : Capture
    max_bytes : int
        Size of the saved output.
    interactive : bool
        Use the widget also where it is gone when the notebook is reopened.
    host : Host, optional
        Looked up if left out.
    """
    host = host or current_host()
    widget = CellView(capture, max_bytes=max_bytes, host=host).widget
    wire = whole_wire(capture)
    bundle = bundle_of_wire(wire, max_bytes=max_bytes, widget=widget, live=interactive, host=host)
    publish(bundle, host=host, display_id=f"nbext-{capture.id}-{time.time_ns():x}", update=False)


class CellView:
    """Shows a capture under its cell.

    Parameters
    ----------
    capture : Capture
    live : bool
        Draw while the cell runs, where the host can; else once, at the end.
    max_bytes : int
        Size of the saved output.
    quiet : bool
        Show nothing; the capture can still be shown later.
    host : Host, optional
        Looked up if left out.
    """

    def __init__(
        self,
        capture: Capture,
        *,
        live: bool = True,
        max_bytes: int = DEFAULT_MAX_BYTES,
        quiet: bool = False,
        host: Host | None = None,
    ) -> None:
        self.capture = capture
        self.host = host or current_host()
        self.live = live and not quiet and self.host.esm is not None
        self.quiet = quiet
        self.max_bytes = max_bytes
        self._changes = Changes(capture)
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._displayed = False
        self._ended = False
        self._widget: TraceWidget | None = None
        # Carries which cell is running to the thread that draws: the output must land under it.
        self._context = contextvars.copy_context()

    # ── called by the session ─────────────────────────────────────────────

    def show(self) -> None:
        """From here on, draw as soon as there is a call. Returns at once."""
        if self.live and self._thread is None and not self._ended:
            self._thread = threading.Thread(
                target=self._context.run, args=(self._run,), name="nbext-view", daemon=True
            )
            self._thread.start()

    def begin(self) -> None:
        """Take the place of the view in the output, at the first call; what follows replaces it.

        So the place does not depend on how long the cell runs. Costs about a millisecond, once.
        """
        if self.live and not self.host.widget_live and not self._displayed:
            with self._lock:
                if not self._displayed and not self._ended:
                    self._publish(self._bundle(live=True))

    def changed(self, call_id: str) -> None:
        """Say that a call started, ended or went on; any thread, cheap."""
        self._changes.mark(call_id)

    def finish(self) -> None:
        """Draw the final form; again when something has changed since, as a stream that outlived its cell."""
        self._ended = True
        self._wake.set()
        if self.quiet:
            return
        with self._lock:
            wire = whole_wire(self.capture, ended=True)
            self._publish(bundle_of_wire(wire, host=self.host, max_bytes=self.max_bytes, widget=self._widget))
            self._tell_end(wire)

    # ── for the user ──────────────────────────────────────────────────────

    @property
    def widget(self) -> TraceWidget | None:
        """The living model; None where the host has no living views."""
        with self._lock:
            if self._widget is None and self.host.esm is not None:
                from .widget import TraceWidget

                self._widget = TraceWidget.of(self.capture, esm=self.host.esm, max_bytes=self.max_bytes)
            return self._widget

    @property
    def selected(self) -> str | None:
        """Id of the span selected in the view."""
        return None if self._widget is None else self._widget.selected

    @property
    def span(self) -> Span | None:
        """The span selected in the view."""
        return None if self._widget is None else self._widget.span

    @property
    def call(self) -> Call | None:
        """The model call selected in the view."""
        return None if self._widget is None else self._widget.call

    # ── on the drawing thread ─────────────────────────────────────────────

    def _run(self) -> None:
        try:
            while True:
                first = not self._displayed
                begun = time.perf_counter()
                with self._lock:
                    # A stream may outlive its cell; then the session asks for another final form.
                    if self._ended and not self.capture.running:
                        return
                    self._tick()
                worked = time.perf_counter() - begun
                # What the first picture costs, imports first of all, says nothing about the next.
                wait = (
                    _SHORTEST_WAIT
                    if first
                    else min(max(_SHORTEST_WAIT, worked * _WAIT_PER_WORK), _LONGEST_WAIT)
                )
                if self._ended:
                    time.sleep(wait)
                else:
                    self._wake.wait(wait)
        except Exception as error:  # the cell goes on; its final form is drawn without this thread
            self.capture.note_failure(error)

    def _tick(self) -> None:
        if not len(self.capture) and not self.capture.app_spans:
            return
        # Before the widget is made, which imports packages for a third of a second.
        self.begin()
        if not self._displayed:
            # Where the widget is not what draws, the first picture need not wait for its import.
            if self.host.widget_live:
                self._widget = self.widget
            self._publish(self._bundle(live=True))
        widget = self.widget
        delta = self._changes.delta()
        if delta is not None and widget is not None:
            widget.tell(delta)

    def _bundle(self, *, live: bool = False) -> dict[str, Any]:
        wire = whole_wire(self.capture)
        return bundle_of_wire(wire, host=self.host, max_bytes=self.max_bytes, widget=self._widget, live=live)

    def _publish(self, bundle: dict[str, Any]) -> None:
        publish(bundle, host=self.host, display_id=f"nbext-{self.capture.id}", update=self._displayed)
        self._displayed = True

    def _tell_end(self, wire: dict[str, Any]) -> None:
        if self._widget is None:
            return
        delta = self._changes.delta() or {"kind": "delta", "spans": []}
        changed = {span["id"] for span in delta.get("spans", ())}
        # Also what is only known at the end: which spans ran side by side.
        spans = [
            span for span in wire["spans"] if span["id"] in changed or "in parallel" in span.get("hint", "")
        ]
        self._changes.rev += "rev" not in delta
        self._widget.tell(
            {
                "kind": "delta",
                "rev": self._changes.rev,
                "now": wire["ms"],
                "state": "running" if self.capture.running else "done",
                "totals": wire["totals"],
                "ms": wire["ms"],
                **({"spans": spans} if spans else {}),
                **({"export": wire["export"]} if "export" in wire else {}),
            }
        )
