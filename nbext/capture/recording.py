"""One capture while it is being filled."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import context, spans
from .background import Background
from .clock import now_ns
from .headers import HeaderFilter, request_filter, response_filter
from .match import Matcher
from .retries import Retries

if TYPE_CHECKING:
    import weakref
    from collections.abc import Callable, Mapping

    from ..model.attempt import Attempt
    from ..model.capture import Capture
    from ..model.span import Span
    from .spans.collected import Collected


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
        Called with an attempt that has ended, on the thread it ended on; once more when a stream
        that was left open at the end of its cell is read on later. That thread may be in the middle
        of anything, this very function included, as the garbage collector also ends streams: what is
        called must not wait for a lock that is held elsewhere while memory is allocated. Errors it
        raises are counted, never passed on.
    on_sent : callable, optional
        Called with an attempt whose request is sent, mostly while its answer is on its way.
    on_start : callable, optional
        Called once, when the first attempt of the capture starts.
    on_span : callable, optional
        Called with the id of an application span that ends, on the thread it ends on. Its end may
        be set only when that thread goes on.

    Attributes
    ----------
    dirty : dict
        Ids of the calls that changed (an attempt began or ended, the response head or a piece of
        the body arrived), and of the application spans that began or ended, since a live view last
        looked; see `changed`.
    """

    def __init__(
        self,
        capture: Capture,
        options: RecordingOptions | None = None,
        *,
        on_end: Callable[[Attempt], None] | None = None,
        on_sent: Callable[[Attempt], None] | None = None,
        on_start: Callable[[], None] | None = None,
        on_span: Callable[[str], None] | None = None,
    ) -> None:
        self.capture = capture
        self.options = options or RecordingOptions()
        self.on_end = on_end
        self.on_sent = on_sent
        self.on_start = on_start
        self.on_span = on_span
        # Never replaced, only emptied: streams hold on to it. Updates of a dict are atomic.
        self.dirty: dict[str, None] = {}
        self.closed = False
        # Closed, and what was open then is settled.
        self._over = False
        # Takes only the calls of the context it is opened in, not those of threads that have none.
        self.alone = False
        self.flow: context.Flow | None = None
        self.retries = Retries()
        # Bodies still being read, so that `close` can settle those nobody reads any more.
        self.bodies: dict[int, weakref.ref[Any]] = {}
        # Application spans; made when there is one.
        self.spans: Collected | None = None
        self._outer: Recording | None = None
        self._counting = threading.Lock()
        # There once it is open.
        self._background: Background | None = None

    def open(self) -> None:
        """Start: calls made from here on belong to this capture."""
        from . import hooks

        self.flow = context.flow()
        self._background = Background(self)
        self._outer = context.enter(self, alone=self.alone)
        hooks.install()

    def close(self, error: BaseException | None = None) -> None:
        """End; attempts under way go on recording into the capture.

        Parameters
        ----------
        error : exception, optional
            What the cell or block raised: nobody will read its open streams any further.
        """
        from . import hooks

        if self.closed or self._background is None:
            return
        self.closed = True
        context.leave(self, self._outer)
        self._background.when_done(hooks.uninstall)
        self.capture.end_ns = now_ns()
        for body in [ref() for ref in list(self.bodies.values())]:
            if body is not None:
                self.guarded(body.settle, error)
        for call_id in list(self.spans.children) if self.spans is not None else ():
            self.guarded(self.settle, call_id)
        self._over = True

    def settle(self, call_id: str) -> None:
        """Finish what MLflow is told of a call that has ended. Not for the user's call path."""
        if self.spans is not None:
            spans.settle(self, call_id)

    def _settle_now(self, call_id: str) -> None:
        spans.settle(self, call_id, now=True)

    @property
    def outer(self) -> Recording | None:
        """The recording that was open here when this one was opened."""
        return self._outer

    def changed(self) -> list[str]:
        """Take the ids of the calls that changed since the last time. Safe from any thread."""
        taken: list[str] = []
        with suppress(KeyError):
            while True:
                taken.append(self.dirty.popitem()[0])
        return taken[::-1]

    # ── called by the hooks, on the user's call path ──────────────────────

    def begins(self) -> None:
        """Say that the first attempt has begun."""
        on_start, self.on_start = self.on_start, None
        if on_start is not None:
            self.guarded(on_start)

    def ended(self, attempt: Attempt) -> None:
        """Say that an attempt has ended."""
        self.dirty[attempt.call_id] = None
        # Its span has to end before the one around it, of whose end we are not told any more. The
        # garbage collector's thread may be in the middle of anything.
        if self._over and attempt.outcome in ("complete", "closed"):
            self.guarded(self._settle_now, attempt.call_id)
        if self.on_end is not None:
            try:
                self.on_end(attempt)
            except Exception as error:  # the user's call goes on, the view says so
                self.capture.note_failure(error)

    def abandon(self) -> None:
        """End the attempts under way, with what has arrived: nobody waits for the rest."""
        for call_id in self.capture.call_ids:
            for attempt in self.capture.attempts_of(call_id):
                if attempt.end_ns is None:
                    attempt.outcome, attempt.end_ns = "closed", now_ns()
                    self.ended(attempt)

    def span_ended(self, span_id: str) -> None:
        """Say that an application span ends."""
        self.dirty[span_id] = None
        if self.on_span is not None:
            self.guarded(self.on_span, span_id)

    def ended_span(self, span_id: str) -> Span | None:
        """Give an application span whose end was told, once it is whole. Not for the user's call path."""
        return None if self.spans is None else self.spans.wait_for(span_id)

    def count_other(self) -> None:
        """Count a request that is no model call."""
        with self._counting:
            self.capture.other_requests += 1

    def guarded(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call something of ours that must not break the user's call."""
        try:
            return function(*args)
        except Exception as error:  # the user's call goes on, the view says so
            self.capture.note_failure(error)
            return None
