"""What is put around ``Client.send`` and ``AsyncClient.send`` of httpx and httpx2."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from . import context, inject, nesting
from .body import body_of
from .flight import Flight
from .headers import entries_of
from .upload import Upload

if TYPE_CHECKING:
    from .recording import Recording

Send = Callable[..., Any]


class HttpxFlight(Flight):
    """An attempt made with httpx or httpx2."""

    __slots__ = ("_changes", "_content", "_stream")

    library = "httpx"

    _changes: inject.Changed | inject.ChangedList | None
    _stream: Any
    _content: bytes | None

    def change(self) -> None:
        """Add to the request, and watch a body that is made while it is sent."""
        request = self.request
        self._changes = self._stream = self._content = None
        if not hasattr(request, "_content"):
            self._stream = request.stream
            request.stream = Upload(request.stream, self.attempt)
        added, body = self.additions()
        if body is not None:
            self._stream, self._content = request.stream, request._content
            request.stream, request._content = type(request.stream)(body), body
        if added:
            self._changes = inject.changed(request.headers, added)

    def restore(self) -> None:
        """Leave the request as it was given to us."""
        request = self.request
        if self._changes is not None:
            self._changes.undo()
            self.changed.discard(id(request))
        if self._stream is None:
            return
        if self._content is not None:
            request._content = self._content
        else:
            request.stream.finish()
        request.stream = self._stream

    def arrived(self, response: Any) -> None:
        """Note the response's head and watch its body."""
        if self.recording.guarded(self._arrived, response) is None:
            self.finish("complete")

    def _arrived(self, response: Any) -> bool:
        self.head(response.status_code, entries_of(response.headers))
        if self._changes is not None and (response.history or response.next_request is not None):
            self._clean(response)
        # Already read by an event hook or an auth flow, or given whole by a transport of the user's.
        if response.is_stream_consumed or response.is_closed:
            self.whole(getattr(response, "_content", b""))
        else:
            response.stream = body_of(response.stream, self)
        return True

    def _clean(self, response: Any) -> None:
        """Take our headers off the requests that were made of ours to follow redirects."""
        made = [past.request for past in (response, *response.history)]
        for request in (*made, response.next_request):
            if request is not None and self._changes is not None:
                self._changes.clean(request.headers)


class Httpx2Flight(HttpxFlight):
    """An attempt made with httpx2."""

    __slots__ = ()

    library = "httpx2"


def _depart(
    kind: type[HttpxFlight], recording: Recording, client: object, request: Any, kwargs: dict[str, Any]
) -> HttpxFlight | None:
    # The parsed URL that `str(request.url)` is put together from, which takes longer than all the rest here.
    url: Any = getattr(request.url, "_uri_reference", request.url)
    url = recording.options.matcher.kept_url(url) if request.method == "POST" else None
    if url is None:
        recording.count_other()
        return None
    body = getattr(request, "_content", b"")
    if nesting.same_call(nesting.under_way.get(), client, body):
        return None
    flight = kind(
        recording,
        request,
        url=url,
        body=body,
        headers=entries_of(request.headers),
        streamed=bool(kwargs.get("stream")),
    )
    flight.depart(client)
    return flight


def _is_of(original: Send, library: str) -> bool:
    """Tell whether `original` is the library's own.

    Then we may have it leave the body to us, and see that arrive. What somebody else has put around
    it is called as the user's code would have called it.
    """
    return str(getattr(original, "__globals__", {}).get("__name__", "")).startswith(library + ".")


def sync_send(original: Send, library: str) -> Send:
    """Wrap ``Client.send``."""
    own = _is_of(original, library)
    kind = Httpx2Flight if library == "httpx2" else HttpxFlight

    @wraps(original)
    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        recording = context.current()
        if recording is None:
            return original(self, request, *args, **kwargs)
        streamed = bool(kwargs.get("stream"))
        flight = recording.guarded(_depart, kind, recording, self, request, kwargs)
        if flight is None:
            return original(self, request, *args, **kwargs)
        if own:
            kwargs["stream"] = True
        try:
            response = original(self, request, *args, **kwargs)
        except BaseException as error:
            flight.fail(error)
            raise
        finally:
            flight.sent()
        flight.arrived(response)
        if own and not streamed:
            try:
                response.read()
            except BaseException:
                response.close()
                raise
        return response

    return send


def async_send(original: Send, library: str) -> Send:
    """Wrap ``AsyncClient.send``."""
    own = _is_of(original, library)
    kind = Httpx2Flight if library == "httpx2" else HttpxFlight

    @wraps(original)
    async def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        recording = context.current()
        if recording is None:
            return await original(self, request, *args, **kwargs)
        streamed = bool(kwargs.get("stream"))
        flight = recording.guarded(_depart, kind, recording, self, request, kwargs)
        if flight is None:
            return await original(self, request, *args, **kwargs)
        if own:
            kwargs["stream"] = True
        try:
            response = await original(self, request, *args, **kwargs)
        except BaseException as error:
            flight.fail(error)
            raise
        finally:
            flight.sent()
        flight.arrived(response)
        if own and not streamed:
            try:
                await response.aread()
            except BaseException:
                await response.aclose()
                raise
        return response

    return send
