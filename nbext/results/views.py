"""A view in Python's hands: what is selected in it, what it is filtered by, what is on the screen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import traitlets

from ..kernel.session import session
from .captured import Capture

if TYPE_CHECKING:
    from ..model.call import Call
    from ..model.span import Span

_SHARED = ("selected", "filter", "visible")


class View(traitlets.HasTraits):  # type: ignore[misc]  # traitlets has no types
    """The view of a capture, wherever it is shown: all its outputs share it.

    Reading a trait tells what the user did in the page, setting one does it there. Clicks arrive
    once the running cell has ended: ``view.observe(print, "selected")``.

    Parameters
    ----------
    capture : Capture

    Attributes
    ----------
    selected : str or None
        Id of the selected span.
    filter : str
        Text the view is filtered by.
    visible : list of str
        Ids of the spans on the screen.
    """

    selected = traitlets.Unicode(None, allow_none=True)
    filter = traitlets.Unicode("")
    visible = traitlets.List(traitlets.Unicode())

    def __init__(self, capture: Capture, *, shown: bool = False) -> None:
        super().__init__()
        self.capture = capture
        self._shown_in = execution() if shown else None
        self._links: list[Any] = []
        widget = _widget_of(capture)
        if widget is not None:
            self._links = [traitlets.link((widget, name), (self, name)) for name in _SHARED]

    def __repr__(self) -> str:
        selected = "nothing selected" if self.span is None else f"{self.span.name} selected"
        return f"<View of {self.capture.summary()}; {selected}>"

    @property
    def span(self) -> Span | None:
        """The selected span."""
        selected = self.selected
        return next((span for span in self.capture.spans if span.id == selected), None) if selected else None

    @property
    def call(self) -> Call | None:
        """The selected model call."""
        span = self.span
        return None if span is None else span.call

    def show(self) -> View:
        """Draw it once more, here."""
        self.capture.show()
        self._shown_in = execution()
        return self

    def close(self) -> None:
        """Stop following the page; the outputs go on."""
        while self._links:
            self._links.pop().unlink()

    def _ipython_display_(self) -> None:
        # As the value of the cell that has just shown it, it is there already.
        if self._shown_in is None or self._shown_in != execution():
            self.show()


def view(capture: Capture | None = None) -> View:
    """Give the view of a capture, to observe and to steer it.

    Parameters
    ----------
    capture : Capture, optional
        The last one if left out.

    Raises
    ------
    LookupError
        Nothing was traced yet.
    """
    capture = session.last if capture is None else capture
    if capture is None:
        raise LookupError("nothing was traced yet; put %%gateway_trace at the top of a cell")
    if not isinstance(capture, Capture):
        raise TypeError(f"expected a capture, got {type(capture).__name__}")
    return View(capture)


def execution() -> object:
    """Name the cell being run; None outside of any."""
    ipython = sys.modules.get("IPython")
    shell: Any = None if ipython is None else ipython.get_ipython()
    return None if shell is None else (id(shell), shell.execution_count)


def _widget_of(capture: Capture) -> Any:
    from ..display.hosts import host

    esm = host().esm
    if esm is None:
        return None
    from .. import settings
    from ..display.widget import TraceWidget

    return TraceWidget.of(capture, esm=esm, max_bytes=settings.current().max_output_bytes)
