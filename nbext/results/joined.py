"""`capture.join(table)`: every call beside what the gateway logged of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from .. import settings
from ..engines import EngineError
from ..joining import find, refreshed, together
from .joinable import awaited, capture_of, each_table, pauses, seconds_of, trace_table
from .progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    import pandas as pd

    from ..frames import Column
    from ..frames.columns.joined import JoinedRow
    from ..joining import Found
    from ..model.call import Call
    from .captured import Capture
    from .inference import InferenceTable


def join(
    calls: Any, table: Any, *, wait: str | timedelta | float | None = None, traces: Any = None
) -> Joined:
    """Look for what a gateway logged of some calls.

    Parameters
    ----------
    calls : Capture, Call, Trace, list of these
        What this kernel recorded, or `nbext.open` read.
    table : InferenceTable, str, Path, frame or list of these
        As `nbext.inference_table` takes it; several where the calls went to endpoints with a table each.
    wait : str, timedelta or number of seconds, optional
        Look again for so long, ``"10m"``, while rows are still to come, or at a path the table
        itself. Interrupting stops the waiting and keeps what was found.
    traces : str, optional
        The gateway's unified trace table, for calls that only ``traceresponse`` names. Its columns
        were not verified.

    Returns
    -------
    Joined
        As the last line of a cell it draws itself; `Joined.df` is the same as a frame.

    Raises
    ------
    TypeError
        `calls` is nothing that holds calls.
    TableError
        The table is none, or `wait` no span of time.
    EngineError
        It cannot be read.

    Examples
    --------
    >>> nbext.last.join("main.llm.support_payload", wait="10m")  # doctest: +SKIP
    """
    end = time.monotonic() + seconds_of(wait)
    capture = capture_of(calls)
    joined = Joined(capture, *(awaited(one, end) for one in each_table(table)), traces=traces)
    if wait is not None:
        joined.wait(end - time.monotonic())
    return joined


class Joined:
    """A capture whose calls have the gateway's half beside their own.

    Parameters
    ----------
    capture : Capture
        Its calls get their `Call.server`.
    *tables : InferenceTable
    traces : str, optional
        See `join`.
    """

    def __init__(self, capture: Capture, *tables: InferenceTable, traces: Any = None) -> None:
        self.capture = capture
        self.tables = list(tables)
        self._traces = [None if traces is None else trace_table(table, traces) for table in tables]
        self._found: Found | None = None
        self._failed: str | None = None
        self.look()

    @property
    def table(self) -> InferenceTable:
        """The table, or the first of several."""
        return self.tables[0]

    @property
    def found(self) -> Found:
        """Matches and counts of the last look."""
        assert self._found is not None
        return self._found

    def look(self) -> Joined:
        """Look again, in the newest version of the table. Returns itself."""
        before = self._found
        calls = [call for call in self.capture.calls if call.status != "running"]
        tables = [refreshed(table) for table in self.tables] if before is not None else self.tables
        each = [find(calls, table, traces=traces) for table, traces in zip(tables, self._traces, strict=True)]
        found = together(calls, tables, each)
        if before is not None:
            self._tell_lags(before, found)
        self.tables, self._found, self._failed = tables, found, None
        names = {table.relation.name for table in tables}
        for call in calls:
            half, known = found.halves[call.call_id], call.server
            # What a join with another table found before stays: a capture may be logged in several.
            elsewhere = known is not None and known.state == "matched" and known.table not in names
            if half.state == "matched" or not elsewhere:
                call.server = half
        self.capture.joined = found.joined
        return self

    def _tell_lags(self, before: Found, found: Found) -> None:
        """Tell the lag of new rows: they came between two looks, and their middle is what can be told."""
        then, now = before.joined.looked_ns or 0, found.joined.looked_ns or 0
        for call in self.capture.calls:
            old, new = before.halves.get(call.call_id), found.halves.get(call.call_id)
            if old is None or new is None or new.state != "matched":
                continue
            if old.state == "matched":
                new.lag_ms = old.lag_ms
            elif call.end_ns is not None:
                new.lag_ms = max(0.0, round(((then + now) / 2 - call.end_ns) / 1e6))

    def wait(self, seconds: float) -> Joined:
        """Look again and again while rows are still to come, at most so long. Returns itself."""
        end = time.monotonic() + seconds
        total = len(self.found.halves)
        progress = progress_bar(f"Waiting for rows of {self.found.joined.table}")
        try:
            for pause in pauses(end):
                if not self.found.waiting:
                    break
                if progress is not None:
                    progress(self.found.joined.matched, total)
                time.sleep(pause)
                try:
                    self.look()
                except EngineError as error:
                    # A warehouse that starts, or a table that is being rewritten, may answer next time.
                    self._failed = str(error)
        except KeyboardInterrupt:
            # What was found so far is what there is to show.
            pass
        finally:
            if progress is not None:
                progress(total, total)
        return self

    # ── what was found ────────────────────────────────────────────────────

    @property
    def calls(self) -> list[Call]:
        """The calls, each with its `Call.server`."""
        return [call for call in self.capture.calls if call.call_id in self.found.halves]

    @property
    def unmatched_calls(self) -> list[Call]:
        """Calls whose row is not here yet; `Call.server.note` says what more is known."""
        return [call for call in self.calls if self.found.halves[call.call_id].state == "pending"]

    @property
    def unmatched_rows(self) -> int:
        """Rows of the table in the time of the capture that belong to no call of it."""
        return self.found.joined.unmatched_rows or 0

    def summary(self) -> str:
        """Say in one line what was found."""
        found = self.found.joined
        total = found.matched + found.pending
        parts = [f"{found.matched:,} of {total:,} call{'s' * (total != 1)} found in {found.table}"]
        if found.keys:
            parts.append("by " + ", ".join(f"{key} {count:,}" for key, count in found.keys.items()))
        waiting = len(self.found.waiting)
        if waiting:
            parts.append(f"{waiting:,} not here yet (normal lag up to 1 h)")
        mixed = len(self.found.mixed)
        if mixed:
            parts.append(f"{mixed:,} whose rows cannot be told apart")
        if found.pending > waiting + mixed:
            parts.append(f"{found.pending - waiting - mixed:,} of which no row is to come")
        if found.unmatched_rows:
            # Not those of somebody else only: calls of this kernel that were not asked about have rows too.
            many = "row" if found.unmatched_rows == 1 else "rows"
            parts.append(f"{found.unmatched_rows:,} other {many} of that time")
        if self._failed is not None:
            parts.append(f"the last look failed: {self._failed}")
        return " · ".join(parts)

    def __repr__(self) -> str:
        return f"<Joined {self.summary()}>"

    def rows(self) -> list[JoinedRow]:
        """Give a row per call and row of the table, calls without one included."""
        from ..frames.columns.joined import JoinedRow
        from ..model.server import NOT_YET

        made = []
        for call in self.calls:
            whole = self.found.halves[call.call_id]
            if whole.state == "pending":
                made.append(JoinedRow(call, whole, whole, None, whole.note or NOT_YET))
                continue
            attempts = {attempt.number: attempt for attempt in call.attempts}
            numbers = {
                match.seen.row.id: match.attempt for match in self.found.matches.of.get(call.call_id, ())
            }
            for half in [*whole.earlier, whole]:
                number = numbers.get(half.request_id)
                attempt = attempts.get(number) if number is not None else None
                if attempt is None and len(attempts) == 1:
                    attempt = call.attempts[0]
                made.append(JoinedRow(call, whole, half, attempt, None))
        return made

    def df(self, *, columns: Sequence[str | Column] | None = None) -> pd.DataFrame:
        """Give a frame with one row per call and row of the table, by start; retries have one each.

        A call whose row is not here yet is there with ``state`` ``pending`` and a ``note``.
        """
        from ..frames.build import frame
        from ..frames.column import pick
        from ..frames.columns.joined import JOINED
        from . import accessor

        made = frame(self.rows(), pick(JOINED, columns, "joined"))
        accessor.register()
        return made

    # ── the view ──────────────────────────────────────────────────────────

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from ..display.bundle import mime_bundle

        bundle = mime_bundle(
            self.capture, max_bytes=settings.current().max_output_bytes, widget=self._widget()
        )
        return {**bundle, "text/plain": f"{self.summary()}\n\n{bundle['text/plain']}"}

    def _widget(self) -> Any:
        from ..display.hosts import host
        from ..display.view import CellView

        if host().esm is None:
            return None
        widget: Any = CellView(self.capture, max_bytes=settings.current().max_output_bytes, live=False).widget
        if widget is not None:
            widget.on_ask("look", lambda _: self._look_for(widget))
        return widget

    def _look_for(self, widget: Any) -> dict[str, Any]:
        """Look again for the page: calls that have changed are told as a delta."""
        from ..display.wire import whole_wire
        from ..display.wire_server import joined_wire

        before = {call.call_id: call.server for call in self.calls}
        self.look()
        changed = {call.call_id for call in self.calls if call.server != before.get(call.call_id)}
        wire = whole_wire(self.capture)
        spans = [
            span for span in wire["spans"] if span["id"] in changed or span.get("call", {}).get("server")
        ]
        widget.tell_delta({"now": wire.get("ms", 0), "spans": spans, "totals": wire["totals"]})
        return joined_wire(self.found.joined)

    def show(self) -> None:
        """Draw it here: the view in a notebook, the text tree elsewhere."""
        from ..display.hosts import host
        from ..display.publish import publish

        publish(
            self._repr_mimebundle_(),
            host=host(),
            display_id=f"nbext-join-{self.capture.id}-{time.time_ns():x}",
            update=False,
        )
