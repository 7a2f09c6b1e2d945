"""The spans of a replay as they stand in the view of the capture whose call it sends again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .wire import whole_wire

if TYPE_CHECKING:
    from ..model.capture import Capture


def whole_spans(source: Capture, replay: Capture) -> list[dict[str, Any]]:
    """Give the spans of a replay as they stand in the view of `source`."""
    wire = whole_wire(replay, own=True)
    return [placed(span, source, replay) for span in wire["spans"]]


def placed(span: dict[str, Any], source: Capture, replay: Capture) -> dict[str, Any]:
    """Move a span to the clock of `source`, and name the row of the call it repeats."""
    moved = {**span, "at": round(span["at"] + (replay.start_ns - source.start_ns) / 1e6, 2)}
    if "replay_of" in span:
        # The row of a call may be the span of the application around it.
        moved["replay_of"] = source.placing.row_of(span["replay_of"])
    return moved
