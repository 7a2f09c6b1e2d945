"""Reads journals back: one capture per traced cell, calls equal to those that were written."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.assemble import call_of_attempts
from ..model.call import Call
from ..model.capture import Capture
from ..model.journal_rows import call_row, row_line
from ..model.spool import attempts_in, is_private, places
from .journal_lines import Entry, entry_of, parse_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..model.attempt import Attempt
    from ..model.redact import Redactor
    from ..model.span import Span


def read(path: str | Path, *, redactor: Redactor | None = None) -> list[Capture]:
    """Read a journal, or all journals of a folder.

    A torn last line is passed over, and of a folder every line that cannot be read, with one warning
    for all. Calls that a killed kernel had finished but not yet written
    as lines are read from what it left, and written.

    Parameters
    ----------
    path : str or Path
        A ``.jsonl`` file, a ``.nbext`` folder, or a folder that has one.
    redactor : Redactor, optional
        For what a killed kernel left as it was sent. Default: the known shapes of keys.

    Returns
    -------
    list of Capture
        By start.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder, or no journal in it.
    ValueError
        It is no journal; says in which line. Of a folder only if nothing in it can be read.
    """
    path = Path(path)
    if path.is_file():
        return captures_of(_entries(path, redactor))
    troubles: list[str] = []
    entries: list[Entry] = []
    for file in _files(path):
        entries += _readable_entries(file, redactor, troubles.append)
    if troubles and not entries:
        raise ValueError(troubles[0])
    if troubles:
        more = f" ({len(troubles) - 1} more like it)" if len(troubles) > 1 else ""
        warnings.warn(
            f"nbext passed over a line of a journal in {path}: {troubles[0]}{more}. All else was read.",
            stacklevel=2,
        )
    return captures_of(entries)


def settle(folder: str | Path, *, redactor: Redactor | None = None) -> int:
    """Write the lines of calls that killed kernels left behind; give the number of journals looked at.

    Parameters
    ----------
    folder : str or Path
        A ``.nbext`` folder, or a folder that has one. Nothing happens where there is none.
    redactor : Redactor, optional
        See `read`.
    """
    folder = Path(folder)
    files = sorted((folder if folder.name == ".nbext" else folder / ".nbext").glob("*.jsonl"))
    for file in files:
        if any(place.is_file() for place in places(file)):
            # Nobody reads them now who could be told of a broken line.
            _readable_entries(file, redactor, lambda _: None)
    return len(files)


def captures_of(entries: Iterable[Entry]) -> list[Capture]:
    """Make captures of entries; of two of one call the later one holds."""
    calls: dict[str, dict[str, Call]] = {}
    spans: dict[str, dict[str, Span]] = {}
    heads: dict[str, dict[str, Any]] = {}
    for entry in entries:
        heads.setdefault(entry.capture_id, {}).update(entry.head)
        held = entry.held
        if isinstance(held, Call):
            calls.setdefault(entry.capture_id, {})[held.call_id] = held
        else:
            spans.setdefault(entry.capture_id, {})[held.id] = held
    captures = [
        _capture(capture_id, head, calls.get(capture_id, {}), spans.get(capture_id, {}))
        for capture_id, head in heads.items()
    ]
    return sorted(captures, key=lambda capture: capture.start_ns)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}; expected a journal file or its folder")
    folder = path / ".nbext" if (path / ".nbext").is_dir() else path
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"there is no journal (*.jsonl) in {folder}")
    return files


def _entries(
    file: Path, redactor: Redactor | None, trouble: Callable[[str], None] | None = None
) -> list[Entry]:
    """Read a journal, and the calls whose frames wait for their line."""
    entries = list(parse_lines(file.read_bytes(), file.name, trouble))
    for place in places(file):
        if place.is_file() and is_private(place.parent):
            rows = _left_over(place, entries, redactor)
            entries += map(entry_of, rows)
            _take_over(place, file, rows)
    return entries


def _readable_entries(file: Path, redactor: Redactor | None, trouble: Callable[[str], None]) -> list[Entry]:
    try:
        return _entries(file, redactor, trouble)
    except OSError as error:
        trouble(f"{file.name}: {error.strerror or error}")
        return []


def _left_over(place: Path, entries: list[Entry], redactor: Redactor | None) -> list[dict[str, Any]]:
    """Make the rows of the calls whose frames wait, as far as they are not in the journal."""
    waiting: dict[str, list[Attempt]] = {}
    for attempt in attempts_in(place.read_bytes()):
        waiting.setdefault(attempt.call_id, []).append(attempt)
    calls = [entry.held for entry in entries if isinstance(entry.held, Call)]
    known = {call.call_id: len(call.attempts) for call in calls}
    heads = {entry.capture_id: entry.head for entry in entries}
    rows = []
    for call_id, attempts in waiting.items():
        if known.get(call_id, 0) >= len(attempts):
            continue
        call = call_of_attempts(attempts, redactor=redactor)
        first = attempts[0]
        head: dict[str, Any] = {
            "capture_name": first.capture_name,
            "capture_start_ns": first.capture_start_ns,
            "cell": first.cell,
            **heads.get(call.capture_id or "", {}),
        }
        call.cell = head["cell"]
        rows.append(call_row(call) | {"capture_id": call.capture_id} | head)
    return rows


def _take_over(place: Path, file: Path, rows: list[dict[str, Any]]) -> None:
    """Write the lines of a kernel that is gone and remove its frames."""
    if not _left_behind(place):
        return
    try:
        if rows:
            _append(file, b"".join(map(row_line, rows)))
    except OSError:
        # A read-only copy: the frames stay for whoever may write.
        return
    place.unlink(missing_ok=True)


def _append(file: Path, lines: bytes) -> None:
    with file.open("r+b") as journal:
        data = journal.read()
        end = data.rfind(b"\n") + 1
        try:
            json.loads(data[end:] or b"null")
        except (ValueError, RecursionError):
            # The kernel was killed as it wrote it. In the middle of the file it would spoil the reading.
            journal.seek(end)
            journal.truncate()
        else:
            lines = b"\n" + lines if data[end:] else lines
        journal.write(lines)


def _left_behind(place: Path) -> bool:
    """Tell whether the kernel that wrote these frames is gone: it held a lock while it lived."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        with place.open("rb") as frames:
            fcntl.flock(frames, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _capture(
    capture_id: str, head: dict[str, Any], calls: dict[str, Call], spans: dict[str, Span]
) -> Capture:
    capture = Capture.of_calls(
        calls.values(),
        id=capture_id,
        start_ns=head.get("capture_start_ns"),
        name=head.get("capture_name"),
        cell=head.get("cell"),
    )
    capture.app_spans = list(spans.values())
    starts = [span.start_ns for span in capture.app_spans]
    if starts and not calls and head.get("capture_start_ns") is None:
        capture.start_ns = min(starts)
    ends = [span.end_ns for span in capture.app_spans if span.end_ns is not None]
    capture.end_ns = max([capture.end_ns or capture.start_ns, *ends])
    return capture
