"""Token counts in the forms of the APIs, and an estimate where an answer carries none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Usage
from .jsontext import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .call import Message

Json = Any

# OpenAI's rule of thumb, "1 token ~= 4 chars in English"
# (https://help.openai.com/en/articles/4936856). Counted in UTF-8 bytes it also gives about three
# quarters of a token for a Chinese character, where four characters a token would be far off.
BYTES_PER_TOKEN = 4
# Tokens around each message in OpenAI's chat format, and to begin the answer
# (https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken).
_PER_MESSAGE = 3
# No answer has more; past it a number is damage, and 64-bit columns could not hold it.
_MOST = 1 << 53


def usage_of(raw: Json) -> Usage:
    """Read a usage object of OpenAI, Databricks, Anthropic, the Responses API, Gemini or Cohere.

    `Usage.input_tokens` includes cached tokens whatever the API's own habit: Anthropic's three
    input counts are added up; the others' already include them.
    """
    if type(raw) is not dict:
        return Usage()
    if "promptTokenCount" in raw or "totalTokenCount" in raw:
        return _gemini(raw)
    usage = Usage(
        input_tokens=_first(raw, "prompt_tokens", "input_tokens"),
        output_tokens=_first(raw, "completion_tokens", "output_tokens"),
        total_tokens=_first(raw, "total_tokens"),
        cached_tokens=_detail(raw, ("prompt_tokens_details", "input_tokens_details"), "cached_tokens"),
        reasoning_tokens=_detail(
            raw, ("completion_tokens_details", "output_tokens_details"), "reasoning_tokens"
        ),
    )
    read = _first(raw, "cache_read_input_tokens", "prompt_cache_hit_tokens")
    written = _first(raw, "cache_creation_input_tokens")
    if usage.cached_tokens is None:
        usage.cached_tokens = read
    usage.cache_write_tokens = written
    beside = (read or 0) + (written or 0)
    if beside and usage.input_tokens is not None and _excludes_cache(raw, usage, beside):
        usage.input_tokens += beside
        if usage.total_tokens is not None:
            usage.total_tokens = max(usage.total_tokens, usage.input_tokens + (usage.output_tokens or 0))
    _complete(usage)
    return usage


def _excludes_cache(raw: Mapping[str, Json], usage: Usage, beside: int) -> bool:
    """Tell whether cached tokens come on top of the input count.

    Anthropic's own form (``input_tokens``, no total) counts them apart. Databricks uses the same
    names beside ``prompt_tokens``; there the total, or a count too small to hold them, decides.
    """
    given = usage.input_tokens or 0
    if "input_tokens" in raw and "total_tokens" not in raw and "input_tokens_details" not in raw:
        return True
    if given < beside:
        return True
    total = usage.total_tokens
    return total is not None and total >= given + (usage.output_tokens or 0) + beside


def _complete(usage: Usage) -> None:
    """Fill the count that follows from the other two."""
    total, sent, made = usage.total_tokens, usage.input_tokens, usage.output_tokens
    if total is None and (sent is not None or made is not None):
        # Embeddings and rerank make no output tokens: the sum of what is known is the total.
        usage.total_tokens = (sent or 0) + (made or 0)


def _gemini(raw: Mapping[str, Json]) -> Usage:
    """``usageMetadata``; thoughts are counted apart from the candidates and are output all the same."""
    thoughts = _first(raw, "thoughtsTokenCount")
    made = _first(raw, "candidatesTokenCount")
    usage = Usage(
        input_tokens=_first(raw, "promptTokenCount"),
        output_tokens=None if made is None and thoughts is None else (made or 0) + (thoughts or 0),
        total_tokens=_first(raw, "totalTokenCount"),
        cached_tokens=_first(raw, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
    )
    _complete(usage)
    return usage


def merge_usage(known: Json, more: Json) -> Json:
    """Bring a later usage object of a stream into the one before it: last wins, nothing is summed.

    Databricks sends one with every chunk. Claude's are null until the last, and Anthropic's own
    stream tells the input at the beginning and the output at the end, so null never overwrites.
    """
    if type(more) is not dict:
        return known
    if type(known) is not dict:
        return more
    if None not in more.values():
        return {**known, **more}
    return {**known, **{key: value for key, value in more.items() if value is not None or key not in known}}


def count(value: Json) -> int | None:
    """Read a number of tokens; None for what is none."""
    if value is None:
        return None
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and 0 <= value < _MOST:
        return value
    return None


def _first(raw: Mapping[str, Json], *keys: str) -> int | None:
    for key in keys:
        found = count(raw.get(key))
        if found is not None:
            return found
    return None


def _detail(raw: Mapping[str, Json], groups: tuple[str, ...], key: str) -> int | None:
    for group in groups:
        inner = raw.get(group)
        if type(inner) is dict:
            return count(inner.get(key))
    return None


def tokens_in(text: str) -> int:
    """Estimate the tokens of a text: a quarter of its UTF-8 bytes, rounded up."""
    size = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return -(-size // BYTES_PER_TOKEN)


def estimate(messages: Iterable[Message], tools: Json = None) -> int:
    """Estimate the input tokens of a conversation; images, audio and files are left out."""
    total = _PER_MESSAGE
    for message in messages:
        total += _PER_MESSAGE + made_by([message])
    return total + (tokens_in(compact(tools)) if tools else 0)


def made_by(answers: Iterable[Message]) -> int:
    """Estimate the output tokens of answers: their text, reasoning, tool names and arguments."""
    return sum(
        tokens_in(part.text) + tokens_in(part.name or "") for answer in answers for part in answer.parts
    )
