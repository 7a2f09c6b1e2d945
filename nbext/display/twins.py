"""What tells sibling calls of one name and one model apart; as `renderers/src/model/callWords.ts` says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .chat import hides_input, parts_of, text_of
from .escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .tree import Node

Wire = dict[str, Any]

_MOST = 120
_ASKED = ("user", "input")


def twins_of(roots: list[Node], nodes: Iterable[Node]) -> set[int]:
    """Give the `id` of each node that has a sibling call of the same name and model."""
    twins: set[int] = set()
    for siblings in (roots, *(node.children for node in nodes)):
        known: dict[tuple[str, str | None], Node] = {}
        for node in siblings:
            call = node.span.get("call")
            if call is None:
                continue
            other = known.setdefault((node.span["name"], call.get("model") or call.get("endpoint")), node)
            if other is not node:
                twins |= {id(other), id(node)}
    return twins


def call_words(call: Wire) -> str:
    """Say what a call asked for, by name; else what it was asked; after tool results what it answered."""
    messages, answer = call["messages"], next(iter(call["answers"]), None)
    asked_for = [part["name"] for part in parts_of(answer or {}) if part["k"] == "tool_call"]
    if asked_for:
        return ", ".join(asked_for)
    last = messages[-1] if messages else None
    if last and last["role"] not in _ASKED and answer:
        return one_line(text_of(answer))[:_MOST]
    asked = next((m for m in reversed(messages) if m["role"] in _ASKED), last)
    return one_line(text_of(asked))[:_MOST] if asked and not hides_input(call) else ""
