"""Which file reads and writes which API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from . import chat, completions, gemini, messages, responses, sse

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..answers.prompt import Prompt
    from ..answers.reply import Reply
    from ..endpoints import Family


class Dialect(Protocol):
    """What a file of this folder offers for an API that generates text."""

    def read(self, request: dict[str, Any]) -> Prompt:
        """Read a request."""

    def answer(self, reply: Reply, family: Family) -> dict[str, Any]:
        """Write the whole answer."""

    def events(self, reply: Reply, family: Family) -> list[dict[str, Any]]:
        """Write the events of a streamed answer."""


DIALECTS: dict[str, Dialect] = {
    "chat": chat,
    "completions": completions,
    "responses": responses,
    "messages": messages,
    "gemini": gemini,
}
ENCODERS: dict[str, Callable[[Any], bytes]] = {
    "chat": sse.data,
    "completions": sse.data,
    "responses": sse.named,
    "messages": sse.named,
    "gemini": sse.data,
}
# APIs whose stream ends with ``data: [DONE]``.
WITH_DONE = frozenset({"chat", "completions"})
