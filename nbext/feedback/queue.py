"""What was said and is still to be stored: a file beside the journal.

Lines of JSON, only ever added to, by the kernel (what was said) and by the process that stores it
(what became of it): whatever is killed, nothing that was said is forgotten.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..model.serial import assessment_from_dict, assessment_to_dict
from ..sinks.rows_file import append_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ..model.assessment import Assessment

SUFFIX = ".feedback"


@dataclass(slots=True)
class Said:
    """A judgement on its way.

    ``to`` is the tracking URI, without a password, None while nobody has said where the trace goes;
    ``state`` is ``waiting``, ``stored`` or ``failed``.
    """

    id: str
    assessment: Assessment
    capture: str
    call: str
    trace: str
    span: str | None = None
    to: str | None = None
    state: str = "waiting"
    why: str | None = None


class FeedbackQueue:
    """One kernel's file; any number of processes may hold it open.

    Parameters
    ----------
    path : Path
        Nothing is created before the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.items: dict[str, Said] = {}
        # Why a store takes nothing at present, by its URI; and whether waiting does not help.
        self.troubles: dict[str, tuple[str, bool]] = {}
        # How often work was asked for anew.
        self.nudges = 0
        self._read = 0

    def say(self, said: Said) -> None:
        """Add a judgement."""
        row = {
            "say": said.id,
            "assessment": assessment_to_dict(said.assessment),
            "capture": said.capture,
            "call": said.call,
            "trace": said.trace,
            "span": said.span,
            "to": said.to,
        }
        append_rows(self.path, [row])

    def send(self, ids: Iterable[str], to: str) -> None:
        """Say where judgements go that nobody knew a place for."""
        append_rows(self.path, [{"send": one, "to": to} for one in ids])

    def stored(self, one: str) -> None:
        """Note that the store has it."""
        append_rows(self.path, [{"stored": one}])

    def failed(self, one: str, why: str) -> None:
        """Note that the store does not take it."""
        append_rows(self.path, [{"failed": one, "why": why}])

    def again(self, to: str) -> None:
        """Have what failed there tried again."""
        append_rows(self.path, [{"again": to}])

    def trouble(self, to: str, why: str, *, stuck: bool) -> None:
        """Note why nothing goes forward."""
        append_rows(self.path, [{"trouble": to, "why": why, "stuck": stuck}])

    def waiting(self, to: str | None = None) -> list[Said]:
        """Give what is still to be stored; with `to`, there."""
        return [one for one in self.items.values() if one.state == "waiting" and (to is None or one.to == to)]

    def refresh(self) -> bool:
        """Read what was added since the last time; say whether there was anything."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                data = file.read()
        except OSError:
            return False
        end = data.rfind(b"\n") + 1
        self._read += end
        for line in data[:end].splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                # Torn by a full disk; the next line stands on its own.
                continue
            if isinstance(row, dict):
                self._take(row)
        return end > 0

    def _take(self, row: dict[str, Any]) -> None:
        if "say" in row:
            one = Said(
                row["say"],
                assessment_from_dict(row["assessment"]),
                row["capture"],
                row["call"],
                row["trace"],
                row["span"],
                row["to"],
            )
            self.items.setdefault(one.id, one)
        elif "again" in row:
            self.nudges += 1
            self.troubles.pop(row["again"], None)
            for one in self.items.values():
                if one.to == row["again"] and one.state == "failed":
                    one.state, one.why = "waiting", None
        elif "trouble" in row:
            self.troubles[row["trouble"]] = (row["why"], bool(row.get("stuck")))
        else:
            self._move(row)

    def _move(self, row: dict[str, Any]) -> None:
        known = self.items.get(row.get("send") or row.get("stored") or row.get("failed") or "")
        if known is None:
            return
        if "send" in row:
            known.to = row["to"]
        elif "stored" in row:
            known.state, known.why = "stored", None
            self.troubles.pop(known.to or "", None)
        else:
            known.state, known.why = "failed", row["why"]
