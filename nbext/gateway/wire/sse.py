"""How the events of a stream become bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE = b"data: [DONE]\n\n"


def compact(value: Any) -> str:
    """JSON as the gateway writes it: no spaces, text unescaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def data(event: Any) -> bytes:
    """One event with only data, as chat streams have."""
    return f"data: {compact(event)}\n\n".encode()


def named(event: dict[str, Any]) -> bytes:
    """One event named by its ``type``, as Responses and Anthropic streams have."""
    return f"event: {event['type']}\ndata: {compact(event)}\n\n".encode()


def array(events: Sequence[Any]) -> list[bytes]:
    """One JSON array that arrives piece by piece."""
    opened = [
        f"{'[' if number == 0 else ','}{compact(event)}".encode() for number, event in enumerate(events)
    ]
    return [*opened, b"]"]
