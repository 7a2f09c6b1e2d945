"""The calls that judges make of their models: what a judgement took, and what it cost."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING

from .. import settings
from ..capture import Recording, context
from ..capture.clock import now_ns
from ..kernel.session import new_capture_id
from ..results.captured import Capture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.assessment import Assessment
    from ..model.call import Call
    from .subjects import Subject

_NO_WORD = re.compile(r"[\W_]+")


class JudgeCalls:
    """The calls made while judges were at work.

    Attributes
    ----------
    capture : Capture
        Holds them; of a traced cell, that of the cell.
    """

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self._before = set(capture.call_ids)
        self._given: set[str] = set()

    def of(self, one: Assessment, subject: Subject) -> Call | None:
        """Give the call whose answer a judgement is; None where that cannot be told.

        MLflow does not say. The answer holds the reason, the request what is judged.
        """
        reason = _plain(one.rationale)
        if not reason:
            return None
        new = [i for i in self.capture.call_ids if i not in self._before and i not in self._given]
        found = [call for call in map(self.capture.call, new) if reason in _plain(_answer(call))]
        asked = _plain(subject.call.prompt) if subject.call is not None else ""
        about = [call for call in found if asked and asked in _plain(_question(call))]
        at_ns = one.at_ns or 0
        best = min(about or found, key=lambda call: abs((call.end_ns or 0) - at_ns), default=None)
        if best is not None:
            self._given.add(best.call_id)
        return best


@contextlib.contextmanager
def watched() -> Iterator[JudgeCalls]:
    """Record what judges ask while this lasts; in a traced block they are among its calls anyway."""
    running = context.current()
    if running is not None and isinstance(running.capture, Capture):
        yield JudgeCalls(running.capture)
        return
    options = settings.current()
    capture = Capture(id=new_capture_id(), start_ns=now_ns(), name="judges")
    capture.prices, capture.redactor = options.prices or None, options.redactor()
    recording = Recording(capture, options.recording_options(tags={}, request_id=False))
    recording.guarded(recording.open)
    try:
        yield JudgeCalls(capture)
    finally:
        recording.guarded(recording.close)
        capture.end_ns = capture.end_ns or now_ns()


def _answer(call: Call) -> str:
    """Give the text of an answer; of a JSON object, as judges give it, its values."""
    text = call.completion or ""
    try:
        told = json.loads(text)
    except ValueError:
        return text
    return " ".join(str(value) for value in told.values()) if isinstance(told, dict) else text


def _question(call: Call) -> str:
    return " ".join(message.text for message in call.messages)


def _plain(text: str | None) -> str:
    """Give the letters and digits alone: quotes and line ends are written in many ways."""
    return _NO_WORD.sub("", text or "")
