"""Ids in the form each model family gives its answers and tool calls."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..endpoints import Family


def _base62(length: int) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number = uuid.uuid4().int
    return "".join(alphabet[number // 59**place % 59] for place in range(length))


def answer_id(family: Family) -> str:
    """Return a new id of a chat answer."""
    if family == "claude":
        return f"msg_bdrk_01{_base62(20)}"
    if family == "openai":
        return f"chatcmpl-{_base62(20)}"
    return f"chatcmpl_{uuid.uuid4()}"


def tool_call_id(family: Family) -> str:
    """Return a new id of a tool call."""
    if family == "claude":
        return f"toolu_bdrk_01{_base62(20)}"
    if family == "openai":
        return f"call_{_base62(20)}"
    return f"call_{uuid.uuid4()}"
