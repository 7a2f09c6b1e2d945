"""An object that stands in for another."""

from __future__ import annotations

from typing import Any


class StandIn:
    """Passes every attribute on to the object it stands for, in both directions.

    `isinstance` sees the other object's class too, as HTTP libraries check the kind of a body that
    way. Sub-classes add the special methods, which Python looks up on the class, and keep what is
    their own in slots.
    """

    __slots__ = ("__weakref__", "_inner")

    _inner: Any

    def __init__(self, inner: Any) -> None:
        object.__setattr__(self, "_inner", inner)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._inner)

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_inner"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._inner, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._inner, name)

    def __repr__(self) -> str:
        return repr(self._inner)


def is_httpx(kind: type) -> bool:
    """Tell whether a class is one of httpx's or httpx2's own."""
    return kind.__module__.partition(".")[0] in ("httpx", "httpx2")
