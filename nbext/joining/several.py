"""What was found in several tables as one: each call is taken from the table that knows most of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..model.server import JoinFound
from .explain import of_other_route
from .find import Found
from .keys import TIME_AND_TOKENS
from .match import Matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model.call import Call
    from ..sources.inference_table.table import InferenceTable


def together(calls: Sequence[Call], tables: Sequence[InferenceTable], found: Sequence[Found]) -> Found:
    """Put the findings of several tables together; those of one are given as they are."""
    if len(found) == 1:
        return found[0]
    made = Found(Matches(), {}, _joined(found))
    for call in calls:
        order = sorted(range(len(found)), key=lambda at: _rank(call, tables[at], found[at]))
        best = found[order[0]]
        half = made.halves[call.call_id] = best.halves[call.call_id]
        if half.state == "matched":
            made.matches.of[call.call_id] = best.matches.of[call.call_id]
            # A row that was a guess, and turns out to be another's, is no one's again.
            for other in order[1:]:
                made.joined.unmatched_rows = (made.joined.unmatched_rows or 0) + sum(
                    not match.seen.counted_only
                    for match in found[other].matches.of.get(call.call_id, ())
                    if match.label == TIME_AND_TOKENS
                )
            continue
        if call.call_id in best.waiting:
            made.waiting.append(call.call_id)
            # It may come in any of them.
            half.table = ", ".join(
                one.joined.table for one in found if call.call_id in one.waiting and one.joined.table
            )
        elif call.call_id in best.mixed:
            made.mixed.append(call.call_id)
    made.joined.matched = len(made.matches.of)
    made.joined.pending = len(calls) - made.joined.matched
    made.joined.keys = dict(Counter(matches[-1].label for matches in made.matches.of.values()))
    return made


def _joined(found: Sequence[Found]) -> JoinFound:
    return JoinFound(
        ", ".join(one.joined.table for one in found),
        unmatched_rows=sum(one.joined.unmatched_rows or 0 for one in found),
        looked_ns=min(one.joined.looked_ns or 0 for one in found),
    )


def _rank(call: Call, table: InferenceTable, found: Found) -> int:
    """Say how much a table knows of a call, the least number the most."""
    if found.halves[call.call_id].state == "matched":
        return int(found.halves[call.call_id].key == TIME_AND_TOKENS)
    if call.call_id in found.waiting:
        return 2
    if call.call_id in found.mixed:
        return 3
    return 5 if of_other_route(call, table) else 4
