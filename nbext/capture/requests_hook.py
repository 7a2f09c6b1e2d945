"""What is put around ``Session.send`` of requests."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from ..model.query_values import without_query_values
from . import context, inject, nesting
from .flight import Flight
from .raw import RawBody
from .upload import FileUpload, Upload

if TYPE_CHECKING:
    from .recording import Recording

Send = Callable[..., Any]


class RequestsFlight(Flight):
    """An attempt made with requests."""

    __slots__ = ("_body", "_changes", "_hooks", "_raw", "_thread")

    library = "requests"

    _changes: inject.Changed | None
    _body: Any
    _hooks: list[Any]
    # The body that is being watched: of the last response of a chain of redirects.
    _raw: RawBody | None

    def change(self, propagate: bool) -> None:
        """Add to the request, a ``traceparent`` if it is to `propagate`; watch its body being sent."""
        request = self.request
        self._changes = self._body = self._raw = None
        self._thread = threading.get_ident()
        # Hooks of a request run when its response head is there and before anyone reads the body.
        self._hooks = request.hooks.setdefault("response", [])
        self._hooks.insert(0, self._head)
        if request.body is not None and not isinstance(request.body, (bytes, str)):
            self._body = request.body
            kind = FileUpload if hasattr(request.body, "read") else Upload
            request.body = kind(request.body, self.attempt)
        added, body = self.additions(propagate)
        if body is not None:
            self._body, request.body = request.body, body
        if added:
            self._changes = inject.Changed(request.headers, added)
            self.changed.add(id(request))

    def restore(self) -> None:
        """Leave the request as it was given to us."""
        request = self.request
        self._hooks.remove(self._head)
        if self._changes is not None:
            self._changes.undo()
            self.changed.discard(id(request))
        if self._body is not None:
            if isinstance(request.body, Upload):
                request.body.finish()
            request.body = self._body

    def _head(self, response: Any, *_: Any, **__: Any) -> None:
        # Another thread may be sending the same prepared request.
        if threading.get_ident() == self._thread:
            self.recording.guarded(self._arrived, response)

    def _arrived(self, response: Any) -> None:
        # Here and not when the request is sent, which nothing tells us of.
        if isinstance(self.request.body, Upload):
            self.request.body.finish()
        self.note()
        attempt, raw = self.attempt, response.raw
        attempt.pieces.clear()
        attempt.piece_ns.clear()
        self.head(response.status_code, list(response.headers.items()))
        # Retries of urllib3 itself, made below `Session.send`.
        history = getattr(getattr(raw, "retries", None), "history", ())
        attempt.inner_retries = [
            (entry.status, "" if entry.error is None else _words(entry.error)) for entry in history
        ]
        if raw is not None:
            self._raw = response.raw = RawBody(raw, self)

    def returned(self, response: Any) -> None:
        """Take in what `send` returned."""
        if self.recording.guarded(self._returned, response) is None:
            self.finish("complete")

    def _returned(self, response: Any) -> bool:
        attempt = self.attempt
        if self._changes is not None:
            # Those that were made of ours to follow redirects.
            made = [past.request for past in (response, *response.history)]
            for request in (*made, response._next):
                if request is not None and request is not self.request:
                    self._changes.clean(request.headers)
        watched = self._raw is not None and response.raw is self._raw
        if not watched:
            # A hook of the user's has put another response in the place of ours.
            attempt.pieces.clear()
            attempt.piece_ns.clear()
            self.head(response.status_code, list(response.headers.items()))
        content = getattr(response, "_content", None)
        if isinstance(content, bytes) and not attempt.pieces:
            self.whole(content)
        elif not watched or getattr(response, "_content_consumed", False):
            self.finish("complete")
        return True


def _depart(recording: Recording, session: Any, request: Any, streamed: bool) -> RequestsFlight | None:
    url = recording.options.matcher.kept_url(str(request.url)) if request.method == "POST" else None
    body = request.body
    body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b""
    outer = nesting.under_way.get()
    if nesting.same_call(outer, session, body):
        return None
    if url is None:
        recording.count_other()
        return None
    traceparent = request.headers.get("traceparent")
    if isinstance(traceparent, bytes):
        traceparent = traceparent.decode("latin-1")
    flight = RequestsFlight(
        recording,
        session,
        request,
        url=url,
        body=body,
        headers=list(request.headers.items()),
        streamed=streamed,
    )
    flight.depart(outer, traceparent)
    return flight


def session_send(original: Send) -> Send:
    """Wrap ``Session.send``."""

    @wraps(original)
    def send(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        recording = context.current()
        if recording is None:
            return original(self, request, *args, **kwargs)
        streamed = bool(kwargs.get("stream", getattr(self, "stream", False)))
        flight = recording.guarded(_depart, recording, self, request, streamed)
        if flight is None:
            return original(self, request, *args, **kwargs)
        try:
            response = original(self, request, *args, **kwargs)
        except BaseException as error:
            flight.fail(error)
            raise
        finally:
            flight.sent()
        flight.returned(response)
        return response

    return send


def _words(error: BaseException) -> str:
    return without_query_values(f"{type(error).__name__}: {error}")
