"""One attempt while it is under way."""

from __future__ import annotations

import sys
import threading
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, ClassVar

from ..model.attempt import Attempt
from ..model.query_values import without_query_values
from . import context, inject, nesting, spans
from .clock import ANCHOR_NS
from .headers import names_of
from .ids import new_ids
from .retries import may_be_retried
from .senders import Sender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..model.attempt import Outcome
    from .recording import Recording


class Flight:
    """Fills an `Attempt` in and tells its recording.

    What an HTTP library needs to have its requests watched is added by a sub-class; see `change`
    and `restore`.

    Parameters
    ----------
    recording : Recording
    client : object
        Who sends it.
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
        "_asked",
        "_client",
        "_flow",
        "_headers",
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
        client: object,
        request: Any,
        *,
        url: str,
        body: bytes,
        headers: Sequence[tuple[Any, ...]],
        streamed: bool,
    ) -> None:
        start = ANCHOR_NS + perf_counter_ns()
        self.recording = recording
        self.request = request
        self.settled = False
        self._client = client
        # Until they are noted.
        self._headers: Sequence[tuple[Any, ...]] | None = headers
        self._asked = body
        self._flow: context.Flow | None = None
        options, retries = recording.options, recording.retries
        earlier = kept = None
        if retries.pending or options.tags or options.request_id:
            kept = options.request_headers.pick(headers)
            earlier = retries.earlier((url, body), context.flow(), _retry_count(kept), start)
        call_id, trace_id = new_ids() if earlier is None else (earlier.call_id, earlier.trace_id)
        self.attempt = attempt = Attempt(
            call_id=call_id, trace_id=trace_id, method=request.method, url=url, start_ns=start
        )
        if earlier is not None:
            attempt.number = earlier.number + 1
            attempt.parent_span_id = earlier.parent_span_id
        if kept is not None:
            attempt.request_headers = kept
        capture = recording.capture
        attempt.capture_id, attempt.capture_name = capture.id, capture.name
        attempt.capture_start_ns, attempt.cell = capture.start_ns, capture.cell
        attempt.library = self.library
        attempt.request_body = body
        attempt.streamed = streamed

    # ── the request ───────────────────────────────────────────────────────

    def depart(self, outer: nesting.Outer, traceparent: str | None) -> None:
        """Enter the attempt into the capture and change of the request what is to be changed.

        Whoever calls waits for this, and what it touches has mostly to come from memory: what can be
        noted later is left to `note`.

        Parameters
        ----------
        outer : (client, body) or None
            The `send` it is made in.
        traceparent : str or None
            The request's header of that name.
        """
        recording, attempt = self.recording, self.attempt
        # MLflow's tracing is built on it, too.
        if traceparent is not None or "opentelemetry.trace" in sys.modules:
            ours = id(self.request) in self.changed
            recording.guarded(inject.adopt, attempt, recording, None if ours else traceparent)
        recording.capture.add(attempt)
        recording.dirty[attempt.call_id] = None
        if recording.on_start is not None:
            recording.begins()
        try:
            self.change(recording.options.propagate and traceparent is None)
        except Exception as error:  # the call goes on as it is
            recording.capture.note_failure(error)
        # Last: what fails before leaves nothing behind that would hide the calls to come.
        self._outer = outer
        nesting.under_way.set((self._client, self._asked))

    def note(self) -> None:
        """Note what need not be known before the request is sent; a second time does nothing.

        Best done while the answer is on its way, when nobody waits for us. Never raises.
        """
        headers, self._headers = self._headers, None
        if headers is None:
            return
        try:
            self._note(headers)
            if "opentelemetry.sdk.trace" in sys.modules:
                spans.look_again()
            if self.recording.on_sent is not None:
                self.recording.on_sent(self.attempt)
        except Exception as error:  # the user's call goes on, the view says so
            self.recording.capture.note_failure(error)

    def _note(self, headers: Sequence[tuple[Any, ...]]) -> None:
        attempt, request, recording = self.attempt, self.request, self.recording
        self._flow = context.flow()
        attempt.thread = threading.current_thread().name
        task = context.task()
        if task is not None:
            attempt.task = task.get_name()
        names = names_of(headers)
        kept = attempt.request_headers or recording.options.request_headers.pick(headers, names)
        attempt.request_headers = kept
        attempt.retry_count = _retry_count(kept)
        extensions = getattr(request, "extensions", None) or {}
        recording.capture.senders[attempt.call_id] = Sender(
            self._client, request.url, headers, names, extensions.get("timeout")
        )

    def additions(self, propagate: bool) -> tuple[dict[str, str], bytes | None]:
        """Return headers to add, and the body to send instead or None."""
        if id(self.request) in self.changed:
            return {}, None
        attempt, options = self.attempt, self.recording.options
        added: dict[str, str] = {}
        body = None
        if propagate:
            added["traceparent"] = f"00-{attempt.trace_id}-{attempt.call_id}-01"
        if options.tags or options.request_id:
            tags = inject.tags_for(attempt, options)
            attempt.request_headers |= tags
            added |= tags
            body = inject.body_for(attempt, options)
        if body is not None:
            added["Content-Length"] = str(len(body))
            attempt.request_body = body
        return added, body

    def change(self, propagate: bool) -> None:
        """Add to the request, a ``traceparent`` if it is to `propagate`; watch its body being sent."""

    def restore(self) -> None:
        """Leave the request as it was given to us."""

    def sent(self) -> None:
        """Undo what `depart` did outside of the record. Never raises."""
        nesting.under_way.set(self._outer)
        try:
            self.restore()
        except Exception as error:  # the user's call goes on, the view says so
            self.recording.capture.note_failure(error)
        if self._headers is not None:
            self.note()

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
            self._failed()

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
            attempt.error = (type(error).__name__, recording.guarded(_words, error) or "")
        attempt.outcome = outcome
        attempt.end_ns = end
        if outcome == "error":
            self._failed()
        recording.ended(attempt)

    def _failed(self) -> None:
        attempt = self.attempt
        flow = self._flow or context.flow()
        self.recording.retries.failed((attempt.url, self._asked), flow, attempt)

    def fail(self, error: BaseException) -> None:
        """End with what the HTTP library raised."""
        if self._headers is not None:
            self.note()
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


def _retry_count(headers: Mapping[str, str]) -> int | None:
    count = headers.get("x-stainless-retry-count", "")
    return int(count) if count.isdecimal() else None


def outcome_of(error: BaseException) -> Outcome:
    """Tell an interruption (by the user, of a task) from a failure."""
    return "error" if isinstance(error, Exception) else "cancelled"


def _words(error: BaseException) -> str:
    # urllib3 puts the URL into what it says.
    return without_query_values(str(error))
