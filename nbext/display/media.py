"""The bytes of images and sounds, of which a call's messages hold the size alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..model.dialects.content import base64_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model.call import Call, Part

# A shorter text is no picture, and would be met in names and ids.
_SHORTEST = 16


def media_url(call: Call, of: str, message: int, part: int) -> str | None:
    """Give the data URL of a part, looked up in the call's JSON; None if it is not there.

    Parameters
    ----------
    call : Call
    of : {"messages", "answers"}
    message, part : int
        Place of the part in them.
    """
    messages = {"messages": call.messages, "answers": call.answers}.get(of, [])
    if not 0 <= message < len(messages) or not 0 <= part < len(messages[message].parts):
        return None
    wanted = messages[message].parts[part]
    if wanted.kind not in ("image", "audio") or wanted.size is None:
        return None
    # Of several of one size, the one at the same place among them.
    before = [
        each for i, one in enumerate(messages) for j, each in enumerate(one.parts) if (i, j) < (message, part)
    ]
    place = sum(each.kind == wanted.kind and each.size == wanted.size for each in before)
    found = list(_urls(call.request if of == "messages" else call.response, wanted))
    return found[min(place, len(found) - 1)] if found else None


def _urls(value: Any, wanted: Part) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _urls(item, wanted)
    elif isinstance(value, str) and len(value) >= _SHORTEST:
        _head, comma, data = value.partition(",") if value.startswith("data:") else ("", "", value)
        if base64_size(data) == wanted.size:
            yield value if comma else f"data:{wanted.mime_type or f'{wanted.kind}/*'};base64,{data}"
