"""Columns of `messages_df`: a row is one message sent or answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..column import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...model.call import Call, Message


@dataclass(slots=True)
class MessageRow:
    """A message and where it stood. ``choice`` is None for input."""

    call: Call
    message: Message
    index: int
    direction: str
    choice: int | None


def message_rows(calls: Iterable[Call]) -> list[MessageRow]:
    """Give a row per message: what was sent, then the answers; the index runs through both."""
    rows = []
    for call in calls:
        sent = len(call.messages)
        rows += [MessageRow(call, m, i, "input", None) for i, m in enumerate(call.messages)]
        rows += [MessageRow(call, m, sent + i, "answer", i) for i, m in enumerate(call.answers)]
    return rows


def _text_of(kind: str) -> Callable[[MessageRow], str | None]:
    def text(row: MessageRow) -> str | None:
        found = [p.text for p in row.message.parts if p.kind == kind]
        return "".join(found) if found else None

    return text


def _kinds(row: MessageRow) -> str:
    return "+".join(dict.fromkeys(p.kind for p in row.message.parts))


def _answers(row: MessageRow) -> str | None:
    return next((p.id for p in row.message.parts if p.kind == "tool_result"), None)


def _chars(row: MessageRow) -> int:
    return sum(len(p.text) for p in row.message.parts)


MESSAGES: list[Column] = [
    Column("capture_id", "call.capture_id", "string", doc="the execution of a cell"),
    Column("trace_id", "call.trace_id", "string", doc="W3C trace id"),
    Column("call_id", "call.call_id", "string", doc="the call it was sent in or answered by"),
    Column("message_index", "index", "Int64", doc="0 for the first one sent; answers count on"),
    Column("direction", "direction", "category", doc="sent or answered", categories=("input", "answer")),
    Column("choice", "choice", "Int64", doc="which of the answers; NA for input"),
    Column("role", "message.role", "category", doc="system, user, assistant, tool, input, output"),
    Column("text", lambda r: r.message.text, "string", doc="visible text: text and refusal parts"),
    Column("reasoning", _text_of("reasoning"), "string", doc="reasoning text, if it came"),
    Column(
        "tool_calls",
        lambda r: sum(p.kind == "tool_call" for p in r.message.parts),
        "Int64",
        doc="tool calls asked for in it; see tool_calls_df",
    ),
    Column("tool_call_id", _answers, "string", doc="the tool call it is the result of"),
    Column("part_kinds", _kinds, "string", doc="kinds of its parts, each once, joined by +"),
    Column("name", "message.name", "string", doc="name of the speaker or tool, if sent"),
    Column("chars", _chars, "Int64", "characters", "of all text in it, arguments and results included"),
]
