"""A capture while it is open: ties what records to what shows and what writes."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .. import settings
from ..capture.clock import now_ns
from ..capture.inject import carrier_of
from .prompts import unwatch, watch

if TYPE_CHECKING:
    from ..capture import Recording
    from ..display.view import CellView
    from ..model.attempt import Attempt
    from ..results.captured import Capture
    from .session import Session

# A cell does not end before its calls are in the journal, unless the disk takes longer than this.
_DRAIN_SECONDS = 2.0


class Run:
    """A capture while it is open.

    Parameters
    ----------
    session : Session
    capture : Capture
    recording : Recording
    view : CellView or None
        None when nothing is shown.
    early : bool
        Keep and show the capture from the start, not from the first call on.
    live : bool
        Draw the view while the block runs.
    to, experiment : str, optional
        Where its traces are exported to, if not where the options say.
    """

    def __init__(
        self,
        session: Session,
        capture: Capture,
        recording: Recording,
        view: CellView | None,
        *,
        early: bool,
        live: bool,
        to: str | None = None,
        experiment: str | None = None,
    ) -> None:
        self.session = session
        self.capture = capture
        self.recording = recording
        self.view = view
        self.early = early
        self.live = live
        self.to = to
        self.experiment = experiment
        self.journal = session.journal
        self.shown = False
        self.kept = False
        self.closed = False
        self.inner = 0
        self.drawn_ns: int | None = None
        # When the calls ended that were appended: one that goes on after all ends anew.
        self._in_delta: dict[str, int | None] = {}
        self._delta_begun = False

    def start(self) -> None:
        """Record from here on."""
        self.session.writer.start()
        self.recording.on_start = self._first_call
        if self.journal is not None:
            self.recording.on_sent = self.journal.prepare
        self.recording.on_end = self._ended
        self.recording.on_span = self._span_ended
        self.recording.guarded(self.recording.open)
        self.recording.guarded(watch, self.capture)
        if self.early:
            self.keep()
            if self.live:
                self.recording.guarded(self._show)

    def keep(self) -> None:
        """Put the capture among those of the kernel."""
        if not self.kept:
            self.kept = True
            self.session.remember(self.capture, inside=self.recording.outer)

    def close(self, error: BaseException | None = None, *, wait: bool = True) -> None:
        """End the capture and draw its final form. Never raises; a second time does nothing.

        Parameters
        ----------
        error : exception, optional
            What the cell or block raised.
        wait : bool
            Come back only when its calls are in the journal.
        """
        if self.closed:
            return
        self.closed = True
        guarded = self.recording.guarded
        guarded(self.recording.close, error)
        guarded(unwatch, self.capture)
        if self.capture.end_ns is None:
            self.capture.end_ns = now_ns()
        self.session.forget_run(self)
        guarded(self._tell_of_tags)
        if self.kept:
            # In turn: behind the lines of its calls.
            self.session.writer.put(self._export)
            if wait:
                guarded(self.session.writer.drain, _DRAIN_SECONDS)
            guarded(self._finish)
            # Behind the drawing: the cell does not wait for a table.
            self.session.writer.put(self._to_delta)

    def _tell_of_tags(self) -> None:
        """Say which calls went without the tags or the id that were asked for."""
        options = self.recording.options
        if not (options.tags or options.request_id):
            return
        urls = {a.url for call_id in self.capture.call_ids for a in self.capture.attempts_of(call_id)}
        hosts = sorted({urlsplit(url).netloc for url in urls if carrier_of(url) is None})
        if hosts:
            warnings.warn(
                "tags and request ids are only sent to Databricks gateways; "
                f"calls went without them to {', '.join(hosts)}",
                stacklevel=1,
            )

    def _show(self) -> None:
        if self.view is not None and not self.shown:
            self.shown = True
            self.view.show()

    def _finish(self) -> None:
        # A block inside this cell took the calls: an empty view above its view would only puzzle.
        if self.view is None or (self.inner and not len(self.capture) and not self.shown):
            return
        self.drawn_ns = now_ns()
        self.view.finish()

    # ── called by the recording, on the user's call path ──────────────────

    def _first_call(self) -> None:
        self.keep()
        # A task or thread that the cell left behind: its output is closed, the capture can be shown.
        if self.live and self.view is not None and not self.closed:
            self._show()
            self.view.begin()

    def _ended(self, attempt: Attempt) -> None:
        call_id = attempt.call_id
        if self.journal is not None:
            self.journal.record(attempt)
        if self.view is not None:
            self.view.changed(call_id)
        self.session.writer.put(partial(self._written, call_id))

    def _span_ended(self, span_id: str) -> None:
        if self.view is not None:
            self.view.changed(span_id)
        self.session.writer.put(partial(self._span_written, span_id))

    # ── on the writer's thread ────────────────────────────────────────────

    def _append(self, call_id: str) -> None:
        if self.journal is not None:
            self.journal.append(self.capture.call(call_id), self.capture)

    def _written(self, call_id: str) -> None:
        """Write a call that has ended."""
        end_ns = self.capture.attempts_of(call_id)[-1].end_ns
        # Otherwise its next attempt is under way and will come here in its turn.
        if end_ns is not None:
            self.recording.guarded(self._append, call_id)
            self.recording.guarded(self.session.exports.route, self)
            self.recording.guarded(self.recording.settle, call_id)
            self._export_late()
            # A call that outlived its cell: what is shown must become what was received.
            if self.drawn_ns is not None and end_ns > self.drawn_ns and not self.capture.running:
                self.recording.guarded(self._finish)

    def _span_written(self, span_id: str) -> None:
        """Write an application span that has ended."""
        span = self.recording.ended_span(span_id)
        if span is None or span.end_ns is None:
            return
        if self.journal is not None:
            self.recording.guarded(self.journal.append_span, span, self.capture)
        self._export_late()
        if self.drawn_ns is not None and span.end_ns > self.drawn_ns and not self.capture.running:
            self.recording.guarded(self._finish)

    def _to_delta(self) -> None:
        """Append to the table of the setting `delta`; what fails is said in the view, as all our failures."""
        self._delta_begun = True
        before = self.capture.failures
        self.recording.guarded(self._append_delta)
        if self.capture.failures > before:
            self.redraw()

    def _append_delta(self) -> None:
        """Append what has ended and is not yet in the table of the setting `delta`."""
        folder = settings.current().delta
        if not folder:
            return
        ends = {call_id: self._end_of(call_id) for call_id in self.capture.call_ids}
        ended = {i: end for i, end in ends.items() if end is not None and self._in_delta.get(i) != end}
        if ended:
            from ..sinks.delta import to_delta

            to_delta([self.capture], folder, only=ended)
            self._in_delta.update(ended)

    def _end_of(self, call_id: str) -> int | None:
        attempts = self.capture.attempts_of(call_id)
        return attempts[-1].end_ns if attempts else 0

    def _export(self) -> None:
        self.recording.guarded(self.session.exports.ask, self)

    def _export_late(self) -> None:
        """Export what ended only after its cell."""
        if self.closed and self.kept:
            self._export()
            if self._delta_begun:
                self._to_delta()

    def redraw(self) -> None:
        """Draw the final form anew: what became of its export is known."""
        if self.drawn_ns is not None and self.closed:
            self.recording.guarded(self._finish)
