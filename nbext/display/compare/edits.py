"""The shortest way from one list of texts to another; the same as `renderers/src/model/edits.ts` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

# Steps of the search: time and memory grow with their square.
_FURTHEST = 1500


@dataclass(slots=True)
class Edit:
    """`count` items in a row that stay, go or come."""

    kind: Literal["same", "removed", "added"]
    count: int


def script_of(a: Sequence[str], b: Sequence[str]) -> tuple[list[Edit], bool]:
    """Give the edits from `a` to `b`, and whether they are the fewest.

    Where the lists differ in too many places they are not: then all between what both share at
    their ends is replaced.
    """
    start, x, y = 0, len(a), len(b)
    while start < x and start < y and a[start] == b[start]:
        start += 1
    while x > start and y > start and a[x - 1] == b[y - 1]:
        x, y = x - 1, y - 1
    middle = _myers(a[start:x], b[start:y])
    edits: list[Edit] = []
    _put(edits, Edit("same", start))
    for edit in _replaced(x - start, y - start) if middle is None else middle:
        _put(edits, edit)
    _put(edits, Edit("same", len(a) - x))
    return edits, middle is not None


def _replaced(removed: int, added: int) -> list[Edit]:
    return [Edit("removed", removed), Edit("added", added)]


def _put(script: list[Edit], edit: Edit) -> None:
    if not edit.count:
        return
    if script and script[-1].kind == edit.kind:
        script[-1].count += edit.count
    else:
        script.append(Edit(edit.kind, edit.count))


def _myers(a: Sequence[str], b: Sequence[str]) -> list[Edit] | None:
    """E. Myers, "An O(ND) difference algorithm and its variations" (1986).

    The furthest points of each step are kept to walk back.
    """
    if not a or not b:
        return _replaced(len(a), len(b))
    most = min(len(a) + len(b), _FURTHEST)
    middle = most + 1
    far = [0] * (2 * most + 3)
    history: list[list[int]] = []
    for d in range(most + 1):
        history.append(far[most - d : most + d + 3])
        for k in range(-d, d + 1, 2):
            down = k == -d or (k != d and far[middle + k - 1] < far[middle + k + 1])
            x = far[middle + k + 1] if down else far[middle + k - 1] + 1
            y = x - k
            while x < len(a) and y < len(b) and a[x] == b[y]:
                x, y = x + 1, y + 1
            far[middle + k] = x
            if x >= len(a) and y >= len(b):
                return _walk_back(len(a), len(b), history, d)
    return None


def _walk_back(x: int, y: int, history: list[list[int]], steps: int) -> list[Edit]:
    """`history[d]` holds the furthest points before step d, from diagonal -d-1 to d+1."""
    back: list[Edit] = []
    for d in range(steps, 0, -1):
        far, k = history[d], x - y
        middle = d + 1
        down = k == -d or (k != d and far[middle + k - 1] < far[middle + k + 1])
        begin = far[middle + k + 1] if down else far[middle + k - 1] + 1
        _put(back, Edit("same", x - begin))
        _put(back, Edit("added" if down else "removed", 1))
        x = begin if down else begin - 1
        y = x - (k + 1 if down else k - 1)
    _put(back, Edit("same", x))
    return back[::-1]
