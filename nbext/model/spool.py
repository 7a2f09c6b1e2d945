"""Attempts as frames of raw bytes: written while the user's call returns, read into a journal later.

A frame is a length, a checksum, and a tuple of plain values in the interpreter's own serialisation,
`marshal`, in a version that every Python reads. Making one costs a few microseconds, where JSON costs
ten times that and a line of the journal a parse of both bodies. Frames lie in a folder that nobody
but this user can write to (`is_private`), and are read from no other.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import os
import stat
import struct
import sys
import tempfile
import zlib
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

# Length and CRC-32 of the content.
HEAD = struct.Struct("<QI")

# Plain values of any Python since 2.5, and no look for repeated ones.
_VERSION = 2

_FIELDS = tuple(sorted(Attempt.__slots__))
_values = attrgetter(*_FIELDS)


def content_of(attempt: Attempt) -> bytes:
    """Give the content of the frame of an attempt that has ended."""
    values = _values(attempt)
    try:
        return marshal.dumps(values, _VERSION)
    except ValueError:
        # A value of a type of the user's, such as a kind of str.
        return marshal.dumps(tuple(map(_plain, values)), _VERSION)


def head_of(content: bytes) -> bytes:
    """Give what stands before the content in a frame."""
    return HEAD.pack(len(content), zlib.crc32(content))


def attempts_in(data: bytes) -> Iterator[Attempt]:
    """Give the attempts of whole frames, up to a length of zero or the end."""
    place = 0
    while place + HEAD.size <= len(data):
        length, checksum = HEAD.unpack_from(data, place)
        start = place + HEAD.size
        content = data[start : start + length]
        # Half written by a killed kernel, or emptied by a living one while it was read.
        if not length or len(content) < length or zlib.crc32(content) != checksum:
            return
        try:
            values = marshal.loads(content)
        except (ValueError, EOFError, TypeError):
            return
        if not isinstance(values, tuple) or len(values) != len(_FIELDS):
            return
        yield _attempt(dict(zip(_FIELDS, values, strict=True)))
        place = start + length


def _attempt(values: dict[str, Any]) -> Attempt:
    attempt = Attempt(
        **{name: values.pop(name) for name in ("call_id", "trace_id", "method", "url", "start_ns")}
    )
    for name, value in values.items():
        setattr(attempt, name, value)
    return attempt


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    if isinstance(value, list):
        return list(map(_plain, value))
    return json.loads(json.dumps(value, default=str))


def is_private(folder: Path) -> bool:
    """Tell whether a folder is this user's, and nobody else can look into it or write to it."""
    if sys.platform == "win32":
        return True
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077


def places(journal: Path) -> list[Path]:
    """Give where the frames of a journal may wait, best first: memory of the machine before its disk.

    Frames hold bodies as they were sent, keys and all, so they do not belong beside the notebook,
    where folders are synchronised and committed.
    """
    name = f"{hashlib.sha256(str(journal.absolute()).encode()).hexdigest()[:32]}.spool"
    user = f"nbext-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    folders = [Path("/dev/shm") / user] if sys.platform == "linux" else []
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        folders.append(Path(runtime) / "nbext")
    folders.append(Path(tempfile.gettempdir()) / user)
    return [folder / name for folder in folders]
