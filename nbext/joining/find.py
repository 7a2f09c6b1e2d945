"""The join: keys, rows by key, matches, and what the rest can be explained by."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..model.server import JoinFound
from ..sources.inference_table.filters import containing, near
from ..sources.inference_table.flavour import UNITY
from ..sources.inference_table.times import moment_at
from .clocks import ahead_ns
from .explain import hopeless, note_of
from .keys import ID_HEADERS, TRACERESPONSE, Key, keys_of, response_id
from .match import NEAR_NS, Match, Matches, by_keys, by_response_id, by_time_and_tokens
from .rows import Rows, window_of
from .server_half import half_of, pending_half

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model.call import Call
    from ..model.server import ServerHalf
    from ..sources.inference_table.query import Window
    from ..sources.inference_table.table import InferenceTable

# Calls in one statement of the searches that look into the text.
_AT_ONCE = 50
# More calls without a key are not looked for by time: it would be a guess about everything.
_MOST_GUESSED = 500


@dataclass
class Found:
    """What a join found.

    Parameters
    ----------
    matches : Matches
    halves : dict of str to ServerHalf
        By call id, one for every call.
    joined : JoinFound
        Counts of the whole.
    waiting : list of str
        Ids of the calls whose row may still come.
    mixed : list of str
        Ids of the calls whose rows are here, but cannot be told from those of other calls.
    """

    matches: Matches
    halves: dict[str, ServerHalf]
    joined: JoinFound
    waiting: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)


def find(calls: Sequence[Call], table: InferenceTable, *, traces: Any = None) -> Found:
    """Look for the rows of some calls.

    Parameters
    ----------
    calls : sequence of Call
    table : InferenceTable
        With its usage tables beside it, if they can be read.
    traces : Relation, optional
        The gateway's unified trace table, whose columns were not verified: ``trace_id`` and
        ``attributes`` with ``databricks.request_id``.
    """
    looked = time.time_ns()
    matches = Matches()
    joined = JoinFound(table.relation.name, looked_ns=looked)
    if not calls:
        return Found(matches, {}, joined)
    rows = Rows(table, window_of(calls))
    keys = keys_of(calls)
    rows.fetch(key for found in keys.values() for key in found)
    by_keys(matches, calls, keys, rows)
    if traces is not None:
        _by_trace(matches, calls, rows, traces)
    _by_response_id(matches, calls, rows)
    _by_time(matches, calls, rows)
    _count(joined, matches, calls, rows, window_of(calls, timedelta(seconds=1)))
    missing = list(table.usage.missing) if table.usage is not None else []
    made = Found(matches, {}, joined)
    for call in calls:
        found = matches.of.get(call.call_id)
        if found:
            made.halves[call.call_id] = half_of(call, found, looked, missing)
            continue
        shared = matches.shared.get(call.call_id)
        note = note_of(call, table, rows.sampling, looked) if shared is None else shared.note
        made.halves[call.call_id] = pending_half(table, looked, note, missing)
        if shared is not None and shared.rows >= shared.calls:
            made.mixed.append(call.call_id)
        elif not hopeless(call, table):
            made.waiting.append(call.call_id)
    return made


def _by_trace(matches: Matches, calls: Sequence[Call], rows: Rows, traces: Any) -> None:
    """Go from the trace id of ``traceresponse`` over the trace table to the request."""
    wanted: dict[str, list[Call]] = {}
    for call in matches.without(calls):
        if call.facts.gateway_trace_id:
            wanted.setdefault(call.facts.gateway_trace_id, []).append(call)
    if not wanted:
        return
    sharing = Counter(call.facts.gateway_trace_id for call in calls)
    found = dict.fromkeys(_request_ids(rows.table, traces, list(wanted)))
    rows.fetch_ids(request for _, request in found)
    for trace_id, request in found:
        seen = rows.by_id.get(request)
        if seen is not None:
            matches.offer(wanted[trace_id], Match(seen, TRACERESPONSE, "trace_id"), sharing[trace_id])


def _request_ids(table: InferenceTable, traces: Any, ids: list[str]) -> list[tuple[str, str]]:
    from sqlglot import exp

    from ..sources.inference_table.columns import Columns
    from ..sources.inference_table.filters import any_in

    columns = Columns(table.flavour, traces.columns)
    request = exp.alias_(columns.entry("attributes", "databricks.request_id"), "request_id")
    statement = (
        exp.select(exp.alias_(columns.column("trace_id"), "trace_id"), request)
        .from_(traces.table.copy())
        .where(any_in(columns.column("trace_id"), ids))
    )
    return [
        (row["trace_id"], row["request_id"])
        for batch in table.engine.query(statement)
        for row in batch.to_pylist()
        if row["request_id"]
    ]


def _by_response_id(matches: Matches, calls: Sequence[Call], rows: Rows) -> None:
    sharing = Counter(map(response_id, calls))
    left = [call for call in matches.without(calls) if response_id(call)]
    for first in range(0, len(left), _AT_ONCE):
        part = left[first : first + _AT_ONCE]
        condition = containing(rows.table.columns, [response_id(call) or "" for call in part])
        found = rows.take(rows.table._asked(rows.table.query.during(window_of(part)).filtered(condition)))
        by_response_id(matches, part, found, sharing)


def _by_time(matches: Matches, calls: Sequence[Call], rows: Rows) -> None:
    ids_tell = _ids_tell(matches, rows.table)
    left = [
        call
        for call in matches.without(calls)
        if call.usage.output_tokens
        and not call.usage.estimated
        and call.status == "ok"
        and not hopeless(call, rows.table)
        and not (ids_tell and call.facts.request_id)
    ]
    if len(left) > _MOST_GUESSED:
        return
    sharing = Counter(map(response_id, calls))
    for first in range(0, len(left), _AT_ONCE):
        part = left[first : first + _AT_ONCE]
        spans = [
            (at - NEAR_NS, at + NEAR_NS, call.usage.output_tokens or 0)
            for call in part
            for attempt in call.attempts[-1:]
            for at in [attempt.start_ns + ahead_ns(call)]
        ]
        condition = near(rows.table.columns, spans)
        found = rows.take(rows.table._asked(rows.table.query.filtered(condition)))
        by_time_and_tokens(matches, part, found, sharing)


def _ids_tell(matches: Matches, table: InferenceTable) -> bool:
    """Tell whether a call's request id is that of its row, so that a row with another one is not its own.

    On the Unity route that is known; on the serving route a row found by it shows it.
    """
    return table.flavour is UNITY or any(
        match.label in ID_HEADERS for found in matches.of.values() for match in found
    )


def _count(joined: JoinFound, matches: Matches, calls: Sequence[Call], rows: Rows, window: Window) -> None:
    joined.matched = sum(bool(matches.of.get(call.call_id)) for call in calls)
    joined.pending = len(calls) - joined.matched
    joined.keys = dict(Counter(found[-1].label for found in matches.of.values()))
    here = rows.table._asked(rows.table.query.during(window))
    ours = [
        match.seen
        for found in matches.of.values()
        for match in found
        if not match.seen.counted_only and _in(match.seen.row.start_ns, window)
    ]
    joined.unmatched_rows = max(0, here.count() - len(ours))


def _in(ns: int, window: Window) -> bool:
    at = moment_at(ns)
    return (window.start is None or at >= window.start) and (window.end is None or at < window.end)


__all__ = ["Found", "Key", "find"]
