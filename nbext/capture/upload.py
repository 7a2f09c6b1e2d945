"""Stand-ins for request bodies: they keep what is made while it is sent, and tell when all is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .standin import StandIn, is_httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from ..model.attempt import Attempt


class Upload(StandIn):
    """Keeps what is read from a request body, which may be sent anew after a redirect or a challenge."""

    __slots__ = ("_attempt", "_pieces")

    _attempt: Attempt
    _pieces: list[bytes]

    def __init__(self, inner: Any, attempt: Attempt) -> None:
        super().__init__(inner)
        object.__setattr__(self, "_attempt", attempt)
        object.__setattr__(self, "_pieces", [])

    def __iter__(self) -> Iterator[bytes]:
        self._pieces.clear()
        for data in self._inner:
            self._keep(data)
            yield data
        self.finish()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._pieces.clear()
        async for data in self._inner:
            self._keep(data)
            yield data
        self.finish()

    def _keep(self, data: Any) -> None:
        if isinstance(data, str):
            data = data.encode()
        if isinstance(data, (bytes, bytearray)):
            self._pieces.append(bytes(data))

    def finish(self) -> None:
        """Put what was read into the record."""
        if self._pieces:
            self._attempt.request_body = b"".join(self._pieces)


class FileUpload(Upload):
    """Stands in for a request body with ``read``."""

    __slots__ = ()

    def read(self, *args: Any) -> Any:
        """Read from the file and keep it."""
        data = self._inner.read(*args)
        self._keep(data)
        return data

    def seek(self, *args: Any) -> Any:
        """Move in the file; to the start for sending it anew."""
        self._pieces.clear()
        return self._inner.seek(*args)


class _Sending:
    """A body of bytes of httpx or httpx2 that tells when it has been read to its end.

    By then the HTTP client has written all of it, and nothing is left but to wait for the answer.
    """

    def __init__(self, content: bytes, then: Callable[[], None]) -> None:
        self._stream = content
        self._then = then

    def __iter__(self) -> Iterator[bytes]:
        yield self._stream
        self._then()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._stream
        self._then()


# By the library's own class for such a body.
_SENDING: dict[type, type[Any]] = {}


def sending(stream: Any, content: bytes | None, then: Callable[[], None]) -> Any:
    """Return a body that is sent in the place of another one and calls `then` once it is sent.

    Parameters
    ----------
    stream : object
        The request's body.
    content : bytes or None
        What to send instead; None for the same.
    then : callable
        Must not raise. It is not called where the body is of a class of the user's, which is sent as
        it is, nor where another `send` of the same request is watched already.
    """
    if isinstance(stream, _Sending):
        return stream
    kind = type(stream)
    made = _SENDING.get(kind)
    if made is None:
        if kind.__name__ != "ByteStream" or not is_httpx(kind):
            return stream if content is None else kind(content)
        made = _SENDING[kind] = type(kind.__name__, (_Sending, kind), {"__module__": kind.__module__})
    return made(stream._stream if content is None else content, then)
