"""What a page asks of the kernel that takes more than a view: sending a call again."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from .replay import Replay, replay_from_view

if TYPE_CHECKING:
    from concurrent.futures import Future

    from ..model.call import Call
    from ..results.captured import Capture

# Those under way, by the id of their call.
_under_way: weakref.WeakValueDictionary[str, Replay] = weakref.WeakValueDictionary()


def replay(capture: Capture, ask: Any) -> Future[dict[str, str]]:
    """Answer `ReplayAsk` of `renderers/src/wire/assessment.ts`.

    Raises
    ------
    LookupError
        The call is not there any more, or its client is not.
    ValueError
        The request cannot be changed like this.
    """
    if not isinstance(ask, dict) or not isinstance(ask.get("call"), str):
        raise ValueError("Which call is to be sent again was not said.")
    again, begun = replay_from_view(capture, _call(capture, ask["call"]), ask)
    begun.add_done_callback(
        lambda done: None if done.exception() else _under_way.__setitem__(done.result()["span"], again)
    )
    return begun


def replay_stop(_capture: Capture, ask: Any) -> None:
    """Answer `ReplayStop`: drop a replay that is still streaming."""
    again = _under_way.get(ask.get("span", "")) if isinstance(ask, dict) else None
    if again is not None:
        again.stop()


def _call(capture: Capture, span_id: str) -> Call:
    if capture.original is not None and capture.original.call_id == span_id:
        return capture.original
    others = (span for replay in capture.replays for span in replay.spans)
    for span in (*capture.spans, *others):
        if span.id == span_id and span.call is not None:
            return span.call
    raise LookupError("This kernel has forgotten the call. Run the cell again.")
