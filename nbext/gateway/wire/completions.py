"""The older completions API: a prompt instead of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..answers.prompt import Prompt, Turn
from ..answers.tokens import chunks
from . import chat, content

if TYPE_CHECKING:
    from ..answers.reply import Reply
    from ..endpoints import Family

Json = dict[str, Any]


def read(request: Json) -> Prompt:
    """Read a completions request; of several prompts the first is answered."""
    given = request["prompt"]
    text = given[0] if isinstance(given, list) and given else given
    prompt = Prompt(turns=[Turn("user", str(text))])
    limit = request.get("max_tokens")
    prompt.max_tokens = limit if isinstance(limit, int) else None
    prompt.stop = content.stops(request.get("stop"))
    prompt.n = request["n"] if isinstance(request.get("n"), int) else 1
    return prompt


def answer(reply: Reply, family: Family) -> Json:
    """Write the whole answer."""
    choices = [
        {"index": index, "text": choice.text, "finish_reason": choice.finish, "logprobs": None}
        for index, choice in enumerate(reply.choices)
    ]
    return {**_head(reply), "choices": choices, "usage": chat.usage(reply.tokens, family)}


def events(reply: Reply, family: Family) -> list[Json]:
    """Write the chunks of a streamed answer, each with a ``usage``."""
    found = []
    for index, choice in enumerate(reply.choices):
        parts = chunks(choice.text) or [""]
        for number, piece in enumerate(parts):
            finish = choice.finish if number == len(parts) - 1 else None
            entry = {"index": index, "text": piece, "finish_reason": finish, "logprobs": None}
            found.append({**_head(reply), "choices": [entry]})
    for number, chunk in enumerate(found, 1):
        share = number / len(found)
        chunk["usage"] = chat.usage_so_far(reply.tokens, family, share, last=number == len(found))
    return found


def _head(reply: Reply) -> Json:
    return {"id": reply.id, "object": "text_completion", "created": reply.created, "model": reply.model}
