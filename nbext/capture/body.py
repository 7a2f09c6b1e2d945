"""Stand-ins for the response body of httpx and httpx2: the same bytes at the same time, and a copy for us."""

from __future__ import annotations

import weakref
from contextlib import suppress
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from .clock import ANCHOR_NS
from .flight import outcome_of
from .known import remember
from .standin import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator

    from ..model.attempt import Outcome
    from .flight import Flight


class Body(StandIn):
    """What the readings of a body, sync or async, have in common.

    A body may be read by more than one iterator, one after the other: openai ≥ 3 drains
    ``response.stream`` after it has left the iterator that gave it the events.
    """

    __slots__ = ("_flight", "_reading")

    _flight: Flight
    _reading: weakref.ref[Any] | None

    def __init__(self, inner: Any, flight: Flight) -> None:
        _set_inner(self, inner)
        _set_flight(self, flight)
        _set_reading(self, None)
        if flight.attempt.streamed:
            flight.recording.bodies[id(flight)] = weakref.ref(self)

    def settle(self, error: BaseException | None) -> None:
        """End the record if nobody is reading any more; a reader that comes back resumes it."""
        flight = self._flight
        if flight.attempt.end_ns is not None:
            return
        reader = None if self._reading is None else self._reading()
        if getattr(reader, "gi_running", False) or getattr(reader, "ag_running", False):
            return
        if error is not None and not isinstance(error, Exception):
            flight.settle("cancelled", error)
        elif error is not None or flight.attempt.pieces:
            flight.settle("closed")

    def _end(self, outcome: Outcome, error: BaseException | None = None) -> None:
        flight = self._flight
        if flight.attempt.end_ns is None or flight.settled:
            if flight.attempt.streamed:
                flight.recording.bodies.pop(id(flight), None)
            flight.finish(outcome, error)

    def __del__(self) -> None:
        if self._flight.attempt.end_ns is not None:
            return
        # Nothing to be told when the interpreter is on its way out and has taken our modules apart.
        with suppress(Exception):
            self._end("abandoned")


# Past the `__setattr__` that passes on; a third of the time of `object.__setattr__`.
_set_inner, _set_flight, _set_reading = (
    vars(cls)[name].__set__ for cls, name in ((StandIn, "_inner"), (Body, "_flight"), (Body, "_reading"))
)


class SyncBody(Body):
    """Stands in for a ``SyncByteStream``."""

    __slots__ = ()

    def __iter__(self) -> Iterator[bytes]:
        reader = self._read()
        _set_reading(self, weakref.ref(reader))
        return reader

    def _read(self) -> Iterator[bytes]:
        flight = self._flight
        attempt, call_id, dirty = flight.attempt, flight.attempt.call_id, flight.recording.dirty
        keep, clock = attempt.pieces.append, attempt.piece_ns.append
        try:
            for data in self._inner:
                if attempt.end_ns is not None:
                    flight.resume()
                clock(ANCHOR_NS + perf_counter_ns())
                keep(data)
                dirty[call_id] = None
                yield data
        except GeneratorExit:
            # Left by its reader, who may start another or close.
            raise
        except BaseException as error:
            self._end(outcome_of(error), error)
            raise
        self._end("complete")

    def close(self) -> None:
        """Close the body; the record ends with what was read."""
        try:
            self._inner.close()
        finally:
            self._end("closed")


class AsyncBody(Body):
    """Stands in for an ``AsyncByteStream``."""

    __slots__ = ()

    def __aiter__(self) -> AsyncIterator[bytes]:
        reader = self._aread()
        _set_reading(self, weakref.ref(reader))
        return reader

    async def _aread(self) -> AsyncGenerator[bytes, None]:
        flight = self._flight
        attempt, call_id, dirty = flight.attempt, flight.attempt.call_id, flight.recording.dirty
        keep, clock = attempt.pieces.append, attempt.piece_ns.append
        inner = self._inner.__aiter__()
        try:
            async for data in inner:
                if attempt.end_ns is not None:
                    flight.resume()
                clock(ANCHOR_NS + perf_counter_ns())
                keep(data)
                dirty[call_id] = None
                yield data
        except GeneratorExit:
            await close_reader(inner)
            raise
        except BaseException as error:
            self._end(outcome_of(error), error)
            raise
        self._end("complete")

    async def aclose(self) -> None:
        """Close the body; the record ends with what was read."""
        try:
            await self._inner.aclose()
        finally:
            self._end("closed")


class EitherBody(SyncBody, AsyncBody):
    """Stands in for a body that can be read both ways, as ``httpx.ByteStream``."""

    __slots__ = ()


async def close_reader(inner: Any) -> None:
    """Close what a body is read by, in the task that read it.

    Left alone, the event loop would close it in a task of its own.
    """
    aclose = getattr(inner, "aclose", None)
    if aclose is not None:
        await aclose()


def body_of(inner: Any, flight: Flight) -> Body:
    """Return the stand-in that can be read in the ways `inner` can."""
    kind = type(inner)
    stand_in = _STAND_INS.get(kind)
    if stand_in is None:
        stand_in = SyncBody if hasattr(kind, "__iter__") else AsyncBody
        if hasattr(kind, "__iter__") and hasattr(kind, "__aiter__"):
            stand_in = EitherBody
        remember(_STAND_INS, kind, stand_in, most=_MOST_KINDS)
    return stand_in(inner, flight)


# By the class of the body. An application may make classes without end.
_STAND_INS: dict[type, type[Body]] = {}
_MOST_KINDS = 64
