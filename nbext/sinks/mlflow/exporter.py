"""The kernel's side of the export: asks for traces to be stored, and watches what becomes of them."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .login import login_for
from .queue import Queue, queue_of, queues_in
from .rows import Rows
from .worker import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .queue import Entry
    from .target import Target

_POLL_SECONDS = 0.25
_RESTART_SECONDS = 5.0
# A user who has logged in meanwhile need not say so; a cell run again and again need not start processes.
_STUCK_SECONDS = 30.0
# Without trouble and without progress: a store can be slow, and starting takes seconds.
_PATIENCE_SECONDS = 120.0


@dataclass(slots=True)
class Counts:
    """What became of traces: how many are stored, on their way, refused; why, in words; and where to look."""

    exported: int = 0
    pending: int = 0
    failed: int = 0
    reasons: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    to: list[Target] = field(default_factory=list)

    def add(self, entry: Entry, queue: Queue) -> None:
        """Count one."""
        trouble = queue.troubles.get(entry.target)
        if entry.target not in self.to:
            self.to.append(entry.target)
        if entry.state == "exported":
            self.exported += 1
            if entry.page:
                self.pages.append(entry.page)
            return
        stuck = trouble is not None and trouble.stuck
        if entry.state == "failed" or stuck:
            self.failed += 1
        else:
            self.pending += 1
        why = entry.why or (trouble.why if trouble is not None else None)
        if why and why not in self.reasons:
            self.reasons.append(why)


class Exporter:
    """Has the traces of one kernel's journal stored, by processes of their own.

    Parameters
    ----------
    journal : Path
        The journal their rows are in.
    changed : callable, optional
        Called with the counts that changed, by capture id; on a thread of ours.
    """

    def __init__(self, journal: Path, *, changed: Callable[[dict[str, Counts]], None] | None = None) -> None:
        self.folder = journal.parent
        self.queue = Queue(queue_of(journal))
        self._changed = changed
        self._lock = threading.RLock()
        self._targets: dict[str, Target] = {}
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._thread: threading.Thread | None = None
        self._registered = False
        self._earlier: dict[Path, Queue] = {}

    # ── asking ────────────────────────────────────────────────────────────

    def route(self, capture_id: str, target: Target) -> None:
        """Say where a capture will go, so that it does even if this kernel is killed before it asks."""
        self.queue.route(capture_id, target)

    def ask(self, target: Target, capture_id: str, traces: Iterable[tuple[str, int, bool]]) -> None:
        """Have traces stored: id, number of spans, and whether MLflow itself stores them there."""
        with self._lock:
            self.queue.refresh()
            trouble = self.queue.troubles.get(target)
            if trouble is not None and trouble.stuck and self._rested(target, _STUCK_SECONDS):
                self.queue.again(target)
            self.queue.ask(target, capture_id, traces)
            self._targets[target.key] = target
            if not self._registered:
                self._registered = True
                atexit.register(self._leave)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="nbext-export", daemon=True)
                self._thread.start()

    def known(self, target: Target) -> Target:
        """Give the target as this kernel was given it, which may have a password."""
        return self._targets.get(target.key, target)

    def counts(self) -> Counts:
        """Count the traces of this kernel."""
        with self._lock:
            self.queue.refresh()
            return _counted([self.queue])

    def by_capture(self) -> dict[str, Counts]:
        """Count the traces of this kernel by capture."""
        with self._lock:
            self.queue.refresh()
            return _by_capture(self.queue)

    def close(self) -> None:
        """End the processes; what they have not stored stays pending."""
        with self._lock:
            for worker in self._workers.values():
                if worker.poll() is None:
                    worker.terminate()
                    worker.wait(10)
            self._targets.clear()
            self._workers.clear()

    def resume(self) -> bool:
        """Take up what earlier kernels left, and try again what failed; say whether there was anything."""
        with self._lock:
            self.queue.refresh()
            for path in queues_in(self.folder):
                if path == self.queue.path or path in self._earlier:
                    continue
                queue = Queue(path)
                queue.refresh()
                if not _lives(path):
                    _recover(queue)
                if _left(queue):
                    self._earlier[path] = queue
            found: set[Target] = set()
            for queue in (self.queue, *self._earlier.values()):
                for target in _left(queue):
                    queue.again(target)
                    found.add(target)
                queue.refresh()
            for target in found:
                # One that this kernel was given may have a password.
                self._start(self._targets.setdefault(target.key, target), force=True)
            return bool(found)

    def wait(self, seconds: float, *, patience: float) -> Counts:
        """Wait until everything is stored.

        Parameters
        ----------
        seconds : float
            No longer than this.
        patience : float
            Nor longer than this, in seconds, without progress while there is trouble.
        """
        begun = since = time.monotonic()
        known = -1
        while True:
            with self._lock:
                queues = [self.queue, *self._earlier.values()]
                for queue in queues:
                    queue.refresh()
                counts = _counted(queues)
                self._keep_working(queues)
            now = time.monotonic()
            if counts.exported != known:
                known, since = counts.exported, now
            hopeless = now - since > (patience if counts.reasons else _PATIENCE_SECONDS)
            if not counts.pending or now - begun > seconds or hopeless:
                return counts
            time.sleep(0.1)

    # ── the processes ─────────────────────────────────────────────────────

    def _start(self, target: Target, *, force: bool = False) -> None:
        worker = self._workers.get(target.key)
        if worker is not None and worker.poll() is None:
            return
        if not force and not self._rested(target, _RESTART_SECONDS):
            return
        self._started[target.key] = time.monotonic()
        self._workers[target.key] = _process(self.folder, target)

    def _rested(self, target: Target, seconds: float) -> bool:
        started = self._started.get(target.key)
        return started is None or time.monotonic() - started > seconds

    def _keep_working(self, queues: Iterable[Queue]) -> None:
        for queue in queues:
            for target in {entry.target for entry in queue.pending()}:
                trouble = queue.troubles.get(target)
                if (trouble is None or not trouble.stuck) and target.key in self._targets:
                    self._start(self._targets[target.key])

    def _leave(self) -> None:
        """See to it, at the end of a short program, that the work goes on without it."""
        with self._lock:
            self.queue.refresh()
            self._keep_working([self.queue])

    def _watch(self) -> None:
        shown: dict[str, Counts] = {}
        seen = 0
        while True:
            with self._lock:
                self.queue.refresh()
                self._keep_working([self.queue])
                now = _by_capture(self.queue) if self.queue.read != seen else shown
                moved = {
                    capture_id: counts
                    for capture_id, counts in now.items()
                    if shown.get(capture_id) != counts
                }
                shown, seen = now, self.queue.read
                if not moved and not self.queue.pending():
                    self._thread = None
                    return
            if moved and self._changed is not None:
                self._changed(moved)
            time.sleep(_POLL_SECONDS)


def _process(folder: Path, target: Target) -> subprocess.Popen[bytes]:
    environment = dict(os.environ)
    package = str(Path(__file__).resolve().parents[3])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package, environment.get("PYTHONPATH")]))
    environment[VARIABLE] = json.dumps(
        {"uri": target.uri, "experiment": target.experiment, "full_uri": target.full_uri}
    )
    environment.update(login_for(target))
    # A session of its own: an interrupt of the cell is not for it, and it outlives the kernel.
    return subprocess.Popen(
        [sys.executable, "-m", "nbext.sinks.mlflow.worker", str(folder)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _counted(queues: Iterable[Queue]) -> Counts:
    counts = Counts()
    for queue in queues:
        for entry in queue.entries.values():
            counts.add(entry, queue)
    return counts


def _by_capture(queue: Queue) -> dict[str, Counts]:
    found: dict[str, Counts] = {}
    for entry in queue.entries.values():
        for capture_id in entry.parts:
            found.setdefault(capture_id, Counts()).add(entry, queue)
    return found


def _left(queue: Queue) -> set[Target]:
    return {entry.target for entry in queue.entries.values() if entry.state != "exported"}


def _recover(queue: Queue) -> None:
    """Ask for the traces of a kernel that was killed before it could."""
    asked = {entry.trace_id for entry in queue.entries.values()}
    if not queue.routes:
        return
    for capture_id, traces in Rows(queue.journal).by_capture().items():
        target = queue.routes.get(capture_id)
        new = [(trace_id, count, False) for trace_id, count in traces.items() if trace_id not in asked]
        if target is not None and new:
            queue.ask(target, capture_id, new)
    queue.refresh()


def _lives(queue: Path) -> bool:
    """Tell whether the kernel that wrote a queue runs: its process id is in the name of the journal."""
    try:
        os.kill(int(queue.stem.split("-")[2]), 0)
    except (IndexError, ValueError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True
