"""Captures by what a user types of an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.error import UsageError

from ..kernel.session import session
from ..results.captured import Capture

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The beginning of an id has no fewer digits than this.
_SHORTEST = 4


def find(words: Sequence[str], command: str = "show") -> list[Capture]:
    """Give what each word names.

    A cell by its number, or a capture, a trace or a call by the beginning of its id.

    Raises
    ------
    UsageError
        A word names nothing that is in memory.
    """
    found: dict[str, Capture] = {}
    for word in words:
        captures = list(_named(word, session.captures))
        if not captures:
            recent = ", ".join(capture.id for capture in session.captures[-3:]) or "none"
            raise UsageError(
                f"%gateway_trace {command}: nothing in memory has the id {word!r}; last captures: {recent}"
            )
        found.update((capture.id, capture) for capture in captures)
    return list(found.values())


def _named(word: str, captures: Sequence[Capture]) -> Iterable[Capture]:
    # An id may begin with digits only, too; what one sees beside a cell is its number.
    numbered = [capture for capture in captures if capture.cell is not None and str(capture.cell) == word]
    if numbered:
        return numbered
    if len(word) < _SHORTEST:
        return []
    beginning = word.lower()
    whole = [capture for capture in captures if capture.id.startswith(beginning)]
    return whole or [part for capture in captures for part in _parts(beginning, capture)]


def _parts(beginning: str, capture: Capture) -> Iterable[Capture]:
    calls = [
        call
        for call in capture.calls
        if call.trace_id.startswith(beginning) or call.call_id.startswith(beginning)
    ]
    if calls:
        yield Capture.of(Capture.of_calls(calls, id=calls[0].call_id, name=capture.name, cell=capture.cell))
