"""Sends a request through a client of the user's and reads the answer to its end, for the hooks to record."""

from __future__ import annotations

import contextlib
import inspect
import json
import socket
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

# What an SDK client puts before these is its `base_url`.
_SDK_PATHS = {
    "chat.completions": "/chat/completions",
    "completions": "/completions",
    "embeddings": "/embeddings",
    "responses": "/responses",
    "messages": "/v1/messages",
}


@dataclass(slots=True)
class Outgoing:
    """A request to send; the head is not shown, as credentials are in it."""

    url: str
    api: str
    body: dict[str, Any]
    head: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    timeout: Any = None
    # What is being read, for `cut`.
    response: Any = field(default=None, repr=False)

    @property
    def content(self) -> bytes:
        """The body as JSON."""
        return json.dumps(self.body, ensure_ascii=False).encode("utf-8", "surrogatepass")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The head, saying what the body is."""
        others = [(name, value) for name, value in self.head if name != "content-type"]
        return [*others, ("content-type", "application/json")]

    def cut(self) -> bool:
        """End the connection of an answer that is being read in another thread, which then goes on.

        Returns
        -------
        bool
            False when there is no such answer yet, or its connection is shared with others.
        """
        connection = None if self.response is None else _socket_of(self.response)
        if connection is None:
            return False
        with contextlib.suppress(OSError):
            # Of the plain socket: the one of TLS would take its state from under its reader. To close
            # it would not wake the reader.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
        return True


def is_async(client: Any) -> bool:
    """Tell whether a client is to be awaited.

    Raises
    ------
    TypeError
        It is no client that can send a request.
    """
    if _is_session(client) or _is_http(client):
        return inspect.iscoroutinefunction(client.send)
    if _is_sdk(client):
        return inspect.iscoroutinefunction(client.post)
    raise TypeError(
        f"client: expected an OpenAI, Anthropic, httpx or requests client, got {type(client).__name__}"
    )


def is_closed(client: Any) -> bool:
    """Tell whether a client was closed and can send nothing more."""
    closed = getattr(client, "is_closed", False)
    return bool(closed() if callable(closed) else closed)


def send(client: Any, outgoing: Outgoing, stop: threading.Event) -> None:
    """Send and read; comes back when the answer is whole, or soon after `stop` is set and it was `cut`."""
    if _is_sdk(client):
        client.post(_path(outgoing), cast_to=object, body=outgoing.body)
        return
    if _is_session(client):
        _send_session(client, outgoing, stop)
        return
    response = outgoing.response = client.send(_built(client, outgoing), stream=True)
    _read(response.iter_raw, outgoing, stop)


def _read(pieces: Callable[[], Iterator[bytes]], outgoing: Outgoing, stop: threading.Event) -> None:
    try:
        if not stop.is_set():
            for _ in pieces():
                if stop.is_set():
                    break
    except Exception:
        # Cut off by who stopped it.
        if not stop.is_set():
            raise
    finally:
        response, outgoing.response = outgoing.response, None
        response.close()


async def send_async(client: Any, outgoing: Outgoing) -> None:
    """Send and read; cancel the task to stop it."""
    if _is_sdk(client):
        await client.post(_path(outgoing), cast_to=object, body=outgoing.body)
        return
    response = await client.send(_built(client, outgoing), stream=True)
    try:
        async for _ in response.aiter_raw():
            pass
    finally:
        await response.aclose()


def _built(client: Any, outgoing: Outgoing) -> Any:
    extensions = {} if outgoing.timeout is None else {"extensions": {"timeout": outgoing.timeout}}
    return client.build_request(
        "POST", outgoing.url, headers=outgoing.headers, content=outgoing.content, **extensions
    )


def _send_session(session: Any, outgoing: Outgoing, stop: threading.Event) -> None:
    import requests

    request = requests.Request("POST", outgoing.url, headers=dict(outgoing.headers), data=outgoing.content)
    prepared = session.prepare_request(request)
    options = session.merge_environment_settings(prepared.url, {}, True, None, None)
    outgoing.response = response = session.send(prepared, **options)
    # One byte at most is waited for, not a whole chunk: a stream shows as it comes.
    _read(partial(response.iter_content, None), outgoing, stop)


def _socket_of(response: Any) -> socket.socket | None:
    """Give the connection of an answer, if nothing else is on it."""
    extensions = getattr(response, "extensions", None)
    if extensions is not None:
        stream = extensions.get("network_stream")
        own = extensions.get("http_version") in (b"HTTP/1.1", b"HTTP/1.0")
        found = stream.get_extra_info("socket") if own and stream is not None else None
    else:
        found = getattr(getattr(getattr(response, "raw", None), "connection", None), "sock", None)
    return found if isinstance(found, socket.socket) else None


def _path(outgoing: Outgoing) -> str:
    path = _SDK_PATHS.get(outgoing.api)
    if path is None:
        raise ValueError(
            f"this client has no path for {outgoing.api} calls; give an httpx or requests client instead"
        )
    return path


def _is_session(client: Any) -> bool:
    return hasattr(client, "prepare_request") and hasattr(client, "send")


def _is_http(client: Any) -> bool:
    return hasattr(client, "build_request") and hasattr(client, "send")


def _is_sdk(client: Any) -> bool:
    return hasattr(client, "with_options") and hasattr(client, "post") and not _is_http(client)
