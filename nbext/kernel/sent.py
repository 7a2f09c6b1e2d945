"""What a call was sent with: the client, its loop, the request, and where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..capture import resend

if TYPE_CHECKING:
    from ..capture.senders import Sender
    from ..model.call import Call
    from ..results.captured import Capture


def client_of(sender: Sender | None, given: Any) -> Any:
    """Give the client to send with: the one given, else the one that sent the call.

    Raises
    ------
    LookupError
        There is none, or it was closed.
    """
    client = given if given is not None else None if sender is None else sender.client
    if client is None:
        why = "it was not sent by this kernel" if sender is None else "the client that sent it is gone"
        raise LookupError(f"this call cannot be sent again: {why}; give a client: call.replay(client=…)")
    if resend.is_closed(client):
        raise LookupError(
            "this call cannot be sent again: its client was closed; give another: call.replay(client=…)"
        )
    return client


def check_loop(sender: Sender) -> None:
    """See that the event loop of an asynchronous client is still there.

    Raises
    ------
    LookupError
        It has ended.
    """
    loop = sender.loop
    if loop is None or loop.is_closed():
        # Its connections are of that loop, and fail in any other.
        raise LookupError(
            "this call cannot be sent again: the event loop its client was used in has ended; "
            "give another: call.replay(client=…)"
        )


def body_of(call: Call, source: Capture | None) -> dict[str, Any]:
    """Give the request as it was sent: what the call shows has secrets taken out."""
    from ..model.bodies import request_json
    from ..model.redact import Redactor

    attempts = [] if source is None else source.attempts_of(call.call_id)
    body = request_json(attempts[-1], Redactor(enabled=False))[0] if attempts else call.request
    if not isinstance(body, dict):
        raise ValueError("this call cannot be sent again: its request is not a JSON object")
    if body.get("client_request_id") == call.call_id:
        body = {name: value for name, value in body.items() if name != "client_request_id"}
    return body


def label_of(call: Call, source: Capture | None) -> str:
    """Say which call is sent again: ``chat in write, run 4``."""
    from ..model.span import span_of

    name = span_of(call).name
    if source is None:
        return name
    where = source.name or (f"cell {source.cell}" if source.cell is not None else "")
    run = f", run {source.run}" if source.run is not None and source.run > 1 else ""
    return f"{name} in {where}{run}" if where else name
