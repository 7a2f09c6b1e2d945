"""Raw attempts that wait for their line in the journal, kept where a killed kernel leaves them behind."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
import time
from typing import TYPE_CHECKING

from ..model.spool import frame_of, places

if TYPE_CHECKING:
    from pathlib import Path

    from ..model.attempt import Attempt

# Copying a body this large takes longer than the user's call may wait for us.
_LARGEST = 8_000_000
_KEPT_SECONDS = 14 * 24 * 3600


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
        self._path: Path | None = None
        self._left: list[Path] = []
        self._file: int | None = None
        self._waiting: dict[str, None] = {}
        self._lock = threading.RLock()
        # A call may end in the garbage collector, in the middle of these very methods.
        self._busy = False
        self._late: list[Attempt] = []

    def put(self, attempt: Attempt) -> None:
        """Write the frame of an attempt that has ended."""
        with self._lock:
            self._late.append(attempt)
            self._work()

    def settle(self, call_id: str) -> None:
        """Forget the frames of a call: its line is written."""
        with self._lock:
            self._waiting.pop(call_id, None)
            self._work()

    def close(self) -> None:
        """Remove the file."""
        with self._lock:
            self._places = []
            if self._file is not None:
                os.close(self._file)
                self._file = None
            for path in (self._path, *self._left):
                if path is not None:
                    path.unlink(missing_ok=True)

    def _work(self) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            while self._late:
                self._put(self._late.pop(0))
            if not self._waiting:
                self._clear()
        finally:
            self._busy = False
        if self._late:
            self._work()

    def _clear(self) -> None:
        if self._file is not None and os.fstat(self._file).st_size:
            os.ftruncate(self._file, 0)
        while self._left:
            self._left.pop().unlink(missing_ok=True)

    def _put(self, attempt: Attempt) -> None:
        if sum(map(len, attempt.pieces)) + len(attempt.request_body) > _LARGEST:
            return
        frame = frame_of(attempt)
        while self._file is not None or self._open():
            if self._write(frame):
                self._waiting[attempt.call_id] = None
                return
            self._leave()

    def _write(self, frame: bytes) -> bool:
        file = self._file
        assert file is not None
        try:
            written = os.write(file, frame)
        except OSError:
            return False
        if written != len(frame):
            # A full place takes a part, which must not stand in the way of the frames before it.
            with contextlib.suppress(OSError):
                os.ftruncate(file, os.fstat(file).st_size - written)
            return False
        return True

    def _open(self) -> bool:
        while self._places:
            path = self._places.pop(0)
            try:
                _private(path.parent)
                self._file = _open_locked(path)
            except OSError:
                continue
            self._path = path
            _sweep(path.parent)
            return True
        return False

    def _leave(self) -> None:
        """Go elsewhere with the next frames: this place is full. What is in it stays readable."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._path is not None:
            self._left.append(self._path)


def _private(folder: Path) -> None:
    """Make a folder only we can look into, and refuse one that somebody else has put there.

    Raises
    ------
    OSError
        It is not ours alone.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    if sys.platform == "win32":
        return
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(f"{folder} is not private to this user")


def _open_locked(path: Path) -> int:
    """Open a file and hold a lock on it for as long as this process lives.

    The lock tells a reader whose frames are left over.

    Raises
    ------
    OSError
        It cannot be made, or somebody else has just locked or removed it.
    """
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.stat().st_ino != os.fstat(file).st_ino:
                raise FileNotFoundError(f"{path} was removed")
    except OSError:
        os.close(file)
        raise
    return file


def _sweep(folder: Path) -> None:
    """Remove what kernels that are gone left empty, or left so long ago that nobody asks for it."""
    if sys.platform == "win32":
        return
    import fcntl

    for path in folder.glob("*.spool"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            status = os.fstat(file.fileno())
            if not status.st_size or time.time() - status.st_mtime > _KEPT_SECONDS:
                path.unlink()
