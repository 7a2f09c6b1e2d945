"""Raw attempts that wait for their line in the journal, kept where a killed kernel leaves them behind."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import TYPE_CHECKING

from ..model.spool import Sent, frame_of, places, sent_part
from .frame_file import FrameFile

if TYPE_CHECKING:
    from pathlib import Path

    from ..model.attempt import Attempt

# Copying a body this large takes longer than the user's call may wait for us.
_LARGEST = 8_000_000


class Spool:
    """A file of frames, emptied whenever none of its calls waits any more.

    It is best effort: where it cannot be written, calls are only in memory until they are appended.

    Parameters
    ----------
    journal : Path
        The journal the frames belong to.
    """

    def __init__(self, journal: Path) -> None:
        self._places = places(journal)
        self._file: FrameFile | None = None
        self._left: list[Path] = []
        self._waiting: dict[str, None] = {}
        self._lock = threading.RLock()
        # A call may end in the garbage collector, in the middle of these very methods.
        self._busy = False
        self._late: list[Attempt] = []
        # Of attempts under way.
        self._sent: dict[Attempt, Sent] = {}
        _spools.add(self)

    def open(self) -> bool:
        """Make the file, if it is not there; tell whether there is one."""
        with self._lock:
            while self._file is None and self._places:
                with contextlib.suppress(OSError):
                    self._file = FrameFile(self._places.pop(0))
            return self._file is not None

    def prepare(self, attempt: Attempt) -> None:
        """Make what can be made of the frame of an attempt whose answer is on its way."""
        if len(attempt.request_body) <= _LARGEST:
            self._sent[attempt] = sent_part(attempt)

    def put(self, attempt: Attempt) -> None:
        """Write the frame of an attempt that has ended."""
        with self._lock:
            if self._busy:
                self._late.append(attempt)
                return
            self._busy = True
            try:
                while True:
                    sent = self._sent.pop(attempt, None)
                    if sum(map(len, attempt.pieces)) + len(attempt.request_body) <= _LARGEST:
                        self._add(attempt.call_id, frame_of(attempt, sent))
                    if not self._late:
                        break
                    attempt = self._late.pop(0)
            finally:
                self._busy = False

    def settle(self, call_id: str) -> None:
        """Forget the frames of a call: its line is written."""
        with self._lock:
            self._waiting.pop(call_id, None)
            if not self._waiting and not self._busy:
                self._clear()

    def close(self) -> None:
        """Remove the file."""
        with self._lock:
            self._places = []
            self._sent.clear()
            self._clear()
            if self._file is not None:
                self._file.close()
                self._file.path.unlink(missing_ok=True)
                self._file = None

    def forked(self) -> None:
        """Leave the file to the parent: both would write into the same memory."""
        self._lock = threading.RLock()
        self._places, self._file, self._left = [], None, []

    def _clear(self) -> None:
        if self._file is not None:
            self._file.clear()
        while self._left:
            self._left.pop().unlink(missing_ok=True)

    def _add(self, call_id: str, frame: bytes) -> None:
        while self._file is not None or self.open():
            assert self._file is not None
            try:
                if self._file.put(frame):
                    self._waiting[call_id] = None
                return
            except OSError:
                # Full. What is in it stays readable; the next frames go elsewhere.
                self._file.close()
                self._left.append(self._file.path)
                self._file = None


_spools: weakref.WeakSet[Spool] = weakref.WeakSet()


def _forked() -> None:
    for spool in list(_spools):
        spool.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
