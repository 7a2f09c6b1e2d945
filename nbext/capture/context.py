"""Whose call is it."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recording import Recording

# Carried along by asyncio tasks and `contextvars.copy_context`; a task that outlives its cell
# keeps naming the capture it was started in.
_current: ContextVar[Recording | None] = ContextVar("nbext_recording", default=None)

# What is open now, innermost last: threads and executors start with an empty context, and their
# calls belong to the cell being executed.
recording_stack: list[Recording] = []


def current() -> Recording | None:
    """Return the recording a call made here and now belongs to."""
    recording = _current.get()
    if recording is not None:
        return recording
    return recording_stack[-1] if recording_stack else None


def enter(recording: Recording) -> None:
    """Make `recording` the one that calls of this context belong to."""
    _current.set(recording)
    recording_stack.append(recording)


def leave(recording: Recording, outer: Recording | None) -> None:
    """Close `recording`; may run in another context than `enter` did (IPython's hooks do)."""
    if recording in recording_stack:
        recording_stack.remove(recording)
    if _current.get() is recording:
        _current.set(outer)
