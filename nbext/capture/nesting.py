"""A `send` that is made inside another one and is the same call."""

from __future__ import annotations

from contextvars import ContextVar

Outer = tuple[object, bytes] | None

# The client and body of the `send` under way in this context. Put back by hand and not by token, as a
# coroutine may be driven on in another context than it began in.
under_way: ContextVar[Outer] = ContextVar("nbext_under_way", default=None)


def same_call(outer: Outer, client: object, body: bytes) -> bool:
    """Tell whether the call is already being recorded by the `send` it is made in, `outer`.

    That is so when requests follows a redirect, when an event hook sends the request again, and
    when a transport hands it on to a client of its own. A gateway that is served in this process
    and asks its model with another client and another body is not that.
    """
    return outer is not None and (outer[0] is client or (bool(body) and outer[1] == body))
