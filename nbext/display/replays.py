"""Streams a replay into the view of the capture whose call it sends again."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from .live import Changes
from .replay_spans import placed, whole_spans

if TYPE_CHECKING:
    from ..model.capture import Capture

_WAIT_SECONDS = 0.1


def feed(source: Capture, replay: Capture) -> None:
    """Tell the views of `source`, where it is shown, what becomes of `replay`; returns at once."""
    from .actions import followers

    models = followers(source)
    if models:
        follow = partial(_follow, models, source, replay)
        threading.Thread(target=follow, name="nbext-feed", daemon=True).start()


def _follow(models: list[Any], source: Capture, replay: Capture) -> None:
    changes = Changes(replay)
    while replay.running:
        _tell(models, source, replay, changes.delta())
        time.sleep(_WAIT_SECONDS)
    # The whole call: deltas leave out long texts. Who asked for a snapshot meanwhile has it already.
    _tell(models, source, replay, {"spans": whole_spans(source, replay)})


def _tell(models: list[Any], source: Capture, replay: Capture, delta: dict[str, Any] | None) -> None:
    if delta is None:
        return
    told: dict[str, Any] = {
        "now": round((time.time_ns() - source.start_ns) / 1e6, 1),
        "state": "running" if source.running else "done",
    }
    if "spans" in delta:
        told["spans"] = [placed(span, source, replay) for span in delta["spans"]]
    if "grow" in delta:
        told["grow"] = delta["grow"]
    for model in models:
        model.tell_delta(told)
