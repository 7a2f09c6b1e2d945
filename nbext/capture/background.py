"""Tasks that a capture's code began and that outlive it: their calls are still its own."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from . import context

if TYPE_CHECKING:
    from collections.abc import Callable

    from .recording import Recording


class Background:
    """The tasks of the loop that runs where a recording is opened.

    Parameters
    ----------
    recording : Recording
        About to be opened.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        # Before Python 3.12 a task does not tell its context: what was not there yet was begun since.
        self._before: WeakSet[Any] = WeakSet(() if sys.version_info >= (3, 12) else _tasks())
        self._left = 0
        self._lock = threading.Lock()

    def when_done(self, then: Callable[[], None]) -> None:
        """Call once none of the recording's tasks is left, which may be at once."""
        left = [task for task in _tasks() if self._is_ours(task)]
        if not left:
            then()
            return
        self._left = len(left)

        def done(_: Any) -> None:
            with self._lock:
                self._left -= 1
                last = self._left == 0
            if last:
                self._recording.guarded(then)

        for task in left:
            task.add_done_callback(done)

    def _is_ours(self, task: Any) -> bool:
        # The task that closes the recording is the one that the cell or block is in.
        if task.done() or task is context.task():
            return False
        if sys.version_info >= (3, 12):
            return context.named_in(task.get_context()) is self._recording
        return task not in self._before


def _tasks() -> set[Any]:
    loop = asyncio._get_running_loop()
    return set() if loop is None else asyncio.all_tasks(loop)
