"""The lines of a journal as calls and spans, and what to say of a line that is none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model.call import Call
from ..model.journal_rows import row_call, row_span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model.span import Span

_OF_CAPTURE = ("capture_name", "capture_start_ns", "cell")


@dataclass(slots=True)
class Entry:
    """A line: what it holds, in which capture, and what it tells of the capture."""

    capture_id: str
    head: dict[str, Any]
    held: Call | Span


def parse_lines(data: bytes, name: str, trouble: Callable[[str], None] | None = None) -> Iterator[Entry]:
    """Give the entries of a journal's bytes.

    Parameters
    ----------
    data : bytes
    name : str
        What to call the file.
    trouble : callable, optional
        Takes what is wrong with a line, which is then passed over.

    Raises
    ------
    ValueError
        A line, other than a torn last one, is no row of ours; names it. Not if `trouble` is given.
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
            wrong = f"expected a JSON object, got {_start(line)}"
        else:
            try:
                yield entry_of(row, line)
                continue
            except ValueError as error:
                wrong = str(error)
        wrong = f"{name}, line {number}: {wrong}"
        if trouble is None:
            raise ValueError(wrong) from None
        trouble(wrong)


def entry_of(row: Any, line: bytes = b"") -> Entry:
    """Read a row.

    Raises
    ------
    ValueError
        It is none of ours, or damaged.
    """
    if not isinstance(row, dict) or row.get("kind") not in ("call", "span"):
        raise ValueError(f"expected a call or a span of an nbext journal, got {_start(line)}")
    try:
        held = row_span(row) if row["kind"] == "span" else row_call(row)
        capture_id = (
            row.get("capture_id") or (row.get("client") or {}).get("capture_id") or held.trace_id[:16]
        )
        head = {key: row[key] for key in _OF_CAPTURE if row.get(key) is not None}
        _check(held, capture_id, head.get("capture_start_ns"))
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"the {row['kind']} is damaged ({error}), got {_start(line)}") from None
    return Entry(capture_id, head, held)


def _check(held: Call | Span, capture_id: Any, capture_start_ns: Any) -> None:
    """Refuse what captures could not be told apart by, or put in order."""
    ids = (held.call_id if isinstance(held, Call) else held.id, held.trace_id, capture_id)
    moments = (held.start_ns, *(ns for ns in (held.end_ns, capture_start_ns) if ns is not None))
    if not all(isinstance(one, str) for one in ids) or not all(isinstance(ns, int) for ns in moments):
        raise ValueError("ids are texts and times are whole nanoseconds")


def _start(line: bytes) -> str:
    text = line[:60].decode("utf-8", "replace")
    return repr(text + ("…" if len(line) > 60 else ""))
