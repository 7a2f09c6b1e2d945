"""Reads journals back: one capture per traced cell, calls equal to those that were written."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.assemble import call_of_attempts
from ..model.capture import Capture
from ..model.journal_rows import call_row, row_call, row_line, row_span
from ..model.spool import attempts_in, is_private, places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model.attempt import Attempt
    from ..model.call import Call
    from ..model.redact import Redactor
    from ..model.span import Span


def read(path: str | Path, *, redactor: Redactor | None = None) -> list[Capture]:
    """Read a journal, or all journals of a folder.

    A torn last line is passed over. Calls that a killed kernel had finished but not yet written
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
        It is no journal; says in which line.
    """
    path = Path(path)
    rows = [row for file in _files(path) for row in _with_left_over(file, _rows(file), redactor)]
    return captures_of(rows)


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
            _with_left_over(file, _rows(file), redactor)
    return len(files)


def captures_of(rows: Iterable[dict[str, Any]]) -> list[Capture]:
    """Make captures of rows; of two rows of one call the later one holds."""
    calls: dict[str, dict[str, Call]] = {}
    spans: dict[str, dict[str, Span]] = {}
    heads: dict[str, dict[str, Any]] = {}
    for row in rows:
        capture_id = (
            row.get("capture_id") or (row.get("client") or {}).get("capture_id") or row["trace_id"][:16]
        )
        head = heads.setdefault(capture_id, {})
        head.update(
            {
                key: row[key]
                for key in ("capture_name", "capture_start_ns", "cell")
                if row.get(key) is not None
            }
        )
        if row.get("kind") == "span":
            span = row_span(row)
            spans.setdefault(capture_id, {})[span.id] = span
        else:
            call = row_call(row)
            calls.setdefault(capture_id, {})[call.call_id] = call
    captures = [
        _capture(capture_id, head, calls.get(capture_id, {}), spans.get(capture_id, {}))
        for capture_id, head in heads.items()
    ]
    return sorted(captures, key=lambda capture: capture.start_ns)


def parse_lines(data: bytes, name: str) -> Iterator[dict[str, Any]]:
    """Give the rows of a journal's bytes.

    Raises
    ------
    ValueError
        A line, other than a torn last one, is no row of ours; names it.
    """
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            if number == len(lines):
                return
            raise ValueError(f"{name}, line {number}: expected a JSON object, got {_start(line)}") from None
        if not isinstance(row, dict) or row.get("kind") not in ("call", "span"):
            raise ValueError(
                f"{name}, line {number}: expected a call or a span of an nbext journal, got {_start(line)}"
            )
        yield row


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}; expected a journal file or its folder")
    folder = path / ".nbext" if (path / ".nbext").is_dir() else path
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise FileNotFoundError(f"there is no journal (*.jsonl) in {folder}")
    return files


def _rows(file: Path) -> list[dict[str, Any]]:
    return list(parse_lines(file.read_bytes(), file.name))


def _with_left_over(
    file: Path, rows: list[dict[str, Any]], redactor: Redactor | None
) -> list[dict[str, Any]]:
    """Add the calls whose frames wait for their line; write the lines if nobody else will."""
    for place in places(file):
        if not (place.is_file() and is_private(place.parent)):
            continue
        waiting: dict[str, list[Attempt]] = {}
        for attempt in attempts_in(place.read_bytes()):
            waiting.setdefault(attempt.call_id, []).append(attempt)
        known = {row.get("call_id"): len(row.get("client", {}).get("attempts", ())) for row in rows}
        names = {row.get("capture_id"): row for row in rows}
        new = []
        for call_id, attempts in waiting.items():
            if known.get(call_id, 0) >= len(attempts):
                continue
            call = call_of_attempts(attempts, redactor=redactor)
            like = names.get(call.capture_id, {})
            call.cell = like.get("cell")
            new.append(
                call_row(call)
                | {"capture_id": call.capture_id, "cell": call.cell}
                | {key: like.get(key) for key in ("capture_name", "capture_start_ns")}
            )
        rows = rows + new
        _take_over(place, file, new)
    return rows


def _take_over(place: Path, file: Path, rows: list[dict[str, Any]]) -> None:
    """Write the lines of a kernel that is gone and remove its frames."""
    if not _left_behind(place):
        return
    try:
        with file.open("r+b") as journal:
            end = journal.seek(0, os.SEEK_END)
            if end:
                journal.seek(end - 1)
                if journal.read(1) != b"\n":
                    journal.write(b"\n")
            journal.write(b"".join(map(row_line, rows)))
    except OSError:
        # A read-only copy: the frames stay for whoever may write.
        return
    place.unlink(missing_ok=True)


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


def _start(line: bytes) -> str:
    text = line[:60].decode("utf-8", "replace")
    return repr(text + ("…" if len(line) > 60 else ""))
