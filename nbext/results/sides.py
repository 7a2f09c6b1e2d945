"""Anything that holds calls, as the capture it is compared as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..model.call import Call
from ..model.capture import Capture as ModelCapture
from ..model.span import Span, Trace
from .captured import Capture


def side(given: Any) -> Capture:
    """Make a capture of a capture, a trace, a call, a list of these or a path.

    Raises
    ------
    FileNotFoundError, ValueError
        A path is none that nbext wrote.
    TypeError
        It holds no calls.
    """
    if isinstance(given, ModelCapture):
        return Capture.of(given)
    if isinstance(given, Call):
        return Capture.of(Capture.of_calls([given], id=given.call_id, cell=given.cell))
    if isinstance(given, (Trace, Span)):
        own = given.spans if isinstance(given, Trace) else [given]
        return _of_spans(given.trace_id if isinstance(given, Trace) else given.id, own)
    return _of_many(given)


def _of_many(given: Any) -> Capture:
    if isinstance(given, (str, Path)):
        from ..api import open as open_path

        given = open_path(given)
    captures = getattr(given, "captures", None)
    if callable(captures):
        given = list(captures())
    if not isinstance(given, (list, tuple)) or not given:
        what = f"an empty {type(given).__name__}" if given in ([], ()) else type(given).__name__
        raise TypeError(f"expected a capture, a trace, a call, a list of these or a path, got {what}")
    sides = [side(one) for one in given]
    if len(sides) == 1:
        return sides[0]
    spans = [span for one in sides for span in one.spans]
    return _of_spans("".join(one.id[:4] for one in sides[:4]), spans)


def _of_spans(identity: str, spans: list[Span]) -> Capture:
    calls = [span.call for span in spans if span.call is not None]
    made = Capture.of(Capture.of_calls(calls, id=identity[:16].ljust(16, "0")))
    made.app_spans = [span for span in spans if span.call is None]
    made.start_ns = min((span.start_ns for span in spans), default=0)
    made.end_ns = max((span.end_ns or span.start_ns for span in spans), default=made.start_ns)
    return made
