"""Exports to JSON: `.json` holds everything of the captures, `.jsonl` the rows of a journal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model.journal_rows import call_row, row_line, span_row
from ..model.serial import call_to_dict, span_to_dict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model.capture import Capture


def write(captures: Iterable[Capture], path: str | Path) -> Path:
    """Write captures to a file that `nbext.open` reads back.

    Parameters
    ----------
    captures : iterable of Capture
    path : str or Path
        Ends in ``.json`` or ``.jsonl``.

    Raises
    ------
    ValueError
        Another ending.
    OSError
        The file cannot be written.
    """
    path = Path(path)
    if path.suffix not in (".json", ".jsonl"):
        raise ValueError(f"expected a path that ends in .json or .jsonl, got {path.name!r}")
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(_lines(captures)))
    else:
        path.write_bytes(export_bytes(captures, indent=1))
    return path


def export_of(captures: Iterable[Capture]) -> dict[str, Any]:
    """Give captures as JSON values, nothing lost."""
    return {"format": "nbext", "v": 1, "captures": [_capture(capture) for capture in captures]}


def export_bytes(captures: Iterable[Capture], *, indent: int | None = None) -> bytes:
    """Give captures as the bytes of a JSON file."""
    data = export_of(captures)
    separators = None if indent else (",", ":")
    try:
        return json.dumps(
            data, ensure_ascii=False, default=repr, indent=indent, separators=separators
        ).encode()
    except UnicodeEncodeError:
        # Lone surrogates have no UTF-8, but JSON can say them in ASCII.
        return json.dumps(data, default=repr, indent=indent, separators=separators).encode()


def _capture(capture: Capture) -> dict[str, Any]:
    return {
        "id": capture.id,
        "name": capture.name,
        "cell": capture.cell,
        "start_ns": capture.start_ns,
        "end_ns": capture.end_ns,
        "tags": capture.tags,
        "other_requests": capture.other_requests,
        "failures": capture.failures,
        "first_failure": capture.first_failure,
        "calls": [call_to_dict(call) for call in capture.calls],
        "spans": [span_to_dict(span) for span in capture.app_spans],
    }


def _lines(captures: Iterable[Capture]) -> Iterable[bytes]:
    for capture in captures:
        for call in capture.calls:
            yield row_line(call_row(call, capture))
        for span in capture.app_spans:
            yield row_line(span_row(span, capture))
