"""Which prompts of a registry the messages of a call were made from."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .call import Message

_VARIABLE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
# A template of variables alone fits any text, and says nothing.
_FEWEST_LETTERS = 4


def linked(prompts: Iterable[dict[str, Any]], messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Give the prompts that fit, as `WirePrompt` of `renderers/src/wire/assessment.ts`.

    Parameters
    ----------
    prompts : iterable of dict
        ``name``, ``version``, ``template`` (a text, or ``[{"role", "content"}]``), and what else is
        known: ``alias``, ``uri``, ``previous``.
    messages : sequence of Message
    """
    found = []
    for prompt in prompts:
        fitting = _fitting(prompt.get("template"), messages)
        if fitting is not None:
            places, variables = fitting
            found.append({**prompt, "messages": places, **({"variables": variables} if variables else {})})
    return found


def _fitting(template: Any, messages: Sequence[Message]) -> tuple[list[int], dict[str, str]] | None:
    parts = [{"content": template}] if isinstance(template, str) else template
    if not isinstance(parts, list) or not parts:
        return None
    places: list[int] = []
    variables: dict[str, str] = {}
    for part in parts:
        content, role = part.get("content"), part.get("role")
        if not isinstance(content, str):
            return None
        for index, message in enumerate(messages):
            values = variables_in(content, message.text)
            if index not in places and values is not None and role in (None, message.role):
                places.append(index)
                variables |= values
                break
        else:
            return None
    return places, variables


def variables_in(template: str, text: str) -> dict[str, str] | None:
    """Give what stands in a text for each variable of a template; None if it was not made from it.

    Examples
    --------
    >>> variables_in("Answer about {{ topic }} in {{n}} words.", "Answer about tea in 3 words.")
    {'topic': 'tea', 'n': '3'}
    >>> variables_in("Answer about {{ topic }}.", "Sing of tea.") is None
    True
    """
    pieces = _pieces(template)
    if len("".join(pieces[::2]).strip()) < _FEWEST_LETTERS or not text.startswith(pieces[0]):
        return None
    found: dict[str, str] = {}
    at = len(pieces[0])
    # From word to word, so that a long text costs no more than being read once.
    for index in range(1, len(pieces), 2):
        name, words = pieces[index], pieces[index + 1]
        last = index + 2 == len(pieces)
        if last:
            end = len(text) - len(words) if text.endswith(words) else -1
        else:
            end = text.find(words, at) if words else at
        if end < at or found.setdefault(name, text[at:end]) != text[at:end]:
            return None
        at = end + len(words)
    return found if at == len(text) else None


@lru_cache(maxsize=256)
def _pieces(template: str) -> list[str]:
    """Words and names of variables in turn; it begins and ends with words."""
    return _VARIABLE.split(template)
