"""Stand-in for the raw response of urllib3, which requests gives out as ``response.raw``."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

from .body import Body
from .flight import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .flight import Flight


class RawBody(Body):
    """Keeps what is read from a raw response, by whatever method of `urllib3.response.HTTPResponse`.

    requests also takes responses of other adapters: what the other object has no method for, the
    stand-in has none for either.
    """

    __slots__ = ("_busy",)

    _busy: bool

    def __init__(self, inner: Any, flight: Flight) -> None:
        super().__init__(inner, flight)
        object.__setattr__(self, "_busy", False)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        cover = _COVERS.get(name)
        if cover is not None and callable(value):
            return partial(cover, self, value)
        if name == "data" and isinstance(value, bytes) and not self._flight.attempt.pieces:
            self._keep(value, None)
            self._end("complete")
        return value

    def __iter__(self) -> Iterator[bytes]:
        # urllib3 gives lines, with the encoding undone.
        return self._watched(iter(self._inner), decoded=True)

    def __next__(self) -> bytes:
        line: bytes = self._call(next, self._inner)
        self._keep(line, decoded=None)
        return line

    def __enter__(self) -> RawBody:
        self._inner.__enter__()
        return self

    def __exit__(self, *error: object) -> Any:
        try:
            return self._inner.__exit__(*error)
        finally:
            self._end("closed")

    def settle(self, error: BaseException | None) -> None:
        """End the record if nobody is reading any more; a reader that comes back resumes it."""
        if not self._busy:
            super().settle(error)

    def _keep(self, data: bytes, decoded: bool | None) -> None:
        flight = self._flight
        if not data:
            return
        if decoded is None:
            decoded = bool(getattr(self._inner, "decode_content", False))
        flight.attempt.decoded = decoded
        flight.piece(data)

    def _call(self, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a method that reads; keep what it returns."""
        object.__setattr__(self, "_busy", True)
        try:
            return method(*args, **kwargs)
        except StopIteration:
            self._end("complete")
            raise
        except BaseException as error:
            self._end(outcome_of(error), error)
            raise
        finally:
            object.__setattr__(self, "_busy", False)

    def _watched(self, reader: Iterator[bytes], *, decoded: bool | None) -> Iterator[bytes]:
        watched = self._read_on(reader, decoded)
        object.__setattr__(self, "_reading", weakref.ref(watched))
        return watched

    def _read_on(self, reader: Iterator[bytes], decoded: bool | None) -> Iterator[bytes]:
        keep = self._flight.recording.guarded
        try:
            for data in reader:
                keep(self._keep, data, decoded)
                yield data
        except GeneratorExit:
            raise
        except BaseException as error:
            self._end(outcome_of(error), error)
            raise
        self._end("complete")


def _read(body: RawBody, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Cover ``read(amt, decode_content, …)`` and ``read1``."""
    data = body._call(method, *args, **kwargs)
    amount = args[0] if args else kwargs.get("amt")
    decoded = args[1] if len(args) > 1 else kwargs.get("decode_content")
    body._flight.recording.guarded(body._keep, data, decoded)
    if (not data and amount != 0) or ((amount is None or amount < 0) and method.__name__ == "read"):
        body._end("complete")
    return data


def _readinto(body: RawBody, method: Callable[..., Any], buffer: Any) -> Any:
    count = body._call(method, buffer)
    if count:
        body._flight.recording.guarded(body._keep, bytes(memoryview(buffer)[:count]), None)
    elif len(buffer):
        body._end("complete")
    return count


def _readline(body: RawBody, method: Callable[..., Any], *args: Any) -> Any:
    line = body._call(method, *args)
    body._flight.recording.guarded(body._keep, line, None)
    if not line and 0 not in args:
        body._end("complete")
    return line


def _readlines(body: RawBody, method: Callable[..., Any], *args: Any) -> Any:
    lines = body._call(method, *args)
    body._flight.recording.guarded(body._keep, b"".join(lines), None)
    return lines


def _stream(body: RawBody, method: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterator[bytes]:
    """Cover ``stream(amt, decode_content)`` and ``read_chunked``, which are generators."""
    decoded = args[1] if len(args) > 1 else kwargs.get("decode_content")
    return body._watched(method(*args, **kwargs), decoded=decoded)


def _close(body: RawBody, method: Callable[..., Any]) -> Any:
    try:
        return method()
    finally:
        body._end("closed")


_COVERS: dict[str, Callable[..., Any]] = {
    "close": _close,
    "read": _read,
    "read1": _read,
    "read_chunked": _stream,
    "readinto": _readinto,
    "readline": _readline,
    "readlines": _readlines,
    "stream": _stream,
}
