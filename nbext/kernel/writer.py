"""Work that must not wait on the user's call path: one thread that does it soon, in order."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# What is left when Python exits is still written, for no longer than this.
_EXIT_SECONDS = 10.0
# Awake, the thread takes the interpreter from the calls that are made. So it waits until nothing has
# been put for so long, …
_PAUSE_SECONDS = 0.15
# … but no longer than this.
_PATIENCE_SECONDS = 1.0


class Writer:
    """Runs small jobs one after the other on a thread of its own."""

    def __init__(self) -> None:
        # Jobs also come from the garbage collector, in the middle of anything: this queue alone may be
        # entered again by the thread that is inside it.
        self._jobs: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._hurry = threading.Event()
        self._lock = threading.Lock()
        self._started = False
        self._known_to_system = False
        self.failures = 0

    def start(self) -> None:
        """Start the thread; a second time does nothing."""
        with self._lock:
            if self._started:
                return
            self._started = True
            threading.Thread(
                target=self._run, args=(self._jobs, self._hurry), name="nbext-writer", daemon=True
            ).start()
            if not self._known_to_system:
                self._known_to_system = True
                atexit.register(self.drain, _EXIT_SECONDS)
                if hasattr(os, "register_at_fork"):
                    os.register_at_fork(after_in_child=self._forked)

    def put(self, job: Callable[[], object]) -> None:
        """Take in a job; returns at once, on any thread."""
        self._jobs.put(job)

    @property
    def waiting(self) -> int:
        """Jobs not yet begun."""
        return self._jobs.qsize()

    def drain(self, seconds: float) -> bool:
        """Wait until all that was put before is done; False when that takes longer than `seconds`."""
        if not self._started:
            return True
        done = threading.Event()
        self._jobs.put(done.set)
        self._hurry.set()
        return done.wait(seconds)

    def _forked(self) -> None:
        """Start anew in a forked child, which has neither the thread nor a use for the parent's jobs."""
        self._lock = threading.Lock()
        self._jobs = SimpleQueue()
        self._hurry = threading.Event()
        self._started = False
        self.start()

    def _run(self, jobs: SimpleQueue[Callable[[], object]], hurry: threading.Event) -> None:
        while True:
            job = jobs.get()
            _wait_for_pause(jobs, hurry)
            # Before the queue is emptied: who is in a hurry from here on says so again.
            hurry.clear()
            with contextlib.suppress(Empty):
                while True:
                    self._do(job)
                    # Lets a thread that waits for the interpreter have it.
                    time.sleep(0)
                    job = jobs.get_nowait()

    def _do(self, job: Callable[[], object]) -> None:
        try:
            job()
        except Exception:  # the thread must outlive any one job; who put it reports its failures
            self.failures += 1


def _wait_for_pause(jobs: SimpleQueue[Callable[[], object]], hurry: threading.Event) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    before = jobs.qsize()
    while not hurry.wait(_PAUSE_SECONDS) and time.monotonic() < end:
        now = jobs.qsize()
        if now == before:
            return
        before = now
