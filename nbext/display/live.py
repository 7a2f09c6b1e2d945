"""What a running capture has to tell a living view: only what changed, at a flat cost per call."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..model import redact
from .growth import Growth
from .live_spans import TEXT_LIMIT, SpanChanges
from .totals import Sums
from .wire_span import span_wire

if TYPE_CHECKING:
    from ..model.attempt import Attempt
    from ..model.capture import Capture

Wire = dict[str, Any]

_RETRYABLE = frozenset({408, 409, 425, 429})
# SDKs wait this long at most of their own accord, and as long as the gateway asks for up to a minute.
_PATIENCE_SECONDS = 2.0
_MOST_PATIENCE_SECONDS = 60.0


class Changes:
    """Follows a capture and makes the deltas of it.

    A call is built when it starts, when its attempt's answer begins or another attempt follows, and
    when it ends; in between only the text that arrived is told. Not for use by two threads at once.

    Parameters
    ----------
    capture : Capture
    """

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.rev = 0
        self._dirty: dict[str, None] = {}
        self._known = 0
        self._spans = SpanChanges(capture)
        self._running: dict[str, tuple[Wire, tuple[int, bool, bool], Growth]] = {}
        # Calls that failed in a way SDKs repeat: shown as waiting until it is clear that none follows.
        self._failed: dict[str, tuple[Wire, int, int]] = {}
        # Calls whose application span may still change how they are shown.
        self._inside: dict[str, Wire] = {}
        self._sums = Sums()

    def mark(self, call_id: str) -> None:
        """Say that a call changed, or an application span; any thread, cheap."""
        self._dirty[call_id] = None

    def delta(self) -> Wire | None:
        """Give what changed since the last time; None if nothing did."""
        spans = self._changed()
        grown = self._grown()
        if not spans and not grown:
            return None
        self.rev += 1
        delta: Wire = {"kind": "delta", "rev": self.rev, "now": self.now(), "state": "running"}
        if spans:
            delta["spans"] = spans
            delta["totals"] = self._sums.totals()
        if grown:
            delta["grow"] = grown
        return delta

    def now(self) -> float:
        """Give the capture's clock, ms from its start."""
        return round(max(0, time.time_ns() - self.capture.start_ns) / 1e6, 1)

    def _changed(self) -> list[Wire]:
        found = self._spans.look()
        for wire in found.gone:
            self._sums.add(wire, -1)
        for wire in found.told:
            self._sums.add(wire)
        calls = [self._call(call_id) for call_id in dict.fromkeys([*self._changed_calls(), *found.calls])]
        return [*calls, *found.told]

    def _changed_calls(self) -> list[str]:
        marked = list(self._dirty)
        for call_id in marked:
            # Taken off before the call is looked at: what happens meanwhile marks it again.
            del self._dirty[call_id]
        ids = self.capture.call_ids
        new, self._known = ids[self._known :], len(ids)
        stirred = [
            call_id for call_id, (_, state, _) in self._running.items() if self._state(call_id) != state
        ]
        calls = [call_id for call_id in marked if self.capture.has(call_id)]
        return [*new, *stirred, *self._repeated(), *calls]

    def _repeated(self) -> list[str]:
        """Give the failed calls that were tried again, or that one need not wait for any more."""
        now = time.time_ns()
        return [
            call_id
            for call_id, (wire, count, until) in self._failed.items()
            if len(self.capture.attempts_of(call_id)) != count
            or (wire.get("status") == "running" and (now > until or self.capture.end_ns is not None))
        ]

    def _state(self, call_id: str) -> tuple[int, bool, bool]:
        attempts = self.capture.attempts_of(call_id)
        if not attempts:
            return 0, True, True
        return len(attempts), attempts[-1].headers_ns is not None, attempts[-1].end_ns is not None

    def _call(self, call_id: str) -> Wire:
        state, attempts = self._state(call_id), self.capture.attempts_of(call_id)
        before = self._running.pop(call_id, None)
        failed = self._failed.pop(call_id, None)
        growth = None
        if attempts and attempts[-1].end_ns is None:
            growth = before[2] if before is not None and before[2].attempt is attempts[-1] else None
            growth = growth or Growth(attempts[-1], self.capture.redactor or redact.DEFAULT)
            # Before the span, which tells this text and maybe more: what grows next says where it goes on.
            growth.more()
        call = self.capture.call(call_id)
        wire = span_wire(self._spans.of_call(call), self.capture.start_ns, TEXT_LIMIT)
        if attempts and call.end_ns is not None and may_be_repeated(attempts[-1]):
            until = call.end_ns + _patience_ns(call.attempts[-1].retry_after)
            if time.time_ns() <= until and self.capture.end_ns is None:
                wire = _waiting(wire)
            self._failed[call_id] = (wire, len(attempts), until)
        told = [entry[0] for entry in (before, failed) if entry is not None]
        inside = self._inside.pop(call_id, None)
        if inside is not None and all(inside is not one for one in told):
            told.append(inside)
        for one in told:
            self._sums.add(one, -1)
        self._sums.add(wire)
        if self._spans.may_change(call_id):
            self._inside[call_id] = wire
        if growth is not None and call.end_ns is None:
            self._running[call_id] = (wire, state, growth)
        return wire

    def _grown(self) -> list[Wire]:
        grown = []
        for wire, _, growth in self._running.values():
            if not growth.fresh:
                continue
            start = growth.told
            text, first_ns, events = growth.more()
            if text:
                grow: Wire = {"id": wire["id"], "from": start, "text": text, "out": events}
                if first_ns is not None:
                    grow["first"] = round((first_ns - self.capture.start_ns) / 1e6 - wire["at"], 2)
                grown.append(grow)
        return grown


def may_be_repeated(attempt: Attempt) -> bool:
    """Tell whether an attempt failed in a way that SDKs try again."""
    if attempt.response_headers.get("x-should-retry") == "false":
        return False
    status = attempt.status_code
    return attempt.outcome == "error" if status is None else status in _RETRYABLE or status >= 500


def _patience_ns(retry_after: float | None) -> int:
    return round(min(max(retry_after or 0.0, 0.0) + _PATIENCE_SECONDS, _MOST_PATIENCE_SECONDS) * 1e9)


def _waiting(wire: Wire) -> Wire:
    """Show a failed call as one that waits for its next try."""
    gone = ("ms", "error", "hint")
    call = {key: value for key, value in wire["call"].items() if key != "verdict"}
    return {
        **{key: value for key, value in wire.items() if key not in gone},
        "status": "running",
        "call": call,
    }
