"""Tokens by rule of thumb: close to what real tokenizers count for English, and the same on every run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .prompt import Prompt

# A piece keeps the space before it, as byte-pair tokenizers do, so that joining pieces gives the text back.
_PIECE = re.compile(r"\s*[A-Za-zÀ-ÿ]{1,9}|\s*\d{1,3}|\s*[^\sA-Za-zÀ-ÿ\d]|\s+")

# Chat templates wrap every message in role markers, and tools in instructions.
_PER_MESSAGE = 4
_PER_PROMPT = 6
_PER_TOOL = 12

_MOST_CHUNKS = 2000


def pieces(text: str) -> list[str]:
    """Split ``text`` into token-like pieces; ``"".join(pieces(text)) == text``."""
    return _PIECE.findall(text)


def chunks(text: str) -> list[str]:
    """Split ``text`` as a stream would: a token at a time, coarser when there are very many."""
    found = pieces(text)
    size = len(found) // _MOST_CHUNKS + 1
    return found if size == 1 else ["".join(found[at : at + size]) for at in range(0, len(found), size)]


def count(text: str) -> int:
    """Return the number of token-like pieces of ``text``."""
    return sum(1 for _ in _PIECE.finditer(text))


def count_prompt(prompt: Prompt) -> int:
    """Return the input tokens of a chat prompt, with what a chat template adds."""
    total = count(prompt.text)
    if prompt.turns:
        total += _PER_PROMPT + _PER_MESSAGE * len(prompt.turns)
    for tool in prompt.tools:
        total += _PER_TOOL + count(tool.name) + count(tool.description) + count(json.dumps(tool.schema))
    return total


def cut(text: str, limit: int) -> tuple[str, bool]:
    """Return the first ``limit`` tokens of ``text`` and whether anything was cut off."""
    found = pieces(text)
    if len(found) <= limit:
        return text, False
    return "".join(found[:limit]), True
