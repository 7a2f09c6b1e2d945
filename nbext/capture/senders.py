"""How to send a call again: which client sent it, and with what head. In memory only, never written.

The client is not kept alive for this, and its credentials are held no longer than it lives.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from . import context

if TYPE_CHECKING:
    from collections.abc import Sequence

Head = tuple[tuple[str, str], ...]
# As the HTTP library has them: (name in lower case, value) last, both bytes or both text.
_Raw = tuple[tuple[Any, ...], ...]

# Of one request alone, or made anew by whoever sends it.
_OF_ONE_REQUEST = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "host",
        "idempotency-key",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "x-request-id",
        "x-stainless-retry-count",
    }
)
_LEFT_OUT = _OF_ONE_REQUEST | {name.encode() for name in _OF_ONE_REQUEST}

# Heads by client: most calls of a client have the same one.
_heads: weakref.WeakKeyDictionary[Any, list[_Raw]] = weakref.WeakKeyDictionary()


class Sender:
    """Where a call came from.

    Parameters
    ----------
    client : httpx or httpx2 client, or requests session
    url : object
        As the client has it; its `str` is the whole URL.
    headers : sequence of (…, name in lower case, value)
        All of the request's.
    timeout : mapping or None
        The request's own, as httpx notes it.
    """

    __slots__ = ("_client", "_loop", "_place", "_url", "timeout")

    def __init__(self, client: Any, url: Any, headers: Sequence[tuple[Any, ...]], timeout: Any) -> None:
        self._client = weakref.ref(client)
        self._url = url
        self.timeout = timeout
        # On the user's call path: nothing is decoded before somebody sends again.
        head = tuple(header for header in headers if header[-2] not in _LEFT_OUT)
        known = _heads.setdefault(client, [])
        if not known or known[-1] != head:
            known.append(head)
        self._place = len(known) - 1
        task = context.task()
        self._loop = None if task is None else weakref.ref(task.get_loop())

    @property
    def client(self) -> Any:
        """The client; None once nobody holds it any more."""
        return self._client()

    @property
    def loop(self) -> Any:
        """The event loop it was used in; None for a synchronous client, or once it is gone."""
        return None if self._loop is None else self._loop()

    @property
    def url(self) -> str:
        """The whole URL, query values included."""
        return str(self._url)

    @property
    def head(self) -> Head:
        """Headers of the request, names in lower case, credentials included."""
        client = self._client()
        return () if client is None else tuple(map(_pair, _heads[client][self._place]))

    def __repr__(self) -> str:
        # Shown in tracebacks: nothing of the head.
        return f"<Sender {type(self.client).__name__}>"


def _pair(header: tuple[Any, ...]) -> tuple[str, str]:
    name, value = (text.decode("latin-1") if isinstance(text, bytes) else str(text) for text in header[-2:])
    return name, value
