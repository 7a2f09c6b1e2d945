"""What is put around ``Client.send`` and ``AsyncClient.send`` of httpx and httpx2."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from . import context, inject, nesting
from .body import body_of
from .flight import Flight, outcome_of
from .headers import entries_of, value_of
from .read_here import kept_while_read
from .upload import Upload, sending

if TYPE_CHECKING:
    from .recording import Recording

Send = Callable[..., Any]


class HttpxFlight(Flight):
    """An attempt made with httpx or httpx2."""

    __slots__ = ("_answer", "_changes", "_content", "_entry", "_sending", "_stream")

    library = "httpx"

    # The header that was added, if it is just the one, and all else that was changed.
    _entry: tuple[bytes, bytes, bytes] | None
    _changes: inject.Changed | inject.ChangedList | None
    # The request's own body, and what is sent in its place.
    _stream: Any
    _sending: Any
    _content: bytes | None
    # The response's own body, where another one is in its place while we read it.
    _answer: Any

    def change(self, propagate: bool) -> None:
        """Add to the request, a ``traceparent`` if it is to `propagate`; watch its body being sent."""
        request, options = self.request, self.recording.options
        self._changes = self._content = self._entry = None
        self._stream = self._sending = request.stream
        headers: list[Any] | None = getattr(request.headers, "_list", None)
        if headers is None or options.tags or options.request_id or not hasattr(request, "_content"):
            self._change_more(propagate)
            return
        # As nearly always, so done with as little as can be.
        if propagate and id(request) not in self.changed:
            value = f"00-{self.attempt.trace_id}-{self.attempt.call_id}-01".encode()
            self._entry = (b"traceparent", b"traceparent", value)
            headers.append(self._entry)
            self.changed.add(id(request))
        request.stream = self._sending = sending(self._stream, None, self.note)

    def _change_more(self, propagate: bool) -> None:
        request = self.request
        added, body = self.additions(propagate)
        if not hasattr(request, "_content"):
            self._sending = Upload(self._stream, self.attempt)
        else:
            if body is not None:
                self._content, request._content = request._content, body
            self._sending = sending(self._stream, body, self.note)
        request.stream = self._sending
        if added:
            headers = request.headers
            kind = inject.ChangedList if hasattr(headers, "_list") else inject.Changed
            self._changes = kind(headers, added)
            self.changed.add(id(request))

    def restore(self) -> None:
        """Leave the request as it was given to us."""
        request = self.request
        if self._entry is not None:
            self.changed.discard(id(request))
            _remove(self._entry, request.headers._list)
        elif self._changes is not None:
            self.changed.discard(id(request))
            self._changes.undo()
        if self._content is not None:
            request._content = self._content
        # Another `send` of the same request may have put its own there.
        if request.stream is self._sending:
            request.stream = self._stream
        if self._entry is None and isinstance(self._sending, Upload):
            self._sending.finish()

    def arrived(self, response: Any, *, read_here: bool) -> None:
        """Note the response's head and watch its body, which may be `read_here`. Never raises."""
        self._answer = None
        try:
            self.head(response.status_code, entries_of(response.headers))
            if response.history or response.next_request is not None:
                self._clean(response)
            stream = response.stream
            # Already read by an event hook or an auth flow, or given whole by a transport of the user's.
            if response.is_stream_consumed or response.is_closed:
                self.whole(getattr(response, "_content", b""))
            elif read_here and (kept := kept_while_read(stream, self.attempt)) is not None:
                self._answer = stream
                response.stream = kept
            else:
                response.stream = body_of(stream, self)
        except Exception as error:  # the user's call goes on, the view says so
            self.recording.capture.note_failure(error)
            self.finish("complete")

    def read(self, response: Any, error: BaseException | None = None) -> None:
        """End with an answer that was read here, or failed to be."""
        if self._answer is not None:
            response.stream = self._answer
        if error is None:
            self.finish("complete")
        else:
            self.finish(outcome_of(error), error)

    def _clean(self, response: Any) -> None:
        """Take what is ours off the requests that were made of ours to follow redirects."""
        made = [past.request for past in (response, *response.history)]
        for request in (*made, response.next_request):
            if request is None:
                continue
            if self._entry is not None:
                _remove(self._entry, request.headers._list)
            elif self._changes is not None:
                self._changes.clean(request.headers)
            if request.stream is self._sending:
                request.stream = self._stream


def _remove(entry: tuple[bytes, bytes, bytes], headers: list[Any]) -> None:
    if headers and headers[-1] is entry:
        headers.pop()
    elif entry in headers:
        headers.remove(entry)


class Httpx2Flight(HttpxFlight):
    """An attempt made with httpx2."""

    __slots__ = ()

    library = "httpx2"


def _depart(
    kind: type[HttpxFlight], recording: Recording, client: object, request: Any, streamed: bool
) -> HttpxFlight | None:
    """Begin to record a `send`; None where it is none of ours. Never raises."""
    try:
        # The parsed URL that `str(request.url)` is put together from, which takes longer than all the
        # rest here.
        url: Any = getattr(request.url, "_uri_reference", request.url)
        url = recording.options.matcher.kept_url(url) if request.method == "POST" else None
        if url is None:
            recording.count_other()
            return None
        body = getattr(request, "_content", b"")
        outer = nesting.under_way.get()
        if outer is not None and nesting.same_call(outer, client, body):
            return None
        headers = entries_of(request.headers)
        traceparent = value_of(headers, b"traceparent")
        flight = kind(
            recording,
            client,
            request,
            url=url,
            body=body,
            headers=headers,
            streamed=streamed,
        )
        flight.depart(outer, traceparent)
    except Exception as error:  # the user's call goes on, the view says so
        recording.capture.note_failure(error)
        return None
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
        flight = _depart(kind, recording, self, request, streamed)
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
        flight.arrived(response, read_here=own and not streamed)
        if own and not streamed:
            try:
                response.read()
            except BaseException as error:
                flight.read(response, error)
                response.close()
                raise
            flight.read(response)
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
        flight = _depart(kind, recording, self, request, streamed)
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
        flight.arrived(response, read_here=own and not streamed)
        if own and not streamed:
            try:
                await response.aread()
            except BaseException as error:
                flight.read(response, error)
                await response.aclose()
                raise
            flight.read(response)
        return response

    return send
