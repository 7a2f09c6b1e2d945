"""The model of the stand-in: a prompt in, a reply out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..wire import ids
from . import structured, tokens, tools
from .reply import Choice, Reply, Tokens
from .text import answer_text
from .words import key_words

if TYPE_CHECKING:
    from ..endpoints import Entity
    from .prompt import Prompt


def reply_to(prompt: Prompt, entity: Entity, *, cache_hit: bool = False) -> Reply:
    """Answer ``prompt`` as the model of ``entity`` would.

    ``cache_hit`` says that the prompt's marked prefix was seen before.
    """
    choices = [_choice(prompt, entity, variant) for variant in range(max(1, min(prompt.n, 8)))]
    counts = Tokens(input=tokens.count_prompt(prompt))
    cached = tokens.count(prompt.cached_prefix)
    if cache_hit:
        counts.cache_read = cached
    else:
        counts.cache_write = cached
    for choice in choices:
        reasoning = tokens.count(choice.reasoning)
        counts.reasoning += reasoning
        counts.output += reasoning + max(1, tokens.count(choice.text))
        counts.output += sum(8 + tokens.count(call.name + call.arguments) for call in choice.tool_calls)
    return Reply(ids.answer_id(entity.family), entity.model, int(time.time()), choices, counts)


def _choice(prompt: Prompt, entity: Entity, variant: int) -> Choice:
    choice = Choice()
    if prompt.thinking or entity.family == "gpt-oss":
        choice.reasoning = _reasoning(prompt)
    calls = tools.next_calls(prompt) if prompt.tools and prompt.tool_choice != "none" else []
    if calls:
        choice.tool_calls = [call.with_id(ids.tool_call_id(entity.family)) for call in calls]
        choice.finish = "tool_calls"
        if entity.family == "claude":
            choice.text = tools.preface(calls)
        return choice
    if prompt.schema is not None:
        choice.text = structured.json_answer(prompt, variant)
    elif results := tools.results_of(prompt):
        choice.text = tools.answer_from(results, prompt)
    else:
        choice.text = answer_text(prompt, variant)
    _limit(choice, prompt)
    return choice


def _limit(choice: Choice, prompt: Prompt) -> None:
    for stop in prompt.stop:
        before, found, _ = choice.text.partition(stop)
        if found:
            choice.text = before
    if prompt.max_tokens is not None and prompt.max_tokens > 0:
        choice.text, was_cut = tokens.cut(choice.text, prompt.max_tokens)
        if was_cut:
            choice.finish = "length"


def _reasoning(prompt: Prompt) -> str:
    subject = " ".join(key_words(prompt.question)[:4]) or "this"
    if tools.results_of(prompt):
        return "I have the results now. Check that they answer the question, then put it in plain words."
    if prompt.tools:
        return f"The user asks about {subject}. I should look that up rather than guess."
    return (
        f"The user asks about {subject}. Keep to what is asked, give the reason, and end with the next step."
    )
