"""Choices that look random and are the same in every run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
_BYTES = 6


def number_for(*texts: str) -> int:
    """Return a number below 2**48 that depends on the texts only."""
    joined = "\x1f".join(texts).encode("utf-8", "replace")
    return int.from_bytes(hashlib.sha256(joined).digest()[:_BYTES], "big")


def share_for(*texts: str) -> float:
    """Return a number from 0 to 1 that depends on the texts only."""
    return number_for(*texts) / float(2 ** (8 * _BYTES))


def pick(options: Sequence[T], *seed: str) -> T:
    """Return one of the options, always the same for the same seed."""
    return options[number_for(*seed) % len(options)]
