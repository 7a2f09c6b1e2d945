"""Attempts as frames of raw bytes: written while the user's call returns, read into a journal later.

A frame is two lengths, a checksum, and two tuples of plain values in the interpreter's own
serialisation, `marshal`, in a version that every Python reads: what was sent, which can be made while
the answer is on its way, and what came. Making one costs a few microseconds, where JSON costs ten
times that and a line of the journal a parse of both bodies. Frames lie in a folder that nobody but
this user can write to (`is_private`), and are read from no other.
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

# Length of the content, length of its first part, CRC-32 of the content.
HEAD = struct.Struct("<QII")

# Plain values of any Python since 2.5, and no look for repeated ones.
_VERSION = 2

# What is known once the request is sent, and what only its answer brings.
_SENT = (
    "call_id",
    "trace_id",
    "parent_span_id",
    "capture_id",
    "capture_name",
    "capture_start_ns",
    "cell",
    "number",
    "library",
    "method",
    "url",
    "request_headers",
    "request_body",
    "streamed",
    "start_ns",
    "retry_count",
    "thread",
    "task",
)
_CAME = (
    "end_ns",
    "headers_ns",
    "status_code",
    "outcome",
    "response_headers",
    "pieces",
    "piece_ns",
    "decoded",
    "error",
    "inner_retries",
)
_sent = attrgetter(*_SENT)

# The first part of the content of a frame, and its CRC-32.
Sent = tuple[bytes, int]


def sent_part(attempt: Attempt) -> Sent:
    """Give what can be made of a frame before the answer is there."""
    values = _sent(attempt)
    try:
        content = marshal.dumps(values, _VERSION)
    except ValueError:
        content = _plainly(values)
    return content, zlib.crc32(content)


def frame_of(attempt: Attempt, sent: Sent | None = None) -> bytes:
    """Give the frame of an attempt that has ended.

    Parameters
    ----------
    attempt : Attempt
    sent : (bytes, int), optional
        What `sent_part` gave of it.
    """
    first, checksum = sent or sent_part(attempt)
    # The names as in `_CAME`, spelt out: the interpreter reads attributes faster where it knows the name.
    came = (
        attempt.end_ns,
        attempt.headers_ns,
        attempt.status_code,
        attempt.outcome,
        attempt.response_headers,
        attempt.pieces,
        attempt.piece_ns,
        attempt.decoded,
        attempt.error,
        attempt.inner_retries,
    )
    try:
        second = marshal.dumps(came, _VERSION)
    except ValueError:
        second = _plainly(came)
    length = len(first)
    return HEAD.pack(length + len(second), length, zlib.crc32(second, checksum)) + first + second


def _plainly(values: tuple[Any, ...]) -> bytes:
    # A value of a type of the user's, such as a kind of str.
    return marshal.dumps(tuple(map(_plain, values)), _VERSION)


def attempts_in(data: bytes) -> Iterator[Attempt]:
    """Give the attempts of whole frames, up to a length of zero or the end."""
    place = 0
    while place + HEAD.size <= len(data):
        length, first, checksum = HEAD.unpack_from(data, place)
        start = place + HEAD.size
        content = data[start : start + length]
        # Half written by a killed kernel, or emptied by a living one while it was read.
        if not length or len(content) < length or zlib.crc32(content) != checksum:
            return
        try:
            sent, came = marshal.loads(content[:first]), marshal.loads(content[first:])
        except (ValueError, EOFError, TypeError):
            return
        if not isinstance(sent, tuple) or not isinstance(came, tuple):
            return
        if len(sent) != len(_SENT) or len(came) != len(_CAME):
            return
        yield _attempt(dict(zip(_SENT + _CAME, sent + came, strict=True)))
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
