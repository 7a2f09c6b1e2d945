"""All that was traced in one execution of a cell, or in one `with nbext.trace():`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .assemble import call_of_attempts
from .dialects import dialect_of
from .placing import Placing
from .prompts import linked
from .reading import Reading
from .span import MODEL_TYPES, Span, Trace, span_of
from .span_calls import with_call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .assessment import Assessment
    from .attempt import Attempt
    from .call import Call
    from .redact import Redactor
    from .server import JoinFound

# Clocks of a span and of a call may differ by this much.
_SLACK_NS = 50_000_000


class Capture:
    """Holds the attempts of a cell; calls, spans and traces are made of them when someone looks.

    Adding an attempt is a dict lookup and a list append, safe from any thread. A call that has
    ended is built once; one that is running is built anew at each look, so it shows what has
    arrived so far.

    Parameters
    ----------
    id : str
        16 hex digits.
    name : str, optional
        As given by ``--name``.
    cell : int, optional
        Execution count of the cell.
    start_ns : int
        Nanoseconds since the epoch.
    prices : mapping, optional
        The user's price table, see `nbext.model.pricing`.
    redactor : Redactor, optional
        Takes secrets out of every call that is built. Default: the known shapes of keys.
    """

    def __init__(
        self,
        *,
        id: str,  # noqa: A002  # the public word for it, as in Span.id
        start_ns: int,
        name: str | None = None,
        cell: int | None = None,
        tags: Mapping[str, str] | None = None,
        prices: Mapping[str, Any] | None = None,
        redactor: Redactor | None = None,
    ) -> None:
        self.id = id
        self.name = name
        self.cell = cell
        self.start_ns = start_ns
        self.end_ns: int | None = None
        self.tags = dict(tags or {})
        self.prices = prices
        self.redactor = redactor
        # What tells executions of the same code: of two captures that share one of these, the later is
        # another run of the earlier.
        self.keys: frozenset[str] = frozenset()
        self.run: int | None = None
        # A capture that sends a call again: the call, and where it ran.
        self.original: Call | None = None
        self.original_label: str | None = None
        # Captures that send calls of this one again.
        self.replays: list[Capture] = []
        # How to send each call again, in memory only; filled by who records.
        self.senders: dict[str, Any] = {}
        self.other_requests = 0
        self.failures = 0
        self.first_failure: str | None = None
        # What the last join with the gateway's table found.
        self.joined: JoinFound | None = None
        # Judgements of its calls, by call id: a call is built anew while it runs, these stay.
        self.assessments: dict[str, list[Assessment]] = {}
        # Prompts of a registry that were loaded in the cell; filled by who watches for them.
        self.prompts: list[dict[str, Any]] = []
        # Draws its output anew; set by who drew it.
        self.redraw: Callable[[], None] | None = None
        # Of one that was loaded from a tracking store: its page there, the store's URI and, by trace id,
        # the ids the store knows the traces by.
        self.url: str | None = None
        self.stored: dict[str, Any] | None = None
        # What became of the export of its traces: to, exported, pending, failed, why.
        self.export_state: dict[str, Any] | None = None
        self._app_spans: list[Span] = []
        # Brings the application spans up to date; set by who collects them.
        self.update_spans: Callable[[], None] | None = None
        self._attempts: dict[str, list[Attempt]] = {}
        self._calls: dict[str, tuple[int, Call]] = {}
        # Spans that are calls which nothing else tells of; they have ended, and change no more.
        self._told: dict[str, Span] = {}
        # Of running streams, so that a look costs what came since the last one.
        self._readings: dict[str, Reading] = {}

    @classmethod
    def of_calls(
        cls,
        calls: Iterable[Call],
        *,
        id: str,  # noqa: A002
        start_ns: int | None = None,
        name: str | None = None,
        cell: int | None = None,
    ) -> Capture:
        """Make a finished capture of calls that were built elsewhere: a journal, a table."""
        calls = sorted(calls, key=lambda call: call.start_ns)
        ends = [call.end_ns for call in calls if call.end_ns is not None]
        first = calls[0].start_ns if calls else 0
        capture = cls(id=id, start_ns=first if start_ns is None else start_ns, name=name, cell=cell)
        capture.end_ns = max(ends, default=capture.start_ns)
        # 0 attempts behind it: such a call is never built again.
        capture._calls = {call.call_id: (0, call) for call in calls}
        return capture

    def add(self, attempt: Attempt) -> None:
        """Take in an attempt that has just started."""
        known = self._attempts.get(attempt.call_id)
        if known is None:
            self._attempts[attempt.call_id] = [attempt]
        else:
            known.append(attempt)

    def renew(self, call_id: str) -> None:
        """Build a call anew at the next look: a stream of it goes on after it had been given up."""
        self._calls.pop(call_id, None)

    def note_failure(self, error: BaseException) -> None:
        """Count a failure of ours; the first is kept in words."""
        self.failures += 1
        if self.first_failure is None:
            self.first_failure = f"{type(error).__name__}: {error}"

    def attempts_of(self, call_id: str) -> list[Attempt]:
        """Raw attempts of a call, oldest first; empty for a call that was loaded."""
        return self._attempts.get(call_id, [])

    def has(self, call_id: str) -> bool:
        """Tell whether a call is in here."""
        return call_id in self._attempts or call_id in self._calls

    @property
    def call_ids(self) -> list[str]:
        """Ids in the order the calls started, or were loaded."""
        return [*self._attempts, *(i for i in list(self._calls) if i not in self._attempts)]

    def call(self, call_id: str) -> Call:
        """Build a call of what is recorded, or give the one built before.

        Raises
        ------
        KeyError
            No call of this capture has that id.
        """
        attempts = self._attempts.get(call_id)
        built = self._calls.get(call_id)
        if attempts is None or (built is not None and built[0] == len(attempts)):
            if built is None:
                raise KeyError(call_id)
            return built[1]
        count = len(attempts)
        last = attempts[count - 1]
        ended = last.end_ns is not None
        reading = None if ended else self._reading_of(last)
        call = call_of_attempts(attempts[:count], prices=self.prices, redactor=self.redactor, reading=reading)
        call.capture_id, call.cell = self.id, self.cell
        call.assessments = self.assessments.setdefault(call_id, [])
        if self.prompts:
            call.prompts = linked(self.prompts, call.messages)
        if self.original is not None:
            call.replay_of = self.original.call_id
        if ended:
            self._calls[call_id] = (count, call)
            self._readings.pop(call_id, None)
        return call

    def _reading_of(self, attempt: Attempt) -> Reading:
        """Give what was read of a running attempt so far, so that a look costs what came since."""
        reading = self._readings.get(attempt.call_id)
        if reading is None or reading.attempt is not attempt:
            reading = self._readings[attempt.call_id] = Reading(attempt, dialect_of(attempt.url))
        return reading

    @property
    def calls(self) -> list[Call]:
        """The model calls, by start: those recorded, and those that only a span tells of."""
        calls = self._recorded()
        if self._may_tell():
            calls += [span.call for span in self.placing.told if span.call is not None]
        return sorted(calls, key=lambda call: call.start_ns)

    def _recorded(self) -> list[Call]:
        return sorted((self.call(i) for i in self.call_ids), key=lambda call: call.start_ns)

    def _may_tell(self) -> bool:
        known = self._attempts, self._calls
        return any(
            span.type in MODEL_TYPES and not any(span.id in calls for calls in known)
            for span in self.app_spans
        )

    def _with_call(self, span: Span) -> Span | None:
        """Give a span with the call it is, read once; None where its call was recorded beside it."""
        known = self._told.get(span.id)
        if known is None:
            known = with_call(span, prices=self.prices, redactor=self.redactor)
            call = known.call
            if call is not None:
                call.capture_id, call.cell = self.id, self.cell
                if self.prompts:
                    call.prompts = linked(self.prompts, call.messages)
            self._told[span.id] = known
        return None if known.call is not None and self._has_beside(span, known.call) else known

    def _has_beside(self, span: Span, told: Call) -> bool:
        """Tell whether a recorded call is the one a span tells of, made without the span being active."""
        for attempts in list(self._attempts.values()):
            first = attempts[0]
            if first.parent_span_id != span.parent_id or span.end_ns is None:
                continue
            if span.start_ns - _SLACK_NS <= first.start_ns <= span.end_ns + _SLACK_NS:
                recorded = self.call(first.call_id)
                if None in (told.model, recorded.model) or told.model == recorded.model:
                    return True
        return False

    @property
    def app_spans(self) -> list[Span]:
        """Spans that the application recorded, in the order they began; those of calls among them."""
        if self.update_spans is not None:
            self.update_spans()
        return self._app_spans

    @app_spans.setter
    def app_spans(self, spans: list[Span]) -> None:
        self._app_spans = spans

    @property
    def placing(self) -> Placing:
        """Which application spans are calls, and what hangs under what."""
        parents: dict[str, str | None] = {
            call_id: attempts[0].parent_span_id for call_id, attempts in list(self._attempts.items())
        }
        for call_id, (_, call) in list(self._calls.items()):
            parents.setdefault(call_id, call.parent_span_id)
        return Placing(list(self.app_spans), parents, self._with_call)

    @property
    def spans(self) -> list[Span]:
        """Model calls and application spans, by start."""
        calls = self._recorded()
        if not self.app_spans:
            return [span_of(call) for call in calls]
        return self.placing.all(calls)

    @property
    def traces(self) -> list[Trace]:
        """Spans by their trace id, in the order the traces began."""
        traces: dict[str, list[Span]] = {}
        for span in self.spans:
            traces.setdefault(span.trace_id, []).append(span)
        return [Trace(trace_id, spans) for trace_id, spans in traces.items()]

    @property
    def running(self) -> bool:
        """True while the cell runs or a stream of it is still open."""
        return self.end_ns is None or any(
            attempts[-1].end_ns is None for attempts in list(self._attempts.values())
        )

    def __len__(self) -> int:
        told = len(self.placing.told) if self._may_tell() else 0
        return len(self.call_ids) + told

    def __bool__(self) -> bool:
        return True
