"""Attempts as frames of raw bytes: written while the user's call returns, read into a journal later.

A frame is a length, a JSON head with the small fields, then request body, arrival times and pieces
as they are. Making one costs microseconds, where a line of the journal costs a parse of both bodies.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import sys
import tempfile
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterator

# Length of all that follows, of the head, of the request body; number of pieces.
_HEAD = struct.Struct("<QIQI")

_SMALL = (
    "call_id",
    "trace_id",
    "parent_span_id",
    "capture_id",
    "number",
    "library",
    "method",
    "url",
    "request_headers",
    "response_headers",
    "decoded",
    "streamed",
    "start_ns",
    "headers_ns",
    "end_ns",
    "status_code",
    "error",
    "outcome",
    "retry_count",
    "thread",
    "task",
    "inner_retries",
)

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str).encode


def frame_of(attempt: Attempt) -> bytes:
    """Give the frame of an attempt that has ended."""
    head = _encode([getattr(attempt, name) for name in _SMALL]).encode()
    body, pieces = attempt.request_body, attempt.pieces
    times = array("q", attempt.piece_ns).tobytes()
    sizes = array("q", map(len, pieces)).tobytes()
    content = b"".join((head, body, times, sizes, *pieces))
    return _HEAD.pack(len(content), len(head), len(body), len(pieces)) + content


def attempts_in(data: bytes) -> Iterator[Attempt]:
    """Give the attempts of whole frames; what a killed process left half written is passed over."""
    place = 0
    while place + _HEAD.size <= len(data):
        length, head_length, body_length, count = _HEAD.unpack_from(data, place)
        start = place + _HEAD.size
        if start + length > len(data):
            return
        yield _attempt(data[start : start + length], head_length, body_length, count)
        place = start + length


def _attempt(content: bytes, head_length: int, body_length: int, count: int) -> Attempt:
    values: dict[str, Any] = dict(zip(_SMALL, json.loads(content[:head_length]), strict=True))
    attempt = Attempt(
        **{name: values.pop(name) for name in ("call_id", "trace_id", "method", "url", "start_ns")}
    )
    for name, value in values.items():
        setattr(attempt, name, value)
    attempt.error = None if attempt.error is None else (attempt.error[0], attempt.error[1])
    attempt.inner_retries = [(status, text) for status, text in attempt.inner_retries]
    place = head_length + body_length
    attempt.request_body = content[head_length:place]
    width = 8 * count
    attempt.piece_ns = array("q", content[place : place + width]).tolist()
    sizes = array("q", content[place + width : place + 2 * width])
    place += 2 * width
    for size in sizes:
        attempt.pieces.append(content[place : place + size])
        place += size
    return attempt


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
