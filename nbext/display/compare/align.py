"""Pairs the items of two lists in their order; the same pairs as `renderers/src/model/align.ts` finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from .edits import script_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
Pair = tuple["T | None", "T | None"]

# Cells of the table; larger lists are paired by key alone.
_MOST_CELLS = 1_000_000


def align(
    a: Sequence[T], b: Sequence[T], weight: Callable[[T, T], int], key: Callable[[T], str]
) -> list[Pair[T]]:
    """Give pairs, with None where only one list has the item: the longest common subsequence by weight.

    Parameters
    ----------
    a, b : sequence
    weight : callable
        How well two items fit; 0 is not at all.
    key : callable
        Items of different keys never fit.
    """
    if len(a) * len(b) <= _MOST_CELLS:
        return _by_table(a, b, weight)
    edits, fewest = script_of([key(item) for item in a], [key(item) for item in b])
    if not fewest:
        return _by_place(a, b, key)
    pairs: list[Pair[T]] = []
    i = j = 0
    for edit in edits:
        for _ in range(edit.count):
            left = None if edit.kind == "added" else a[i]
            right = None if edit.kind == "removed" else b[j]
            i, j = i + (edit.kind != "added"), j + (edit.kind != "removed")
            pairs.append((left, right))
    return pairs


def _by_table(a: Sequence[T], b: Sequence[T], weight: Callable[[T, T], int]) -> list[Pair[T]]:
    fits = [[weight(x, y) for y in b] for x in a]
    best = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        row, below, fit_row = best[i], best[i + 1], fits[i]
        for j in range(len(b) - 1, -1, -1):
            fit = fit_row[j]
            row[j] = max(below[j], row[j + 1], fit + below[j + 1] if fit > 0 else 0)
    pairs: list[Pair[T]] = []
    i = j = 0
    while i < len(a) or j < len(b):
        both = i < len(a) and j < len(b)
        fit = fits[i][j] if both else 0
        if fit > 0 and best[i][j] == fit + best[i + 1][j + 1]:
            pairs.append((a[i], b[j]))
            i, j = i + 1, j + 1
        elif i < len(a) and best[i][j] == best[i + 1][j]:
            pairs.append((a[i], None))
            i += 1
        else:
            pairs.append((None, b[j]))
            j += 1
    return pairs


def _by_place(a: Sequence[T], b: Sequence[T], key: Callable[[T], str]) -> list[Pair[T]]:
    """For lists that have little in common: the n-th of a key with the n-th, as long as the order holds."""
    places: dict[str, list[int]] = {}
    for j, item in enumerate(b):
        places.setdefault(key(item), []).append(j)
    taken: dict[str, int] = {}
    pairs: list[Pair[T]] = []
    done = 0
    for item in a:
        name = key(item)
        known, n = places.get(name, []), taken.get(name, 0)
        while n < len(known) and known[n] < done:
            n += 1
        taken[name] = n + 1
        if n >= len(known):
            pairs.append((item, None))
            continue
        pairs += [(None, b[j]) for j in range(done, known[n])]
        pairs.append((item, b[known[n]]))
        done = known[n] + 1
    pairs += [(None, item) for item in b[done:]]
    return pairs
