"""The process that stores traces: ``python -m nbext.sinks.mlflow.worker FOLDER``.

It works through the queues of a folder of journals for one target, and ends when there is nothing
left to do and no kernel that may ask for more. One at a time for each target: a second one leaves
the work to the first. Whatever is killed, the next one goes on where the queue says.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .queue import Entry, Queue, queues_in
from .reasons import reason_of
from .rows import Rows, trace_of
from .spans import out_trace
from .store import Refused, Store
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

# How the kernel hands the target over: not in the arguments, which everyone on the machine can read.
VARIABLE = "NBEXT_EXPORT_TARGET"

_BATCH_SPANS = 1000
_BATCH_TRACES = 100
_POLL_SECONDS = 0.2
# Starting anew costs seconds, waiting costs memory.
_IDLE_SECONDS = 60.0
_BACK_OFF = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# Without a kernel that shows it, there is an end to trying; the rest waits for the next push.
_ALONE_SECONDS = 120.0
# MLflow stores its own traces in the background; what is not there after this long, it has lost.
_THEIRS_SECONDS = 20.0
_MOST_TRIES = 5


class Worker:
    """Stores what the queues of a folder ask for.

    Parameters
    ----------
    folder : Path
        The ``.nbext`` folder.
    target : Target
    """

    def __init__(self, folder: Path, target: Target) -> None:
        self.folder = folder
        self.target = target
        self.store: Store | None = None
        self._queues: dict[Path, Queue] = {}
        self._rows: dict[Path, Rows] = {}
        self._tries: dict[str, int] = {}
        self._expected: dict[str, int] = {}
        self._begun_ns = time.time_ns()
        self._kernel = os.getppid()
        self._failures = 0

    def run(self) -> None:
        """Work until there is nothing left to do, or nothing can be done without the user."""
        idle_since = worked = time.monotonic()
        while True:
            pending = self._pending()
            now = time.monotonic()
            if not pending:
                if self._alone() or now - idle_since > _IDLE_SECONDS:
                    return
                time.sleep(_POLL_SECONDS)
                continue
            idle_since = now
            try:
                forward = self._round(pending)
                self._failures = 0 if forward else self._failures
            except Exception as error:  # whatever it is, the user is told and nothing is lost
                why, stuck = (
                    (str(error), True) if isinstance(error, Refused) else reason_of(error, self.target)
                )
                self._tell(why, stuck=stuck)
                if stuck:
                    return
                forward = False
                self._failures += 1
            if forward:
                worked = time.monotonic()
            elif self._alone() and time.monotonic() - worked > _ALONE_SECONDS:
                return
            if self._failures:
                self._rest(_BACK_OFF[min(self._failures, len(_BACK_OFF)) - 1])
            elif not forward:
                time.sleep(_POLL_SECONDS)

    def _rest(self, seconds: float) -> None:
        """Wait, but no longer than until the user asks again."""
        end = time.monotonic() + seconds
        nudges = self._nudges()
        while time.monotonic() < end:
            time.sleep(_POLL_SECONDS)
            self._pending()
            if self._nudges() != nudges:
                self._failures = 0
                return

    def _nudges(self) -> int:
        return sum(queue.nudges[self.target] for queue in self._queues.values())

    # ── a round ───────────────────────────────────────────────────────────

    def _round(self, pending: list[tuple[Queue, Entry]]) -> bool:
        """Store a batch; say whether anything went forward."""
        if self.store is None:
            self.store = Store(self.target)
        self.store.check()
        done: list[tuple[Queue, Entry]] = []
        written: list[tuple[Queue, Entry]] = []
        for queue, entry in self._batch(pending):
            if self._is_there(entry):
                done.append((queue, entry))
            elif not self._is_coming(entry):
                self._write(queue, entry)
                written.append((queue, entry))
        if written:
            self.store.flush()
        missing: list[tuple[Queue, Entry]] = []
        for queue, entry in written:
            there = self.store.stored(entry.trace_id) >= self._expected.get(entry.trace_id, entry.spans)
            (done if there else missing).append((queue, entry))
        self._acknowledge(done)
        if missing:
            self._account(missing, others_went=bool(done))
        return bool(done)

    def _batch(self, pending: list[tuple[Queue, Entry]]) -> Iterator[tuple[Queue, Entry]]:
        spans = 0
        for count, (queue, entry) in enumerate(pending):
            if count >= _BATCH_TRACES or spans >= _BATCH_SPANS:
                return
            if not self._is_coming(entry):
                spans += entry.spans
            yield queue, entry

    def _is_there(self, entry: Entry) -> bool:
        """Ask the store, if it may have the trace: of MLflow, or of a process killed before it said so."""
        assert self.store is not None
        if not (entry.theirs or entry.asked_ns < self._begun_ns or entry.trace_id in self._tries):
            return False
        return self.store.stored(entry.trace_id) >= entry.spans

    def _is_coming(self, entry: Entry) -> bool:
        return entry.theirs and time.time_ns() - entry.asked_ns < _THEIRS_SECONDS * 1e9

    def _write(self, queue: Queue, entry: Entry) -> None:
        assert self.store is not None
        rows = self._rows.setdefault(queue.journal, Rows(queue.journal))
        found = trace_of(rows.of_trace(entry.trace_id))
        self._tries[entry.trace_id] = self._tries.get(entry.trace_id, 0) + 1
        if found is None:
            queue.failed(entry, f"its calls are no longer in the journal {queue.journal.name}")
            return
        trace = out_trace(*found)
        # What arrives is what is there to be sent, also when the count was made with more at hand.
        self._expected[entry.trace_id] = len(trace.spans)
        self.store.write(trace)

    def _acknowledge(self, done: list[tuple[Queue, Entry]]) -> None:
        by_queue: dict[Path, list[Entry]] = {}
        for queue, entry in done:
            self._tries.pop(entry.trace_id, None)
            self._expected.pop(entry.trace_id, None)
            if self.store is not None:
                entry.page = self.store.page_of(entry.trace_id)
            by_queue.setdefault(queue.path, []).append(entry)
        for path, entries in by_queue.items():
            self._queues[path].exported(entries)

    def _account(self, missing: list[tuple[Queue, Entry]], *, others_went: bool) -> None:
        """Tell why traces did not arrive; those that never do while others go through are given up."""
        assert self.store is not None
        self.store.check()
        why, stuck = reason_of(self.store.complaint or "the store did not keep it", self.target)
        self._failures += 1
        for queue, entry in missing:
            if others_went and self._tries.get(entry.trace_id, 0) >= _MOST_TRIES:
                queue.failed(entry, why)
                self._tries.pop(entry.trace_id, None)
        self._tell(why, stuck=stuck)

    # ── the queues ────────────────────────────────────────────────────────

    def _pending(self) -> list[tuple[Queue, Entry]]:
        for path in queues_in(self.folder):
            if path not in self._queues:
                self._queues[path] = Queue(path)
        found = []
        for queue in self._queues.values():
            queue.refresh()
            found += [(queue, entry) for entry in queue.pending(self.target)]
        return sorted(found, key=lambda pair: pair[1].asked_ns)

    def _tell(self, why: str, *, stuck: bool) -> None:
        for queue in {queue.path: queue for queue, _ in self._pending()}.values():
            known = queue.troubles.get(self.target)
            if known is None or (known.why, known.stuck) != (why, stuck):
                queue.trouble(self.target, why, stuck=stuck)

    def _alone(self) -> bool:
        return os.getppid() != self._kernel


def lock(place: Path) -> int | None:
    """Take the right to be the one process that stores this; None if another one has it."""
    file = os.open(place.with_name(f"{place.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return None
    return file


def main() -> int:
    """Run the process."""
    folder = Path(sys.argv[1])
    given = json.loads(os.environ.pop(VARIABLE))
    target = Target(given["uri"], given["experiment"], given["full_uri"])
    # The cell that runs goes first.
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)
    held = lock(folder / target.key)
    if held is None:
        return 0
    worker = Worker(folder, target)
    try:
        worker.run()
    finally:
        os.close(held)
    return 0


if __name__ == "__main__":
    sys.exit(main())
