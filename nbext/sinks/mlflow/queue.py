"""Which traces are to be stored, and which the store has acknowledged: a file beside the journal.

Lines of JSON, only ever added to, by the kernel (what is to be stored) and by the process that
stores (what became of it). So whatever is killed, when it is read again nothing is forgotten.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from ..rows_file import append_rows
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SUFFIX = ".export"

Key = tuple[str, str, str]


@dataclass(slots=True)
class Entry:
    """A trace on its way to a store.

    ``parts`` is how many spans of it each capture has, ``theirs`` says that MLflow itself is storing
    the trace there, ``asked_ns`` is when it was last asked for, in ns since the epoch, ``page`` where
    the store shows it.
    """

    trace_id: str
    target: Target
    parts: dict[str, int]
    asked_ns: int
    theirs: bool = False
    state: Literal["pending", "exported", "failed"] = "pending"
    why: str | None = None
    page: str | None = None

    @property
    def spans(self) -> int:
        """How many spans are to be stored."""
        return sum(self.parts.values())

    @property
    def key(self) -> Key:
        """What tells it apart in its file."""
        return self.trace_id, self.target.uri, self.target.experiment


@dataclass(slots=True)
class Trouble:
    """Why a store cannot be written to at present; `stuck` if waiting does not help."""

    why: str
    stuck: bool


class Queue:
    """One kernel's queue; any number of processes may hold it open.

    Parameters
    ----------
    path : Path
        See `queue_of`. Nothing is created before the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[Key, Entry] = {}
        self.routes: dict[str, Target] = {}
        self.troubles: dict[Target, Trouble] = {}
        # How often each target's work was asked for anew.
        self.nudges: Counter[Target] = Counter()
        # Bytes read so far: grows with whatever is new.
        self.read = 0

    @property
    def journal(self) -> Path:
        """The journal that holds the rows of the traces."""
        return self.path.with_suffix(".jsonl")

    # ── written by the kernel ─────────────────────────────────────────────

    def route(self, capture_id: str, target: Target) -> None:
        """Say where the traces of a capture will go, before any is complete."""
        append_rows(self.path, [{"route": capture_id, **_where(target)}])

    def ask(self, target: Target, capture_id: str, traces: Iterable[tuple[str, int, bool]]) -> None:
        """Have traces stored, whose rows are in the journal.

        Parameters
        ----------
        traces : iterable of (str, int, bool)
            Trace id, number of spans, and whether MLflow itself stores it there.
        """
        rows = (
            {"ask": trace_id, "spans": spans, "capture": capture_id, "ns": time.time_ns(), **_where(target)}
            | ({"theirs": True} if theirs else {})
            for trace_id, spans, theirs in traces
        )
        append_rows(self.path, rows)

    def again(self, target: Target) -> None:
        """Have what failed tried again."""
        append_rows(self.path, [{"again": time.time_ns(), **_where(target)}])

    # ── written by who stores ─────────────────────────────────────────────

    def exported(self, entries: Iterable[Entry]) -> None:
        """Note that the store has them."""
        rows = (
            {"done": e.trace_id, "spans": e.spans, **_where(e.target)} | ({"page": e.page} if e.page else {})
            for e in entries
        )
        append_rows(self.path, rows)

    def failed(self, entry: Entry, why: str) -> None:
        """Note that the store does not take this one."""
        append_rows(self.path, [{"failed": entry.trace_id, "why": why, **_where(entry.target)}])

    def trouble(self, target: Target, why: str, *, stuck: bool) -> None:
        """Note why nothing goes forward."""
        append_rows(self.path, [{"trouble": why, "stuck": stuck, **_where(target)}])

    # ── read by both ──────────────────────────────────────────────────────

    def refresh(self) -> None:
        """Read what was added since the last time."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.read)
                data = file.read()
        except OSError:
            return
        end = data.rfind(b"\n") + 1
        self.read += end
        for line in data[:end].splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                # A line torn by a full disk; the next one stands on its own.
                continue
            if isinstance(row, dict) and "to" in row:
                self._take(row)

    def pending(self, target: Target | None = None) -> list[Entry]:
        """Give what is still to be stored, oldest first."""
        return [
            entry
            for entry in self.entries.values()
            if entry.state == "pending" and (target is None or entry.target == target)
        ]

    def _take(self, row: dict[str, Any]) -> None:
        target = Target(row["to"], row["experiment"])
        if "route" in row:
            self.routes[row["route"]] = target
        elif "ask" in row:
            self._take_ask(row, target)
        elif "done" in row:
            self.troubles.pop(target, None)
            entry = self.entries.get((row["done"], target.uri, target.experiment))
            if entry is not None and row["spans"] >= entry.spans:
                entry.state, entry.why, entry.page = "exported", None, row.get("page")
        elif "failed" in row:
            entry = self.entries.get((row["failed"], target.uri, target.experiment))
            if entry is not None:
                entry.state, entry.why = "failed", row["why"]
        elif "trouble" in row:
            self.troubles[target] = Trouble(row["trouble"], bool(row.get("stuck")))
        elif "again" in row:
            self.nudges[target] += 1
            self.troubles.pop(target, None)
            for entry in self.entries.values():
                if entry.target == target and entry.state == "failed":
                    entry.state, entry.why = "pending", None

    def _take_ask(self, row: dict[str, Any], target: Target) -> None:
        capture_id, spans = row.get("capture", ""), row["spans"]
        entry = Entry(row["ask"], target, {capture_id: spans}, row["ns"], bool(row.get("theirs")))
        known = self.entries.setdefault(entry.key, entry)
        if known is entry:
            return
        more = spans > known.parts.get(capture_id, 0)
        if more:
            # A trace that goes on in a later cell, a stream that ended late.
            known.parts[capture_id] = spans
        if more or known.state == "failed":
            known.theirs, known.asked_ns = entry.theirs, entry.asked_ns
            known.state, known.why = "pending", None


def queue_of(journal: Path) -> Path:
    """Give where the queue of a journal is."""
    return journal.with_suffix(SUFFIX)


def queues_in(folder: Path) -> list[Path]:
    """Give the queues of a folder of journals, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def _where(target: Target) -> dict[str, str]:
    return {"to": target.uri, "experiment": target.experiment}
