"""The rows of single traces out of a journal that is being written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ...model.capture import Capture
from ...model.journal_rows import row_call, row_span

if TYPE_CHECKING:
    from pathlib import Path

    from ...model.call import Call
    from ...model.span import Span, Trace

# A column of the row: inside texts, quotes stand escaped.
_TRACE = re.compile(rb'"trace_id":"([0-9a-f]{32})"')


class Rows:
    """Knows where in a journal the rows of each trace are.

    Parameters
    ----------
    path : Path
        The journal; may grow.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._read = 0

    def refresh(self) -> None:
        """Look at what was added since the last time."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    found = _TRACE.search(line)
                    if found is not None:
                        place = self._read, len(line)
                        self._places.setdefault(found.group(1).decode(), []).append(place)
                    self._read += len(line)
        except FileNotFoundError:
            return

    def of_trace(self, trace_id: str) -> list[dict[str, Any]]:
        """Give the rows of a trace, in the order they were written."""
        self.refresh()
        places = self._places.get(trace_id, [])
        if not places:
            return []
        with self.path.open("rb") as file:
            lines = [_line(file, place) for place in places]
        return [json.loads(line) for line in lines]

    def by_capture(self) -> dict[str, dict[str, int]]:
        """Count the rows of each trace of each capture: for what a killed kernel did not come to ask for."""
        self.refresh()
        found: dict[str, dict[str, int]] = {}
        for trace_id in self._places:
            for row in self.of_trace(trace_id):
                capture = found.setdefault(str(row.get("capture_id")), {})
                capture[trace_id] = capture.get(trace_id, 0) + 1
        return found


def trace_of(rows: list[dict[str, Any]]) -> tuple[Trace, Capture] | None:
    """Make the trace that the rows tell of; None for no rows."""
    calls: dict[str, Call] = {}
    spans: dict[str, Span] = {}
    for row in rows:
        if row.get("kind") == "span":
            span = row_span(row)
            spans[span.id] = span
        else:
            call = row_call(row)
            calls[call.call_id] = call
    if not rows:
        return None
    first = rows[0]
    capture = Capture.of_calls(
        calls.values(),
        id=str(first.get("capture_id") or ""),
        start_ns=first.get("capture_start_ns"),
        name=first.get("capture_name"),
        cell=first.get("cell"),
    )
    capture.app_spans = list(spans.values())
    traces = capture.traces
    # Rows are chosen by their trace id; a call inside a span of another library may name it otherwise.
    whole = traces[0]
    for other in traces[1:]:
        whole.spans.extend(other.spans)
    return whole, capture


def _line(file: Any, place: tuple[int, int]) -> bytes:
    file.seek(place[0])
    data: bytes = file.read(place[1])
    return data
