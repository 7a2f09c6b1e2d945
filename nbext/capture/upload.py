"""Stand-ins for request bodies that are made while they are sent: multipart forms, files, generators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .standin import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

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
