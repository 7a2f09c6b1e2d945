"""Export to MLflow as the user sees it: where captures go, what became of them, `push`."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings
from ..model.mlflow_pages import shared_page
from .session import session

if TYPE_CHECKING:
    from ..results.captured import Capture
    from ..sinks.journal import Journal
    from ..sinks.mlflow.exporter import Counts, Exporter
    from ..sinks.mlflow.target import Target
    from .run import Run
    from .session import Session

_DRAIN_SECONDS = 5.0
_PUSH_SECONDS = 600.0
_FEEDBACK_SECONDS = 60.0
_NOTHING = "nothing to export"
# Starting and trying thrice takes about this long; then the user would rather know than wait.
_PATIENCE_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class PushResult:
    """What became of the traces that were to be stored; see `push`."""

    exported: int = 0
    pending: int = 0
    failed: int = 0
    reasons: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        facts = f"exported {self.exported:,} · pending {self.pending:,} · failed {self.failed:,}"
        return f"{facts} ({'; '.join(self.reasons)})" if self.reasons else facts


def push(
    to: str | None = None, *, experiment: str | None = None, timeout: float = _PUSH_SECONDS
) -> PushResult:
    """Finish the export to MLflow: wait for what is on its way, try again what failed.

    Also what an earlier kernel left in the journals of this folder. Pushing twice stores nothing
    twice.

    Parameters
    ----------
    to : str, optional
        A tracking URI: all captures in memory are stored there. Left out: where each was to go, and
        those that were to go nowhere to the place in the settings or where ``mlflow`` points at.
    experiment : str, optional
        Name or path of the experiment, made if there is none.
    timeout : float
        Come back after this many seconds at the latest.

    Returns
    -------
    PushResult
        Counts of traces: ``exported``, ``pending``, ``failed``, and ``reasons`` in words. What is
        pending is still tried in the background.

    Raises
    ------
    ValueError
        `to` is no tracking URI.
    """
    result = session.exports.push(to, experiment, timeout)
    return _with_feedback(result, to, experiment, timeout)


def _with_feedback(result: PushResult, to: str | None, experiment: str | None, timeout: float) -> PushResult:
    """Finish storing what was said of the calls, too."""
    from ..feedback.post import post
    from ..sinks.mlflow.target import target_of

    options = settings.current()
    try:
        target = target_of(to or options.to, experiment or options.experiment)
    except ValueError:
        target = None
    left = post.send(target)
    if not left:
        return result
    post.wait(min(timeout, _FEEDBACK_SECONDS))
    left = len(post.waiting())
    why = post.troubles()
    # That there was no trace to store is no news when there was feedback.
    reasons = [one for one in result.reasons if one != _NOTHING] if not left and not why else result.reasons
    if left:
        reasons = [*reasons, f"{left:,} judgement{'s' * (left != 1)} still waiting", *why]
    return PushResult(result.exported, result.pending, result.failed, reasons)


class Exports:
    """The exports of a session: one exporter for the journal in use."""

    def __init__(self, owner: Session) -> None:
        self.session = owner
        self._lock = threading.RLock()
        self._exporter: Exporter | None = None
        self._private: Journal | None = None
        self._written: set[str] = set()
        self._routed: set[str] = set()
        # Captures whose view is to say what became of them.
        self._runs: dict[str, Run] = {}

    # ── on the writer's thread ────────────────────────────────────────────

    def route(self, run: Run) -> None:
        """Note where a capture goes, when its first call is written."""
        if run.capture.id in self._routed:
            return
        self._routed.add(run.capture.id)
        with contextlib.suppress(ValueError):
            self._route(run)

    def _route(self, run: Run) -> None:
        target = self._target(run)
        if target is not None and self._journal(run.capture) is run.journal:
            self._its(run.capture).route(run.capture.id, target)

    def ask(self, run: Run) -> None:
        """Have the traces of a capture stored, those that have ended."""
        if not (len(run.capture) or run.capture.app_spans):
            return
        try:
            target = self._target(run)
        except ValueError as error:
            run.capture.export_state = {
                "to": run.to or "mlflow",
                "failed": len(run.capture.traces),
                "why": str(error),
            }
            return
        if target is None:
            return
        with self._lock:
            self._runs[run.capture.id] = run
        self._ask(run.capture, target)

    # ── for the user ──────────────────────────────────────────────────────

    @property
    def counts(self) -> Counts | None:
        """What became of this kernel's traces; None if nothing was to be exported."""
        return None if self._exporter is None else self._exporter.counts()

    def target_of(self, capture: Capture) -> Target | None:
        """Give the store a capture goes to, or is in; None where nobody asked for that."""
        with self._lock:
            if self._exporter is None:
                return None
            queue = self._exporter.queue
            queue.refresh()
            asked = (entry.target for entry in queue.entries.values() if capture.id in entry.parts)
            found = next(asked, None) or queue.routes.get(capture.id)
            return found if found is None else self._exporter.known(found)

    def push(self, to: str | None, experiment: str | None, timeout: float) -> PushResult:
        """See `nbext.push`."""
        from ..sinks.mlflow.target import target_of
        from ..sources.journal import settle

        options = settings.current()
        target = target_of(to or options.to, experiment or options.experiment)
        self.session.writer.drain(_DRAIN_SECONDS)
        if options.journal:
            settle(options.journal_folder, redactor=options.redactor())
        for capture in self.session.captures:
            if target is not None and len(capture) and (to or capture.export_state is None):
                self._ask(capture, target, ended=not capture.running)
        exporter = self._exporter or self._of_folder()
        if exporter is None or not (exporter.resume() or exporter.counts().exported):
            return PushResult(reasons=[_NOTHING if target else _NOWHERE])
        counts = exporter.wait(timeout, patience=_PATIENCE_SECONDS)
        self._moved(exporter.by_capture())
        return PushResult(counts.exported, counts.pending, counts.failed, counts.reasons)

    # ── inside ────────────────────────────────────────────────────────────

    def _target(self, run: Run) -> Target | None:
        from ..sinks.mlflow.target import target_of

        options = settings.current()
        return target_of(run.to or options.to, run.experiment or options.experiment)

    def _ask(self, capture: Capture, target: Target, *, ended: bool = False) -> None:
        from ..sinks.mlflow.target import mlflow_points_at

        mlflows = mlflow_points_at() == target.full_uri
        traces = []
        for trace in capture.traces:
            # One that has not ended is asked for when it does.
            if ended or all(span.end_ns is not None for span in trace.spans):
                theirs = mlflows and any(span.origin == "mlflow" for span in trace.spans)
                traces.append((trace.trace_id, len(trace.spans), theirs))
        if not traces or (self.session.journal is None and capture.running):
            return
        exporter = self._its(capture)
        capture.export_state = {"to": str(target), "pending": len(traces)}
        exporter.ask(target, capture.id, traces)

    def _its(self, capture: Capture) -> Exporter:
        """Give the exporter, and have the rows of a capture where it finds them."""
        from ..sinks.mlflow.exporter import Exporter

        with self._lock:
            journal = self._journal(capture)
            if self._exporter is None or self._exporter.queue.journal != journal.path:
                self._exporter = Exporter(journal.path, changed=self._moved)
            return self._exporter

    def _journal(self, capture: Capture) -> Journal:
        journal = self.session.journal
        if journal is not None and journal.problem is None:
            return journal
        # Switched off, or its disk is full: what is to be exported waits in a folder of its own.
        from ..sinks.journal import Journal

        if self._private is None:
            self._private = Journal(Path(tempfile.mkdtemp(prefix="nbext-export-")))
        if capture.id not in self._written and not capture.running:
            self._written.add(capture.id)
            for call in capture.calls:
                self._private.append(call, capture)
            for span in capture.app_spans:
                self._private.append_span(span, capture)
        return self._private

    def _of_folder(self) -> Exporter | None:
        from ..sinks.mlflow.exporter import Exporter

        journal = self.session.journal
        if journal is None or not journal.folder.is_dir():
            return None
        self._exporter = Exporter(journal.path, changed=self._moved)
        return self._exporter

    def _moved(self, moved: dict[str, Counts]) -> None:
        for capture_id, counts in moved.items():
            capture = self.session.named(capture_id)
            if capture is not None:
                capture.export_state = export_of(counts)
            with self._lock:
                run = self._runs.get(capture_id)
                settled = not counts.pending
                if settled:
                    self._runs.pop(capture_id, None)
            if run is not None and (settled or counts.reasons):
                self.session.writer.put(partial(run.redraw))


_NOWHERE = (
    "no place to export to; give one: %gateway_trace push --to URI, nbext.push(to=URI), "
    "or point mlflow at one with mlflow.set_tracking_uri(URI)"
)


def export_of(counts: Counts) -> dict[str, Any]:
    """Give what became of a capture's traces, as its view says it."""
    found: dict[str, Any] = {
        "to": ", ".join(map(str, counts.to)),
        "exported": counts.exported,
        "pending": counts.pending,
        "failed": counts.failed,
        "why": "; ".join(counts.reasons),
        "page": shared_page(counts.pages),
    }
    return {key: value for key, value in found.items() if value}
