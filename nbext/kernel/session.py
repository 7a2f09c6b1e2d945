"""The kernel's tracing: opens and closes captures, keeps the last ones, writes the journal."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .. import settings
from ..capture import Recording
from ..capture.clock import now_ns
from ..results.captured import Capture, Captures
from .run import Run
from .writer import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..display.view import CellView
    from ..model.redact import Redactor
    from ..sinks.journal import Journal
    from .exports import Exports
    from .replay import Replay


@dataclass(frozen=True, slots=True)
class Status:
    """What the bare ``%gateway_trace`` tells."""

    captures: int
    captured: int
    journal: str
    problem: str | None = None
    exported: int = 0
    pending: int = 0
    failed: int = 0
    reason: str | None = None
    to: str | None = None


class Session:
    """What is traced in this process. There is one, `session`."""

    def __init__(self) -> None:
        self.writer = Writer()
        self._lock = threading.RLock()
        self._captures: deque[Capture] = deque()
        self._last: Capture | None = None
        self._runs: list[Run] = []
        self._journal: Journal | None = None
        self._journal_for: tuple[int, str] | None = None
        self._exports: Exports | None = None
        # Also captures read from files, so that a frame made of them finds its way back to the view.
        self._known: weakref.WeakValueDictionary[str, Capture] = weakref.WeakValueDictionary()

    # ── recording ─────────────────────────────────────────────────────────

    def open(
        self,
        *,
        name: str | None = None,
        cell: int | None = None,
        tags: Mapping[str, str] | None = None,
        request_id: bool = False,
        display: bool = True,
        live: bool | None = None,
        early: bool = True,
        to: str | None = None,
        experiment: str | None = None,
        keys: frozenset[str] = frozenset(),
        replay: Replay | None = None,
    ) -> Run:
        """Start a capture.

        Parameters
        ----------
        name : str, optional
        cell : int, optional
            Execution count.
        tags : mapping, optional
            Sent along with every call.
        request_id : bool
            Send a ``client_request_id`` of our own along.
        display : bool
            Show a view.
        live : bool, optional
            Draw it while the block runs; as the options say if left out.
        early : bool
            Keep and show it also without any call.
        to, experiment : str, optional
            Where its traces are exported to; as the options say if left out.
        keys : frozenset of str
            What tells other executions of the same code, see `previous`.
        replay : Replay, optional
            What is filled, instead of a new capture: only with the calls of this thread or task, and
            it never becomes `last`.
        """
        options = settings.current()
        redactor = options.redactor()
        capture = replay or Capture(
            id=new_capture_id(),
            start_ns=now_ns(),
            name=redactor.text(name) if name else name,
            cell=cell,
            # Sent along as given, kept without secrets.
            tags=redactor.json(dict(tags or {})),
        )
        capture.prices, capture.redactor = options.prices or None, redactor
        capture.keys = keys | ({f"name {name}"} if name and replay is None else frozenset())
        recording = Recording(capture, options.recording_options(tags=tags or {}, request_id=request_id))
        recording.alone = replay is not None
        live = options.live if live is None else live
        view = recording.guarded(_view, capture, live) if display else None
        run = Run(self, capture, recording, view, early=early, live=live, to=to, experiment=experiment)
        capture.redraw = run.redraw
        with self._lock:
            for outer in self._runs:
                outer.inner += 1
            self._runs.append(run)
        run.start()
        return run

    def forget_run(self, run: Run) -> None:
        """Take a run off the list of open ones."""
        with self._lock:
            if run in self._runs:
                self._runs.remove(run)

    def remember(self, capture: Capture, inside: Recording | None = None) -> None:
        """Keep a capture among the last ones."""
        with self._lock:
            # A block inside a traced cell is kept, but `last` stays the cell.
            outer = inside is not None and any(run.recording is inside and run.kept for run in self._runs)
            earlier = self.previous(capture)
            capture.run = 1 if earlier is None else (earlier.run or 1) + 1
            self._captures.append(capture)
            self._known[capture.id] = capture
            while len(self._captures) > settings.current().keep:
                self._captures.popleft()
            if not outer and capture.original is None:
                self._last = capture

    def previous(self, capture: Capture) -> Capture | None:
        """Give the execution before this one: of the same cell, the same code or under the same name."""
        with self._lock:
            others = list(self._captures)
        if capture in others:
            others = others[: others.index(capture)]
        return next((other for other in reversed(others) if other.keys & capture.keys), None)

    # ── what was captured ─────────────────────────────────────────────────

    @property
    def captures(self) -> Captures:
        """The captures in memory, oldest first."""
        with self._lock:
            return Captures(self._captures)

    @property
    def last(self) -> Capture | None:
        """The capture of the last traced cell or block; None before the first."""
        return self._last

    def clear(self) -> int:
        """Forget the captures in memory but those still open, the journal stays; say how many they were."""
        with self._lock:
            running = [run.capture for run in self._runs]
            kept = [capture for capture in self._captures if capture in running]
            count = len(self._captures) - len(kept)
            self._captures = deque(kept)
            if self._last not in kept:
                self._last = None
        return count

    def know(self, captures: list[Capture]) -> None:
        """Let frames made of captures from elsewhere be shown, for as long as the user holds the captures."""
        for capture in captures:
            # The journal of this kernel holds captures that are in memory anyway, and stay longer.
            self._known.setdefault(capture.id, capture)

    @property
    def known(self) -> list[Capture]:
        """All captures that are still in memory, wherever they came from."""
        return list(self._known.values())

    def named(self, capture_id: str) -> Capture | None:
        """Give the capture of that id, if it is in memory."""
        return self._known.get(capture_id)

    # ── the export ────────────────────────────────────────────────────────

    @property
    def exports(self) -> Exports:
        """What is exported to MLflow."""
        with self._lock:
            if self._exports is None:
                from .exports import Exports

                self._exports = Exports(self)
            return self._exports

    # ── the journal ───────────────────────────────────────────────────────

    @property
    def journal(self) -> Journal | None:
        """The journal in use; None when it is switched off."""
        options = settings.current()
        if not options.journal:
            return None
        key = (os.getpid(), options.journal_folder)
        with self._lock:
            if self._journal is None or self._journal_for != key:
                from ..sinks.journal import Journal

                self._journal = Journal(options.journal_folder)
                self._journal_for = key
                # What a killed kernel had not yet written is in the memory of the machine, as it was sent.
                self.writer.put(partial(_settle, options.journal_folder, options.redactor()))
            return self._journal

    def status(self) -> Status:
        """Count what there is."""
        captures = self.captures
        journal = self.journal
        exported = None if self._exports is None else self._exports.counts
        reasons = [] if exported is None else exported.reasons
        reasons += [capture.first_failure for capture in captures if capture.first_failure][:1]
        return Status(
            captures=len(captures),
            captured=sum(len(capture) for capture in captures),
            journal="off" if journal is None else str(journal.path),
            problem=None if journal is None else journal.problem,
            exported=0 if exported is None else exported.exported,
            pending=self.writer.waiting if exported is None else exported.pending,
            failed=sum(capture.failures for capture in captures)
            + (0 if exported is None else exported.failed),
            reason="; ".join(reasons) or None,
            to=None if exported is None else ", ".join(map(str, exported.to)) or None,
        )


def new_capture_id() -> str:
    """Make an id: 16 hex digits."""
    return os.urandom(8).hex()


def _view(capture: Capture, live: bool) -> CellView:
    from ..display.view import CellView

    return CellView(capture, live=live, max_bytes=settings.current().max_output_bytes)


def _settle(folder: str, redactor: Redactor | None) -> None:
    from ..sources.journal import settle

    settle(folder, redactor=redactor)


session = Session()
