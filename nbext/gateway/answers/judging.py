"""Judging an answer: what a judge's prompt asks for, ``yes`` or ``no`` with a reason, in JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from .words import key_words

if TYPE_CHECKING:
    from .prompt import Prompt

_FIELDS = frozenset({"result", "rationale"})
_YES_OR_NO = re.compile(r"\byes\b.{0,12}\bno\b", re.I | re.S)
_TAGGED = re.compile(r"<(question|request|query|answer|response|claim|content)>(.*?)</\1>", re.I | re.S)


def is_judging(prompt: Prompt) -> bool:
    """Tell a judge's prompt: its answer is a result and a rationale."""
    named = set((prompt.schema or {}).get("properties", ()))
    in_words = '"result"' in prompt.question and '"rationale"' in prompt.question
    return (named >= _FIELDS or in_words) and _YES_OR_NO.search(prompt.question) is not None


def judgement(prompt: Prompt) -> str:
    """Say whether the answer speaks of what was asked."""
    parts = [part.strip() for _, part in _TAGGED.findall(prompt.question)]
    asked, answered = (parts[0], parts[-1]) if len(parts) > 1 else ("", prompt.question)
    numbers = set(re.findall(r"\d+", asked)) & set(re.findall(r"\d+", answered))
    shared = [*numbers, *(set(key_words(asked)) & set(key_words(answered)))]
    good = bool(shared) or not asked
    reason = (
        f"the answer speaks of {', '.join(sorted(shared)[:3])}"
        if shared
        else "the two have no word in common"
    )
    return json.dumps(
        {"rationale": f"Let's think step by step: {reason}.", "result": "yes" if good else "no"}
    )
