"""The kernel's end of a view: an anywidget with no data in its traits, so that none is saved twice."""

from __future__ import annotations

import contextlib
import threading
import weakref
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from .scripts import script

if TYPE_CHECKING:
    from collections.abc import Callable


class LivingModel(anywidget.AnyWidget):
    """A model the page binds to. Data travels as messages, see messages.ts.

    Parameters
    ----------
    uid : str
        Id of what is shown, and of the model.
    esm : str
        ``registry`` where our JupyterLab extension draws, ``viewer`` elsewhere.

    Attributes
    ----------
    uid : str
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

    def __init__(self, uid: str, *, esm: str) -> None:
        self._asks: dict[str, Callable[[Any], Any]] = {
            "viewer": lambda _: script("viewer"),
            "more": lambda _: script("more"),
        }
        self._sending = threading.RLock()
        self.rev = 0
        super().__init__(model_id=uid, uid=uid, _esm=script(esm))
        self.on_msg(self._received)

    def on_ask(self, what: str, function: Callable[[Any], Any]) -> None:
        """Let the page ask for something.

        Parameters
        ----------
        what : str
            Name of the question; one asked before is replaced.
        function : callable
            Takes the ask's ``value``, gives a JSON value, or a `concurrent.futures.Future` of one
            where that takes a while. It may be called on any thread, and only once the running
            cell has ended. What it raises is told in the view, in its own words.
        """
        self._asks[what] = function

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message to the page; safe on any thread, and lost where nobody listens."""
        with self._sending:
            self.rev = message.get("rev", self.rev) if message["kind"] == "delta" else self.rev
            self.send(message)

    def tell_delta(self, delta: dict[str, Any]) -> None:
        """Send a delta as the next one, whoever made it."""
        with self._sending:
            self.tell({**delta, "kind": "delta", "rev": self.rev + 1})

    def close(self) -> None:
        """Close the comm; a page that shows the view goes on with what it has."""
        # A later model of the same id may have taken this one's place in the comm manager.
        with contextlib.suppress(KeyError):
            super().close()

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
        if isinstance(value, Future):
            value.add_done_callback(lambda done: self._later(answer, done))
        elif isinstance(value, dict) and value.get("kind") == "snapshot":
            self.tell({**value, "id": content.get("id")})
        else:
            self.tell({**answer, "value": value})

    def _later(self, answer: dict[str, Any], done: Future[Any]) -> None:
        error = done.exception()
        if error is None:
            self.tell({**answer, "value": done.result()})
        else:
            self.tell({**answer, "error": str(error) or type(error).__name__})


class PayloadWidget(LivingModel):
    """The living model of what is no trace: an overview, a comparison, a table.

    It lives as long as its owner, which it does not keep alive.

    Parameters
    ----------
    owner : object
        Has an ``id``, and the ``payload`` as it is stored.
    esm : str
        As of `LivingModel`.
    """

    def __init__(self, owner: Any, *, esm: str) -> None:
        self._owner = weakref.ref(owner)
        super().__init__(owner.id, esm=esm)
        self.on_ask("snapshot", lambda _: self.snapshot())
        # ipywidgets keeps every model for good; this one has nothing to say once its owner is gone.
        weakref.finalize(owner, self.close).atexit = False

    def snapshot(self) -> dict[str, Any]:
        """Give the payload, as a `Snapshot`."""
        owner = self._owner()
        if owner is None:
            raise LookupError("This kernel has forgotten it. Run the cell again.")
        return {"kind": "snapshot", "rev": self.rev, "now": 0, "wire": owner.payload}
