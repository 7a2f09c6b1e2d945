"""`table.overview()`: requests, errors, durations, tokens and cost of an inference table."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .. import settings
from ..sources.inference_table.columns import tags_column
from ..sources.inference_table.filters import group_sql, narrowed
from ..sources.inference_table.flavour import UNITY
from ..sources.inference_table.query import Window
from ..sources.inference_table.said import call_code

if TYPE_CHECKING:
    import pandas as pd

    from ..model.overview import Counts, Numbers
    from .inference import InferenceTable

_RANGES = (("24h", "24 hours", 1), ("7d", "7 days", 7), ("30d", "30 days", 30), ("90d", "90 days", 90))
_GIVEN = "given"
# Calls that are listed under a mark; the frame has all.
_MOST_CALLS = 500
_CALLS_BYTES = 3_000_000


@dataclass
class _Row:
    counts: Counts
    start_ns: int = 0


class Overview:
    """Numbers over an inference table. As the last line of a cell it draws itself.

    Parameters
    ----------
    table : InferenceTable
    numbers : Numbers
    days, since : optional
        What was asked for, as in `InferenceTable.overview`.
    billing : optional
        As there.

    Attributes
    ----------
    numbers : Numbers
        Everything, as plain objects.
    """

    def __init__(
        self,
        table: InferenceTable,
        numbers: Numbers,
        *,
        days: float | None = None,
        since: Any = None,
        billing: Any = None,
    ) -> None:
        self.table = table
        self.numbers = numbers
        self._days, self._since, self._billing = days, since, billing
        key = f"{table.relation.name} {days} {since} {time.time_ns()}"
        self._uid = hashlib.sha256(key.encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        from ..display.overview_static import head_facts

        return f"<Overview of {self.numbers.table}: {' · '.join(head_facts(self._wire()))}>"

    # ── frames ────────────────────────────────────────────────────────────

    @property
    def totals(self) -> pd.DataFrame:
        """All requests in one row."""
        from ..frames.columns.overview import COUNTS

        return self._frame([_Row(self.numbers.totals)], COUNTS)

    @property
    def over_time(self) -> pd.DataFrame:
        """A row for each stretch of time in which there was a request."""
        from ..frames.columns.overview import OVER_TIME

        return self._frame([_Row(counts, start) for start, counts in self.numbers.buckets], OVER_TIME)

    @property
    def by_endpoint(self) -> pd.DataFrame:
        """A row for each endpoint, the busiest first."""
        return self._groups("endpoint")

    @property
    def by_entity(self) -> pd.DataFrame:
        """A row for each served entity (route A) or destination (route B)."""
        return self._groups("entity")

    @property
    def by_requester(self) -> pd.DataFrame:
        """A row for each user or service principal."""
        return self._groups("requester")

    @property
    def by_tag(self) -> pd.DataFrame:
        """A row for each value of each tag of the callers; a request with two tags is in two rows."""
        return self._groups("tag")

    def _groups(self, grain: Any) -> pd.DataFrame:
        from ..frames.columns.overview import group_columns

        return self._frame(self.numbers.groups.get(grain, []), group_columns(grain, keyed=grain == "tag"))

    @staticmethod
    def _frame(rows: Any, columns: Any) -> pd.DataFrame:
        from ..frames.build import frame

        return frame(rows, columns)

    # ── the view ──────────────────────────────────────────────────────────

    def _wire(self) -> dict[str, Any]:
        from ..display.overview_wire import overview_wire

        return overview_wire(
            self.numbers,
            uid=self._uid,
            code=self._code(),
            ranges=self._ranges(),
            chosen=self._chosen(),
            saved=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )

    def _chosen(self) -> str:
        if self._since is None:
            for key, _, days in _RANGES:
                if self._days == days:
                    return key
        return _GIVEN

    def _ranges(self) -> list[tuple[str, str]]:
        known = [(key, label) for key, label, _ in _RANGES]
        return known if self._chosen() != _GIVEN else [(_GIVEN, _length(self.numbers)), *known]

    def _code(self) -> str:
        given = f"days={self._days:g}" if self._days is not None else ""
        if self._since is not None:
            given = f"since={self._since!r}"
        return f"{self.table.code}.overview({given})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from ..display.overview_static import overview_html, overview_text
        from ..display.payload import living, pack_payload, payload_bundle

        wire = self._wire()
        stored = pack_payload(wire)
        widget = living(stored, asks={"overview": self._answer, "calls": self._calls})
        text = overview_text(wire, width=settings.current().text_width)
        return payload_bundle(stored, html=overview_html(wire), text=text, widget=widget)

    def show(self) -> None:
        """Draw it here: the view in a notebook, a text elsewhere."""
        from ..display.hosts import host
        from ..display.publish import publish

        publish(self._repr_mimebundle_(), host=host(), display_id=f"nbext-{self._uid}", update=False)

    # ── what the page asks for ────────────────────────────────────────────

    def _asked(self, ask: dict[str, Any]) -> tuple[InferenceTable, float | None, Any]:
        """Narrow the table to a filter, and say how far back to look."""
        days, since = self._looked_back(ask)
        table = self.table
        if days is None and since is None:
            # What was shown is what is asked about, also when the clock has gone on.
            table = narrowed(table, dict(zip(("from", "to"), self._shown(), strict=True)), self.numbers)
        return narrowed(table, ask, self.numbers), days, since

    def _looked_back(self, ask: dict[str, Any]) -> tuple[float | None, Any]:
        """Say how far back a question looks: as was asked for, or a range of the page."""
        chosen = ask.get("range") or self._chosen()
        for key, _, length in _RANGES:
            if key == chosen and key != self._chosen():
                return length, None
        return self._days, self._since

    def _answer(self, ask: Any) -> dict[str, Any]:
        from ..display.overview_wire import overview_wire

        ask = ask if isinstance(ask, dict) else {}
        table, days, since = self._asked(ask)
        windowed = ask.get("from") is not None and ask.get("to") is not None
        made = table.overview(
            days=None if windowed else days, since=None if windowed else since, billing=self._billing
        )
        filtered = {
            key: ask[key] for key in ("from", "to", "grain", "value", "status") if ask.get(key) is not None
        }
        return overview_wire(
            made.numbers,
            uid=self._uid,
            code=self._code(),
            ranges=self._ranges(),
            chosen=ask.get("range") or self._chosen(),
            filtered=filtered or None,
        )

    def _calls(self, ask: Any) -> dict[str, Any]:
        from ..display.cut import fit
        from ..display.overview_static import short_name
        from ..display.wire import whole_wire

        ask = ask if isinstance(ask, dict) else {}
        table, days, since = self._asked(ask)
        if days is not None:
            table = table.since(f"{days:g}d")
        elif since is not None:
            table = table.since(since)
        total = table.count()
        (capture,) = table.limit(_MOST_CALLS).captures()
        capture.name = short_name(self.numbers.table)
        wire = {**whole_wire(capture), "state": "done"}
        return {"wire": fit(wire, _CALLS_BYTES)[1], "total": total, "code": self._calls_code(ask)}

    def _calls_code(self, ask: dict[str, Any]) -> str:
        """Write what gives the calls of a mark as a frame: all that was asked of the table before it too."""
        parts = [self.table.code]
        days, since = self._looked_back(ask)
        start, end = ask.get("from"), ask.get("to")
        if start is not None and end is not None:
            parts.append(call_code("between", _iso(start), _iso(end)))
        elif since is not None:
            parts.append(call_code("since", since))
        elif days is not None:
            parts.append(call_code("since", f"{days:g}d"))
        elif self.table.query.innermost.window == Window():
            parts.append(call_code("between", *map(_iso, self._shown())))
        value, grain = ask.get("value"), ask.get("grain")
        if value is not None:
            condition = group_sql(str(grain), str(value), self.numbers, self._tags())
            plain = grain in ("endpoint", "requester") and condition.startswith(f"{grain} = ")
            whole = plain and " OR " not in condition.replace(str(value), "")
            parts.append(call_code(str(grain), value) if whole else call_code("where", condition))
        verb = {"errors": "errors", "limited": "rate_limited", "blocked": "blocked"}.get(
            str(ask.get("status"))
        )
        if verb is not None:
            parts.append(call_code(verb))
        return ".".join([*parts, "calls_df()"])

    def _shown(self) -> tuple[float, float]:
        """Give the window of what was shown, in ms since the epoch."""
        return self.numbers.start_ns / 1e6, self.numbers.end_ns / 1e6 + 1

    def _tags(self) -> str | None:
        """Name the column of caller tags as `where` is told it."""
        source = tags_column(self.table.columns)
        # The usage table of the other route calls them as the inference table calls its own.
        return "usage_context" if source == "nbext_tags" and self.table.flavour is not UNITY else source


def _iso(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000, timezone.utc).isoformat(" ")


def _length(numbers: Numbers) -> str:
    hours = (numbers.end_ns - numbers.start_ns) / 3.6e12
    return f"{hours / 24:.0f} days" if hours >= 47.5 else f"{max(1, round(hours)):.0f} h"
