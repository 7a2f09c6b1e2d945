"""Files of JSON rows that several processes append to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def append_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Append rows in one write, so that those of another process never come in between.

    Nothing is made when there are none; the file is for this user alone.

    Raises
    ------
    OSError
        It cannot be written.
    """
    data = b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)
    if not data:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        os.write(file, data)
    finally:
        os.close(file)
