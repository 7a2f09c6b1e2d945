"""The living model behind a view: an anywidget with no data in its traits, so that none is saved twice."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from .bundle import mime_bundle
from .scripts import script
from .wire import DEFAULT_MAX_BYTES, whole_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model.call import Call
    from ..model.capture import Capture
    from ..model.span import Span


class TraceWidget(anywidget.AnyWidget):
    """The model of a view. Spans travel as messages, see `Delta`, `Snapshot`, `Ask` and `Answer` of types.ts.

    It lives as long as its capture, which it does not keep alive.

    Parameters
    ----------
    capture : Capture
    esm : str
        ``registry`` where our JupyterLab extension draws, ``viewer`` elsewhere.
    max_bytes : int
        Size of a saved output.

    Attributes
    ----------
    uid : str
        Id of the capture and of the model.
    selected : str or None
        Id of the span selected in the view; setting it selects there.
    filter : str
        Text the view is filtered by.
    visible : list of str
        Ids of the spans on the screen.
    rev : int
        Number of the last delta told.
    """

    uid = traitlets.Unicode("").tag(sync=True)
    selected = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    filter = traitlets.Unicode("").tag(sync=True)
    visible = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, capture: Capture, *, esm: str, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._capture = weakref.ref(capture)
        self._asks: dict[str, Callable[[Any], Any]] = {
            "viewer": lambda _: script("viewer"),
            "snapshot": lambda _: self.snapshot(),
            "bundle": lambda _: mime_bundle(self._still(), max_bytes=max_bytes),
        }
        self._before_snapshot: Callable[[], Callable[[], None] | None] = lambda: None
        self._sending = threading.Lock()
        self.rev = 0
        super().__init__(model_id=capture.id, uid=capture.id, _esm=script(esm))
        self.on_msg(self._received)
        # ipywidgets keeps every model for good; this one has nothing to say once its capture is gone.
        weakref.finalize(capture, self.close).atexit = False

    @classmethod
    def of(cls, capture: Capture, *, esm: str, max_bytes: int = DEFAULT_MAX_BYTES) -> TraceWidget:
        """Give the model of a capture: there is one, however often it is shown."""
        known = _living.get(capture.id)
        if known is None or known.capture is not capture or known.comm is None:
            known = _living[capture.id] = cls(capture, esm=esm, max_bytes=max_bytes)
        return known

    @property
    def capture(self) -> Capture | None:
        """What is shown; None once nobody holds it any more."""
        return self._capture()

    @property
    def span(self) -> Span | None:
        """The span selected in the view."""
        selected, capture = self.selected, self.capture
        if not selected or capture is None:
            return None
        return next((span for span in capture.spans if span.id == selected), None)

    @property
    def call(self) -> Call | None:
        """The model call selected in the view."""
        span = self.span
        return None if span is None else span.call

    def on_ask(self, what: str, function: Callable[[Any], Any]) -> None:
        """Let the page ask for something.

        Parameters
        ----------
        what : str
            Name of the question; one asked before is replaced.
        function : callable
            Takes the ask's ``value``, gives a JSON value. It may be called on any thread, and only
            once the running cell has ended. What it raises is told in the view, in its own words.
        """
        self._asks[what] = function

    def on_snapshot(self, function: Callable[[], None]) -> None:
        """Have a method called before each snapshot; it is held weakly."""
        self._before_snapshot = weakref.WeakMethod(function)

    def snapshot(self) -> dict[str, Any]:
        """Give everything so far, as a `Snapshot`."""
        capture = self._still()
        before = self._before_snapshot()
        if before is not None:
            before()
        wire = whole_wire(capture)
        now = wire["ms"] if "ms" in wire else round((time.time_ns() - capture.start_ns) / 1e6, 1)
        return {"kind": "snapshot", "rev": self.rev, "now": now, "wire": wire}

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message to the page; safe on any thread, and lost where nobody listens."""
        with self._sending:
            self.rev = message.get("rev", self.rev) if message["kind"] == "delta" else self.rev
            self.send(message)

    def close(self) -> None:
        """Close the comm; a page that shows the view goes on with what it has."""
        # A later model of the same capture may have taken this one's place in the comm manager.
        with contextlib.suppress(KeyError):
            super().close()

    def _still(self) -> Capture:
        capture = self.capture
        if capture is None:
            raise LookupError("This kernel has forgotten the trace. Run the cell again.")
        return capture

    def _received(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not isinstance(content, dict) or content.get("kind") != "ask":
            return
        what, answer = content.get("what"), {"kind": "answer", "id": content.get("id")}
        function = self._asks.get(str(what))
        if function is None:
            self.tell({**answer, "error": f"This kernel's nbext cannot do {what!r}; update it."})
            return
        try:
            value = function(content.get("value"))
        except Exception as error:  # the page shows it; a traceback in a comm handler is seen by nobody
            self.tell({**answer, "error": str(error) or type(error).__name__})
            return
        if isinstance(value, dict) and value.get("kind") == "snapshot":
            self.tell({**value, "id": content.get("id")})
        else:
            self.tell({**answer, "value": value})


_living: weakref.WeakValueDictionary[str, TraceWidget] = weakref.WeakValueDictionary()
