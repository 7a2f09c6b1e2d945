"""What stands in for a body of httpx or httpx2 while we read it for a caller who asked for no stream.

Nobody else sees it, so it needs none of what a stand-in has that is left to the caller, and a call that
is not streamed waits less for us.
"""

from __future__ import annotations

from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from .body import close_reader
from .clock import ANCHOR_NS
from .known import remember
from .standin import is_httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from ..model.attempt import Attempt

# The library's classes for bodies, which it insists on.
_BASES = ("SyncByteStream", "AsyncByteStream")


class _Kept:
    """Passes a body on and keeps a copy in the record."""

    def __init__(self, inner: Any, attempt: Attempt) -> None:
        self._inner = inner
        self._attempt = attempt

    def __iter__(self) -> Iterator[bytes]:
        pieces, times = self._attempt.pieces, self._attempt.piece_ns
        for data in self._inner:
            times.append(ANCHOR_NS + perf_counter_ns())
            pieces.append(data)
            yield data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces, times = self._attempt.pieces, self._attempt.piece_ns
        inner = self._inner.__aiter__()
        try:
            async for data in inner:
                times.append(ANCHOR_NS + perf_counter_ns())
                pieces.append(data)
                yield data
        except GeneratorExit:
            await close_reader(inner)
            raise

    def close(self) -> None:
        self._inner.close()

    async def aclose(self) -> None:
        await self._inner.aclose()


# By the class of the body. An application may make classes without end.
_KINDS: dict[type, type[Any] | None] = {}
_MOST_KINDS = 64


def kept_while_read(stream: Any, attempt: Attempt) -> Any:
    """Return what passes `stream` on and keeps it in `attempt`; None for a body of no class we know."""
    kind = type(stream)
    try:
        made = _KINDS[kind]
    except KeyError:
        made = remember(_KINDS, kind, _made_for(kind), most=_MOST_KINDS)
    return None if made is None else made(stream, attempt)


def _made_for(kind: type) -> type[Any] | None:
    bases = tuple(base for base in kind.__mro__ if base.__name__ in _BASES and is_httpx(base))
    return type(kind.__name__, (_Kept, *bases), {}) if bases else None
