"""A file of frames mapped into memory: what was put into it is there when the process is killed."""

from __future__ import annotations

import contextlib
import mmap
import os
import sys
import time
from typing import TYPE_CHECKING

from ..model.spool import HEAD, is_private

if TYPE_CHECKING:
    from pathlib import Path

_FIRST_SIZE = 1 << 20
# Beyond this much waiting, the writer is far behind and memory is better left to the user.
_LARGEST_SIZE = 256 << 20
_KEPT_SECONDS = 14 * 24 * 3600
_NOTHING = bytes(HEAD.size)


class FrameFile:
    """Frames one behind the other; a length of zero ends them.

    It is mapped into memory: a frame put in costs a copy. A system call would cost several times
    that, and let other threads take the interpreter from the user's.

    Parameters
    ----------
    path : Path
        In a folder of its own that nobody else can look into; both are made.

    Raises
    ------
    OSError
        It cannot be made there, its place is full, or somebody else holds it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not is_private(path.parent):
            raise PermissionError(f"{path.parent} is not private to this user")
        self._file = _open_locked(path)
        try:
            self._map = self._mapped(_FIRST_SIZE)
        except (OSError, ValueError) as error:
            os.close(self._file)
            raise error if isinstance(error, OSError) else OSError(str(error)) from error
        self._end = 0
        _sweep(path.parent)

    def put(self, frame: bytes) -> bool:
        """Add a frame; False where there is no room for it.

        Raises
        ------
        OSError
            The place is full.
        """
        # A checksum tells a frame that a killed process left half written, so one copy will do. Behind
        # it there are zeros already.
        end = self._end
        after = end + len(frame)
        if after > len(self._map) and not self._grow(after):
            return False
        self._map[end:after] = frame
        self._end = after
        return True

    def clear(self) -> None:
        """Take all frames away, and out of memory."""
        if not self._end:
            return
        end, self._end = self._end, 0
        self._map[: HEAD.size] = _NOTHING
        if len(self._map) > _FIRST_SIZE:
            self._map.close()
            os.ftruncate(self._file, _FIRST_SIZE)
            self._map = self._mapped(_FIRST_SIZE)
            end = min(end, _FIRST_SIZE)
        self._map[:end] = bytes(end)

    def close(self) -> None:
        """Let go of the file; what is in it stays."""
        self._map.close()
        os.close(self._file)

    def _grow(self, needed: int) -> bool:
        if needed > _LARGEST_SIZE:
            return False
        size = len(self._map)
        while size < needed:
            size *= 2
        grown = self._mapped(size)
        self._map.close()
        self._map = grown
        return True

    def _mapped(self, size: int) -> mmap.mmap:
        # Written and not only set in length: a page without room ends the process when it is touched.
        zeros = memoryview(bytes(_FIRST_SIZE))
        before = os.lseek(self._file, 0, os.SEEK_END)
        try:
            while (missing := size - os.lseek(self._file, 0, os.SEEK_END)) > 0:
                os.write(self._file, zeros[:missing])
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, before)
            raise
        if sys.platform != "linux":
            return mmap.mmap(self._file, size)
        # Its pages at once: else each one's first use stops the user's call.
        return mmap.mmap(self._file, size, mmap.MAP_SHARED | mmap.MAP_POPULATE)


def _open_locked(path: Path) -> int:
    """Open a file and hold a lock on it for as long as this process lives.

    The lock tells a reader whose frames are left over.

    Raises
    ------
    OSError
        It cannot be made, or somebody else has just locked or removed it.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
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
            old = time.time() - os.fstat(file.fileno()).st_mtime > _KEPT_SECONDS
            if old or not any(file.read(HEAD.size)):
                path.unlink()
