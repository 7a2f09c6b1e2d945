"""Answers that are remembered, so that the next call need not wait for them."""

from __future__ import annotations

from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def remember(known: dict[_Key, _Value], key: _Key, value: _Value, *, most: int) -> _Value:
    """Remember a value and give it; all others are forgotten when there are `most`.

    Clients and servers may make up names and paths without end.
    """
    if len(known) >= most:
        known.clear()
    known[key] = value
    return value
