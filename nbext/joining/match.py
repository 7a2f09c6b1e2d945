"""Which rows belong to which call: one to many, for every attempt has a row of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import keys as words
from .clocks import ahead_ns
from .keys import response_id

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Mapping

    from ..model.call import Call
    from .keys import Key
    from .rows import Rows, Seen

# How far the clocks of both ends may be apart for the last resort, in ns.
NEAR_NS = 5_000_000_000


@dataclass
class Match:
    """A row of a call.

    Parameters
    ----------
    seen : Seen
    label : str
        What both have in common, as the client calls it.
    column : str
        The same as the table calls it.
    attempt : int, optional
        The attempt of the call that the row logs, where that is known.
    """

    seen: Seen
    label: str
    column: str
    attempt: int | None = None


@dataclass
class Shared:
    """What several calls have in common, so that rows with it are no one's.

    Parameters
    ----------
    label : str
        What it is called on the client's side.
    calls : int
    rows : int
        Rows that carry it and were not matched by anything surer.
    """

    label: str
    calls: int
    rows: int

    @property
    def note(self) -> str:
        """Say in a sentence what cannot be told apart."""
        which = "whose its row is" if self.rows == 1 else f"which of its {self.rows} rows is whose"
        return f"{self.calls} calls have the same {self.label}: {which} cannot be told."


@dataclass
class Matches:
    """Rows by call id, in the order of the attempts; a row belongs to one call.

    `shared` says by call id what was no key of it, where rows with that are here.
    """

    of: dict[str, list[Match]] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    shared: dict[str, Shared] = field(default_factory=dict)

    def add(self, call: Call, match: Match) -> bool:
        """Give a row to a call, unless it has been given away."""
        if id(match.seen) in self.taken:
            return False
        self.taken.add(id(match.seen))
        found = self.of.setdefault(call.call_id, [])
        found.append(match)
        found.sort(key=lambda one: (one.seen.row.start_ns, one.attempt or 0))
        return True

    def without(self, calls: Iterable[Call]) -> list[Call]:
        """Give the calls that have no row."""
        return [call for call in calls if not self.of.get(call.call_id)]

    def offer(self, calls: list[Call], match: Match, sharing: int) -> None:
        """Give a row to the one call it may be of; note it where `sharing` calls have what it carries."""
        if sharing == 1:
            self.add(calls[0], match)
            return
        if id(match.seen) in self.taken:
            return
        for call in calls:
            before = self.shared.get(call.call_id)
            rows = before.rows if before is not None and before.label == match.label else 0
            self.shared[call.call_id] = Shared(match.label, sharing, rows + 1)


def by_keys(
    matches: Matches,
    calls: Iterable[Call],
    keys: Mapping[str, list[Key]],
    rows: Rows,
) -> None:
    """Match by what names one request or one call: ids of all calls first, for they are the surest."""
    calls = list(calls)
    for kind in ("request", "client", "tag"):
        for call in calls:
            for key in keys[call.call_id]:
                if key.kind != kind:
                    continue
                if kind == "request":
                    found = [rows.by_id[key.value]] if key.value in rows.by_id else []
                elif kind == "client":
                    found = rows.by_client.get(key.value, [])
                else:
                    found = rows.by_tag.get((key.tag or "", key.value), [])
                for seen in found:
                    column = {"request": seen.id_column, "client": words.CLIENT_ID}.get(
                        kind, f"tag {key.tag}"
                    )
                    matches.add(call, Match(seen, key.label, column, key.attempt))


def by_response_id(
    matches: Matches, calls: Iterable[Call], rows: Iterable[Seen], sharing: Counter[str | None]
) -> None:
    """Match by the id that stands inside the answer; `sharing` counts the calls that have each id."""
    wanted: dict[str | None, list[Call]] = {}
    for call in matches.without(calls):
        wanted.setdefault(response_id(call), []).append(call)
    wanted.pop(None, None)
    if not wanted:
        return
    for seen in rows:
        answered = response_id(seen.call)
        if answered in wanted:
            match = Match(seen, words.RESPONSE_ID, "response.id")
            matches.offer(wanted[answered], match, sharing[answered])


def by_time_and_tokens(
    matches: Matches, calls: Iterable[Call], rows: Iterable[Seen], sharing: Counter[str | None]
) -> None:
    """Match what started within seconds and used the same tokens, where only one row and one call do.

    `sharing` counts the calls that have each response id: an id of one call tells it from others.
    """
    rows = [seen for seen in rows if id(seen) not in matches.taken]
    fits: dict[str, list[Seen]] = {}
    of_row: dict[int, list[Call]] = {}
    for call in matches.without(calls):
        for seen in rows:
            if alike(call, seen) and not _told_apart(call, seen, sharing):
                fits.setdefault(call.call_id, []).append(seen)
                of_row.setdefault(id(seen), []).append(call)
    for call in list(matches.without(calls)):
        found = fits.get(call.call_id, [])
        if len(found) == 1 and len(of_row[id(found[0])]) == 1:
            matches.add(call, Match(found[0], words.TIME_AND_TOKENS, "time, tokens"))


def _told_apart(call: Call, seen: Seen, sharing: Counter[str | None]) -> bool:
    """Tell whether the answers say that they are two: each has an id of its own."""
    ours, theirs = response_id(call), response_id(seen.call)
    return ours is not None and theirs is not None and ours != theirs and sharing[ours] == 1


def alike(call: Call, seen: Seen) -> bool:
    """Tell whether a row may be of a call: near in time, same status, same tokens."""
    logged = seen.call
    used = (call.usage.input_tokens, call.usage.output_tokens)
    if call.usage.estimated or used == (None, None) or used[1] in (None, 0):
        return False
    if call.endpoint and logged.endpoint and call.endpoint != logged.endpoint:
        return False
    starts = [attempt.start_ns for attempt in call.attempts] or [call.start_ns]
    ahead = ahead_ns(call)
    return (
        min(abs(seen.row.start_ns - start - ahead) for start in starts) <= NEAR_NS
        and seen.row.status_code == call.status_code
        and used == (logged.usage.input_tokens, logged.usage.output_tokens)
    )
