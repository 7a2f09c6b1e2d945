"""The living model behind the view of a capture."""

from __future__ import annotations

import time
import weakref
from typing import TYPE_CHECKING, Any

from . import actions
from .bundle import mime_bundle
from .living import LivingModel, PayloadWidget
from .replay_spans import whole_spans
from .wire import DEFAULT_MAX_BYTES, whole_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model.call import Call
    from ..model.capture import Capture
    from ..model.span import Span

__all__ = ["PayloadWidget", "TraceWidget"]


class TraceWidget(LivingModel):
    """The model of a view. Spans travel as messages: `Delta`, `Snapshot`, `Answer` of messages.ts.

    It lives as long as its capture, which it does not keep alive.

    Parameters
    ----------
    capture : Capture
    esm : str
        ``registry`` where our JupyterLab extension draws, ``viewer`` elsewhere.
    max_bytes : int
        Size of a saved output.
    """

    def __init__(self, capture: Capture, *, esm: str, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        self._capture = weakref.ref(capture)
        super().__init__(capture.id, esm=esm)
        self.on_ask("snapshot", lambda _: self.snapshot())
        self.on_ask("bundle", lambda _: mime_bundle(self._still(), max_bytes=max_bytes))
        actions.answer(self, _weakly(self))
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

    def snapshot(self) -> dict[str, Any]:
        """Give everything so far, as a `Snapshot`."""
        capture = self._still()
        wire = whole_wire(capture)
        again = [span for replay in capture.replays for span in whole_spans(capture, replay)]
        if again:
            wire["spans"] = sorted([*wire["spans"], *again], key=lambda span: float(span["at"]))
        now = wire["ms"] if "ms" in wire else round((time.time_ns() - capture.start_ns) / 1e6, 1)
        return {"kind": "snapshot", "rev": self.rev, "now": now, "wire": wire}

    def _still(self) -> Capture:
        capture = self.capture
        if capture is None:
            raise LookupError("This kernel has forgotten the trace. Run the cell again.")
        return capture


def living_widget(capture: Capture) -> TraceWidget | None:
    """Give the model of a capture if it has one already."""
    known = _living.get(capture.id)
    return known if known is not None and known.capture is capture else None


def _weakly(widget: TraceWidget) -> Callable[[], Capture]:
    """Give what asks a widget for its capture and keeps neither alive."""
    known = weakref.ref(widget)

    def still() -> Capture:
        alive = known()
        if alive is None:
            raise LookupError("This kernel has forgotten the trace. Run the cell again.")
        return alive._still()

    return still


_living: weakref.WeakValueDictionary[str, TraceWidget] = weakref.WeakValueDictionary()
