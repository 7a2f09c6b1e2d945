"""What a page may ask about the calls of a capture, whichever view they stand in."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from ..model import verbs
from .media import media_url
from .wire import whole_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model.capture import Capture
    from .living import LivingModel

# By the model; what follows a capture is told there.
_following: weakref.WeakKeyDictionary[LivingModel, Callable[[], Capture]] = weakref.WeakKeyDictionary()


def answer(model: LivingModel, still: Callable[[], Capture]) -> None:
    """Have a model answer for a capture, and hear what is added to it.

    Parameters
    ----------
    model : LivingModel
    still : callable
        Gives the capture; raises LookupError once it is gone.
    """
    model.on_ask("media", lambda value: _media(still(), value))
    model.on_ask("whole", lambda value: _tell_whole(model, still(), value))
    for what in ("replay", "replay_stop", "feedback"):
        model.on_ask(what, partial(_verb, f"ask {what}", still))
    _following[model] = still


def followers(capture: Capture) -> list[LivingModel]:
    """Give the living models that show a capture."""
    return [model for model, still in list(_following.items()) if _is(still, capture)]


def _is(still: Callable[[], Capture], capture: Capture) -> bool:
    try:
        return still() is capture
    except LookupError:
        return False


def _verb(name: str, still: Callable[[], Capture], value: Any) -> Any:
    return verbs.run(name, still(), value)


def _media(capture: Capture, value: Any) -> str:
    """Give the data URL of an image or a sound, of which the views hold the size alone."""
    place = value if isinstance(value, dict) else {}
    span = next((span for span in capture.spans if span.id == place.get("span")), None)
    url = None
    if span is not None and span.call is not None:
        message, part = place.get("message"), place.get("part")
        if isinstance(message, int) and isinstance(part, int):
            url = media_url(span.call, str(place.get("of")), message, part)
    if url is None:
        raise LookupError("The kernel does not hold these bytes.")
    return url


def _tell_whole(model: LivingModel, capture: Capture, value: Any) -> None:
    """Tell a span with its long texts."""
    wire = whole_wire(capture)
    span = next((span for span in wire["spans"] if span["id"] == value), None)
    if span is None:
        raise LookupError("This kernel has forgotten the span. Run the cell again.")
    state = "running" if capture.running else "done"
    model.tell_delta({"spans": [span], "state": state, "now": wire.get("ms", span["at"])})
