"""One capture while it is being filled."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..model.attempt import Attempt
from ..model.capture import Capture
from . import context
from .clock import now_ns
from .headers import HeaderFilter, request_filter, response_filter
from .match import Matcher

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..model.attempt import Outcome

_RETRYABLE = frozenset({408, 409, 425, 429})
# Nobody waits longer than this between two attempts of one call; past it, the same body is a new call.
_RETRY_WINDOW_NS = 300 * 10**9


@dataclass(slots=True)
class RecordingOptions:
    """What a recording needs to know of the settings."""

    matcher: Matcher = field(default_factory=Matcher)
    request_headers: HeaderFilter = field(default_factory=request_filter)
    response_headers: HeaderFilter = field(default_factory=response_filter)
    propagate: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)
    request_id: bool = False


class Recording:
    """Takes attempts from the hooks into a `Capture`.

    Parameters
    ----------
    capture : Capture
        Filled in as calls are made.
    options : RecordingOptions
    on_end : callable, optional
        Called with the attempts of a call whenever one of them has ended, on the thread it ended
        on. Errors it raises are counted, never passed on.
    on_start : callable, optional
        Called once, when the first attempt of the capture starts.
    """

    def __init__(
        self,
        capture: Capture,
        options: RecordingOptions | None = None,
        *,
        on_end: Callable[[Capture, list[Attempt]], None] | None = None,
        on_start: Callable[[], None] | None = None,
    ) -> None:
        self.capture = capture
        self.options = options or RecordingOptions()
        self.on_end = on_end
        self.on_start = on_start
        # Call ids that changed since a live view last looked; a dict, since its updates are atomic.
        self.dirty: dict[str, None] = {}
        # First attempts that failed in a way SDKs retry, by what an attempt that repeats them looks like.
        self._failed: dict[tuple[str, bytes, object], Attempt] = {}
        self._outer: Recording | None = None

    def open(self) -> None:
        """Start: calls made from here on belong to this capture."""
        from . import hooks

        self._outer = context.current()
        hooks.install()
        context.enter(self)

    def close(self) -> None:
        """End; attempts still open go on recording into the capture."""
        from . import hooks

        context.leave(self, self._outer)
        hooks.uninstall()
        self.capture.end_ns = now_ns()

    # ── called by the hooks, on the user's call path ──────────────────────

    def begin(self, method: str, url: str, body: bytes, *, library: str, streamed: bool, where: object) -> Attempt:
        """Start an attempt. `where` names the thread or task, so that its retries are known again."""
        start = now_ns()
        earlier = self._earlier(url, body, where, start) if self._failed else None
        if earlier is None:
            ids = os.urandom(24).hex()
            attempt = Attempt(call_id=ids[:16], trace_id=ids[16:], method=method, url=url, start_ns=start)
        else:
            attempt = Attempt(
                call_id=earlier.call_id, trace_id=earlier.trace_id, method=method, url=url, start_ns=start
            )
            attempt.number = earlier.number + 1
        attempt.capture_id = self.capture.id
        attempt.library = library
        attempt.request_body = body
        attempt.streamed = streamed
        attempt.thread = threading.current_thread().name
        return attempt

    def admit(self, attempt: Attempt) -> None:
        """Take a begun attempt into the capture, its ids settled."""
        self.capture.add(attempt)
        self.dirty[attempt.call_id] = None
        if self.on_start is not None:
            on_start, self.on_start = self.on_start, None
            self.guarded(on_start)

    def finish(self, attempt: Attempt, outcome: Outcome, error: BaseException | None = None, where: object = None) -> None:
        """End an attempt; later ends of the same attempt are ignored."""
        if attempt.end_ns is not None:
            return
        if error is not None:
            attempt.error = (type(error).__name__, str(error))
        attempt.outcome = outcome
        attempt.end_ns = now_ns()
        if where is not None and self._may_be_retried(attempt):
            self._failed[attempt.url, attempt.request_body, where] = attempt
        self.dirty[attempt.call_id] = None
        if self.on_end is not None:
            self.guarded(self.on_end, self.capture, self.capture.attempts_of(attempt.call_id))

    def guarded(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call something of ours that must not break the user's call."""
        try:
            return function(*args)
        except Exception as error:  # noqa: BLE001  # the user's call goes on, the view says so
            self.capture.note_failure(error)
            return None

    def _earlier(self, url: str, body: bytes, where: object, start: int) -> Attempt | None:
        earlier = self._failed.pop((url, body, where), None)
        if earlier is None or start - (earlier.end_ns or start) > _RETRY_WINDOW_NS:
            return None
        return earlier

    @staticmethod
    def _may_be_retried(attempt: Attempt) -> bool:
        status = attempt.status_code
        if status is None:
            return attempt.outcome == "error"
        return status in _RETRYABLE or status >= 500


def outcome_of(error: BaseException) -> Outcome:
    """Tell an interruption by the user from a failure."""
    from asyncio import CancelledError

    return "cancelled" if isinstance(error, (KeyboardInterrupt, CancelledError, GeneratorExit)) else "error"
