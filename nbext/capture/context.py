"""Whose call is it."""

from __future__ import annotations

import asyncio
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextvars import Context

    from .recording import Recording

# Carried along by asyncio tasks and `contextvars.copy_context`; a task that outlives its cell
# keeps naming the capture it was started in.
_current: ContextVar[Recording | None] = ContextVar("nbext_recording", default=None)

# What is open now, innermost last: threads and executors start with an empty context, and their
# calls belong to the cell being executed.
recording_stack: list[Recording] = []

Flow = tuple[int, int | None]


def task() -> Any:
    """Return the asyncio task running now, or None."""
    # Asked first, as `current_task` raises where no loop runs, which takes ten times as long.
    return None if asyncio._get_running_loop() is None else asyncio.current_task()


def flow() -> Flow:
    """Name the thread and the task running now."""
    running = task()
    return threading.get_ident(), None if running is None else id(running)


def current() -> Recording | None:
    """Return the recording a call made here and now belongs to."""
    recording = _current.get()
    # A kernel may run its cells in one context and close a capture from another, so that the name of
    # a closed capture stays behind where it was opened. There it means nothing any more; in a task or
    # thread started from there it still tells whose call it is.
    if recording is None or (recording.closed and recording.flow == flow()):
        return recording_stack[-1] if recording_stack else None
    return recording


def named_in(other: Context) -> Recording | None:
    """Return the recording that another context names."""
    return other.get(_current)


def enter(recording: Recording, *, alone: bool = False) -> Recording | None:
    """Make `recording` the one that calls of this context belong to; return the one before.

    Unless it is `alone`, calls of threads that started with an empty context are its own, too.
    """
    outer = _current.get()
    _current.set(recording)
    if not alone:
        recording_stack.append(recording)
    return outer


def leave(recording: Recording, outer: Recording | None) -> None:
    """Close `recording`; may run in another context than `enter` did (IPython's hooks do)."""
    if recording in recording_stack:
        recording_stack.remove(recording)
    if _current.get() is recording:
        _current.set(outer)
