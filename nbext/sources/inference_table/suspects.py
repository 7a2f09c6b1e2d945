"""Which of many texts may hold a secret: a look at memory speed, ahead of the closer ones.

A regular expression takes a step for each letter. Here the texts of a column lie end to end in one
piece of memory, and a step is one operation over a block of it, which stays in the processor's cache:
a third less time. What is found may be nothing; what is not found is not there.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .letters import letters_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

# Two letters of every word `assignments.words_in` looks for, which seldom stand beside each other
# elsewhere, and what else of the word stands before or behind the first of them.
_WORDS: tuple[tuple[bytes, dict[int, bytes]], ...] = (
    (b"ke", {2: b"y"}),  # key
    (b"ke", {-2: b"t", -1: b"o", 2: b"n"}),  # token
    (b"ss", {-1: b"a", 2: b"w"}),  # passw
    (b"ss", {-1: b"a", 2: b"p"}),  # passphrase
    (b"cr", {-1: b"e", 2: b"e"}),  # secret
    (b"wd", {-1: b"p"}),  # pwd
)
# The pairs as numbers, as the machine reads two bytes of memory.
_NUMBERS = tuple(dict.fromkeys(int.from_bytes(pair, sys.byteorder) for pair, _ in _WORDS))
_LOWER = 0x20
# As many letters in a row as the shortest key has, and the last sign below those a key is of.
_RUN = 16
_BREAK = ord(",")
# In lower case this is a plain "k".
_KELVIN = "\N{KELVIN SIGN}".encode()
# With what is made of it, half of a processor's second cache; what begins in it ends in the overlap.
_BLOCK = 1 << 17
_OVERLAP = 32


def suspects(texts: pa.Array) -> np.ndarray[Any, Any]:
    """Give the places of the texts that may hold something to redact.

    Parameters
    ----------
    texts : pyarrow.StringArray or pyarrow.LargeStringArray

    Returns
    -------
    numpy.ndarray
        In order; of all texts that the default `Redactor` finds suspicious, and of some more.
    """
    import numpy as np

    data, bounds = letters_of(texts)
    look = _Look(data)
    places = np.concatenate([_words(data, look.pairs), _runs(data, look.words), look.signs])
    rows: np.ndarray[Any, Any] = np.unique(np.searchsorted(bounds, places, side="right") - 1)
    return rows


class _Look:
    """Goes through the memory once.

    Attributes
    ----------
    pairs, words, signs : numpy.ndarray
        Places of pairs of letters that a name may be about, of twelve letters that a key may be
        about, and of signs that tell by themselves.
    """

    def __init__(self, data: np.ndarray[Any, Any]) -> None:
        import numpy as np

        size = _BLOCK + _OVERLAP
        self._lowered = np.empty(size, np.uint8)
        self._left, self._right, self._hits = (np.empty(size, bool) for _ in range(3))
        pairs, words, signs = _Places(), _Places(), _Places()
        for start in range(0, len(data), _BLOCK):
            block = data[start : start + size]
            # Those that begin at odd places are met in what is shifted by one.
            for shift in (0, 1):
                pairs.add(self._pairs(block[shift:]), 2, start + shift)
            words.add(self._words(block), 4, start)
            signs.add(self._signs(block), 1, start)
        self.pairs, self.words, self.signs = pairs.joined(), words.joined(), signs.joined()

    def _pairs(self, block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        count = len(block) // 2
        lower = np.bitwise_or(block[: count * 2], _LOWER, out=self._lowered[: count * 2])
        numbers, hits, more = lower.view(np.uint16), self._hits[:count], self._left[:count]
        np.equal(numbers, _NUMBERS[0], out=hits)
        for number in _NUMBERS[1:]:
            np.equal(numbers, number, out=more)
            np.logical_or(hits, more, out=hits)
        return hits

    def _words(self, block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        # As signed numbers, what is not ASCII is below all that is.
        breaks = np.less_equal(block.view(np.int8), _BREAK, out=self._left[: len(block)])
        # A run of sixteen holds three words of four bytes, wherever it begins.
        count = len(block) // 4
        free = np.equal(breaks[: count * 4].view(np.uint32), 0, out=self._right[:count])
        both = np.logical_and(free[:-1], free[1:], out=self._hits[: max(count - 1, 0)])
        np.logical_and(both[:-1], free[2:], out=self._left[: max(count - 2, 0)])
        return self._left[: max(count - 2, 0)]

    def _signs(self, block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        # Between a password and a host.
        signs = self._left[: len(block)]
        np.equal(block, ord("@"), out=signs)
        if block.view(np.int8).min() < 0:
            first, second, third = (block == letter for letter in _KELVIN)
            signs[:-2] |= first[:-2] & second[1:-1] & third[2:]
        return signs


class _Places:
    """Places, gathered block by block."""

    def __init__(self) -> None:
        self._found: list[Any] = []

    def add(self, hits: np.ndarray[Any, Any], step: int, start: int) -> None:
        """Take in flags that stand `step` bytes apart from `start` on."""
        import numpy as np

        if hits.any():
            self._found.append(np.flatnonzero(hits) * step + start)

    def joined(self) -> np.ndarray[Any, Any]:
        """Give all of them."""
        import numpy as np

        return np.concatenate(self._found) if self._found else np.empty(0, np.int64)


def _words(data: np.ndarray[Any, Any], pairs: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Keep the pairs that have the rest of a word around them."""
    import numpy as np

    first = data[pairs] | np.uint8(_LOWER)
    steps = {step for _, rest in _WORDS for step in rest}
    around = {step: data[np.clip(pairs + step, 0, len(data) - 1)] | np.uint8(_LOWER) for step in steps}
    meant = np.zeros(len(pairs), bool)
    for pair, rest in _WORDS:
        fits = first == pair[0]
        for step, letter in rest.items():
            fits &= around[step] == ord(letter)
        meant |= fits
    return pairs[meant]


def _runs(data: np.ndarray[Any, Any], words: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Keep the places that have a run around them that is as long as a key."""
    import numpy as np

    signed = data.view(np.int8)
    longer = np.zeros(len(words), np.int8)
    # A run begins up to three bytes before the first of its three words of four, and goes on behind them.
    for beside in (range(-1, -4, -1), range(12, _RUN)):
        free = np.ones(len(words), bool)
        for step in beside:
            free &= signed[np.clip(words + step, 0, len(data) - 1)] > _BREAK
            longer += free
    return words[longer >= _RUN - 12]
