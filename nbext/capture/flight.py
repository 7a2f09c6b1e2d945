"""One attempt while it is under way."""

from __future__ import annotations

import threading
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, ClassVar

from ..model.attempt import Attempt
from . import context, inject, nesting
from .clock import ANCHOR_NS
from .headers import names_of
from .ids import new_ids
from .retries import may_be_retried
from .senders import Sender

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model.attempt import Outcome
    from .recording import Recording


class Flight:
    """Fills an `Attempt` in and tells its recording.

    What an HTTP library needs to have its requests watched is added by a sub-class; see `change`
    and `restore`.

    Parameters
    ----------
    recording : Recording
    request : object
        The library's, with ``method``.
    url : str
        What is kept of it.
    body : bytes
        As the user's code made it; empty when it will be made while it is sent.
    headers : sequence of (name, …, value)
        All of the request's.
    streamed : bool
        The answer's body is left to the caller to read.

    Attributes
    ----------
    attempt : Attempt
    settled : bool
        Ended for want of a reader; a reader may come back.
    """

    __slots__ = (
        "_flow",
        "_headers",
        "_key",
        "_names",
        "_outer",
        "attempt",
        "recording",
        "request",
        "settled",
    )

    library = ""
    # Requests on their way with headers of ours: another `send` of the same object must not take those
    # for its caller's, nor take them away.
    changed: ClassVar[set[int]] = set()

    def __init__(
        self,
        recording: Recording,
        request: Any,
        *,
        url: str,
        body: bytes,
        headers: Sequence[tuple[Any, ...]],
        streamed: bool,
    ) -> None:
        self.recording = recording
        self.request = request
        self.settled = False
        self._headers = headers
        self._names = names = names_of(headers)
        kept = recording.options.request_headers.pick(headers, names)
        retry_count = None
        if "x-stainless-retry-count" in kept and kept["x-stainless-retry-count"].isdecimal():
            retry_count = int(kept["x-stainless-retry-count"])
        thread = threading.current_thread()
        task = context.task()
        self._flow = (thread.ident or 0, None if task is None else id(task))
        self._key = (url, body)

        start = ANCHOR_NS + perf_counter_ns()
        retries = recording.retries
        earlier = retries.earlier(self._key, self._flow, retry_count, start) if retries.pending else None
        call_id, trace_id = new_ids() if earlier is None else (earlier.call_id, earlier.trace_id)
        self.attempt = attempt = Attempt(
            call_id=call_id, trace_id=trace_id, method=request.method, url=url, start_ns=start
        )
        if earlier is not None:
            attempt.number = earlier.number + 1
            attempt.parent_span_id = earlier.parent_span_id
        attempt.capture_id = recording.capture.id
        attempt.library = self.library
        attempt.request_body = body
        attempt.request_headers = kept
        attempt.retry_count = retry_count
        attempt.streamed = streamed
        attempt.thread = thread.name
        if task is not None:
            attempt.task = task.get_name()

    # ── the request ───────────────────────────────────────────────────────

    def depart(self, client: object) -> None:
        """Enter the attempt into the capture and change of the request what is to be changed."""
        self.recording.admit(self)
        self.recording.guarded(self.remember, client)
        self.recording.guarded(self.change)
        # Last: what fails before leaves nothing behind that would hide the calls to come.
        self._outer = nesting.under_way.get()
        nesting.under_way.set((client, self._key[1]))

    def remember(self, client: object) -> None:
        """Note how this call can be sent again."""
        request = self.request
        extensions = getattr(request, "extensions", None) or {}
        self.recording.capture.senders[self.attempt.call_id] = Sender(
            client, request.url, self._headers, self._names, extensions.get("timeout")
        )

    def additions(self) -> tuple[dict[str, str], bytes | None]:
        """Return headers to add, and the body to send instead or None."""
        if id(self.request) in self.changed:
            return {}, None
        attempt, options = self.attempt, self.recording.options
        added = inject.headers_for(attempt, options)
        body = inject.body_for(attempt, options) if options.tags or options.request_id else None
        if body is not None:
            added["Content-Length"] = str(len(body))
            attempt.request_body = body
        if added:
            self.changed.add(id(self.request))
        return added, body

    def change(self) -> None:
        """Add to the request, and watch a body that is made while it is sent."""

    def restore(self) -> None:
        """Leave the request as it was given to us."""

    def sent(self) -> None:
        """Undo what `depart` did outside of the record."""
        nesting.under_way.set(self._outer)
        self.recording.guarded(self.restore)

    # ── the response ──────────────────────────────────────────────────────

    def head(self, status: int, headers: Sequence[tuple[Any, ...]]) -> None:
        """Note the status line and headers, arrived just now."""
        attempt, recording = self.attempt, self.recording
        attempt.headers_ns = ANCHOR_NS + perf_counter_ns()
        attempt.status_code = status
        attempt.response_headers = recording.options.response_headers.pick(headers)
        recording.dirty[attempt.call_id] = None
        # Noted now and not at the end: a client may try again before it closes this answer.
        if status >= 400 and may_be_retried(attempt):
            recording.retries.failed(self._key, self._flow, attempt)

    def piece(self, data: bytes) -> None:
        """Note a piece of the body, arrived just now."""
        attempt = self.attempt
        if attempt.end_ns is not None:
            self.resume()
        attempt.piece_ns.append(ANCHOR_NS + perf_counter_ns())
        attempt.pieces.append(data)
        self.recording.dirty[attempt.call_id] = None

    def whole(self, data: bytes) -> None:
        """Note a body that was read below us, content-encoding undone, and end."""
        if data:
            self.attempt.decoded = True
            self.piece(data)
        self.finish("complete")

    # ── the end ───────────────────────────────────────────────────────────

    def finish(self, outcome: Outcome, error: BaseException | None = None) -> None:
        """End the attempt; later ends of the same attempt are ignored. Never raises."""
        attempt, recording = self.attempt, self.recording
        if attempt.end_ns is not None:
            if not self.settled or outcome in ("closed", "abandoned"):
                return
            self.resume()
        end = ANCHOR_NS + perf_counter_ns()
        if error is not None:
            attempt.error = (type(error).__name__, recording.guarded(str, error) or "")
        attempt.outcome = outcome
        attempt.end_ns = end
        if outcome == "error":
            recording.retries.failed(self._key, self._flow, attempt)
        recording.ended(attempt)

    def fail(self, error: BaseException) -> None:
        """End with what the HTTP library raised."""
        self.finish(outcome_of(error), error)

    def settle(self, outcome: Outcome, error: BaseException | None = None) -> None:
        """End for want of a reader, until one comes back."""
        self.settled = True
        self.finish(outcome, error)

    def resume(self) -> None:
        """Go on after all."""
        self.settled = False
        self.attempt.end_ns = None
        self.attempt.outcome = None
        self.attempt.error = None
        self.recording.capture.renew(self.attempt.call_id)


def outcome_of(error: BaseException) -> Outcome:
    """Tell an interruption (by the user, of a task) from a failure."""
    return "error" if isinstance(error, Exception) else "cancelled"
