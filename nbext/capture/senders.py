"""How to send a call again: which client sent it, and with what head. In memory only, never written.

The client is not kept alive for this, and its credentials are held no longer than it lives.
"""

from __future__ import annotations

import weakref
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from . import context
from .headers import MOST_LAYOUTS
from .known import remember

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Taker = Callable[[Sequence[tuple[Any, ...]]], "_Raw"]

Head = tuple[tuple[str, str], ...]
# As the HTTP library has them: name first, value last, both bytes or both text.
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

# Heads by client: most calls of a client have the same one.
_heads: weakref.WeakKeyDictionary[Any, list[_Raw]] = weakref.WeakKeyDictionary()
# The client of the last call and its heads: asking the dictionary takes longer than comparing heads.
_last: list[tuple[weakref.ref[Any], list[_Raw]] | None] = [None]

# By the names of a request's headers: takes those that are sent again out of it.
_takers: dict[tuple[Any, ...], _Taker] = {}


class Sender:
    """Where a call came from.

    Parameters
    ----------
    client : httpx or httpx2 client, or requests session
    url : object
        As the client has it; its `str` is the whole URL.
    headers : sequence of (name, …, value)
        All of the request's.
    names : tuple
        Theirs.
    timeout : mapping or None
        The request's own, as httpx notes it.
    """

    __slots__ = ("_client", "_loop", "_place", "_url", "timeout")

    def __init__(
        self,
        client: Any,
        url: Any,
        headers: Sequence[tuple[Any, ...]],
        names: tuple[Any, ...],
        timeout: Any,
    ) -> None:
        last = _last[0]
        if last is None or last[0]() is not client:
            last = _last[0] = weakref.ref(client), _heads.setdefault(client, [])
        self._client, known = last
        self._url = url
        self.timeout = timeout
        # On the user's call path: nothing is decoded before somebody sends again.
        head = (_takers.get(names) or _taker(names))(headers)
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


def _text(text: object) -> str:
    return text.decode("latin-1") if isinstance(text, bytes) else str(text)


def _pair(header: tuple[Any, ...]) -> tuple[str, str]:
    return _text(header[0]).lower(), _text(header[-1])


def _taker(names: tuple[Any, ...]) -> _Taker:
    places = [place for place, name in enumerate(names) if _text(name).lower() not in _OF_ONE_REQUEST]

    def take(headers: Sequence[tuple[Any, ...]]) -> _Raw:
        return tuple(headers[place] for place in places)

    taker: _Taker = itemgetter(*places) if len(places) > 1 else take
    return remember(_takers, names, taker, most=MOST_LAYOUTS)
