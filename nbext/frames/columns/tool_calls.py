"""Columns of `tool_calls_df`: a row is one tool call of an answer, with the result sent back later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..column import Column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...model.call import Call, Part


@dataclass(slots=True)
class ToolCallRow:
    """A tool call, its place in the answer, and the result with the call that carried it."""

    call: Call
    part: Part
    index: int
    choice: int
    result: Part | None
    answer: Call | None


# Results by the id they answer, each with the call they were sent in; earliest call first.
Results = dict[str, list[tuple["Call", "Part"]]]


def tool_call_rows(calls: Iterable[Call]) -> list[ToolCallRow]:
    """Give a row per tool call, each joined with its result."""
    calls = list(calls)
    results = _results(calls)
    rows = []
    for call in calls:
        for choice, message in enumerate(call.answers):
            asked = [part for part in message.parts if part.kind == "tool_call"]
            for index, part in enumerate(asked):
                answer, result = _find(results, call, part)
                rows.append(ToolCallRow(call, part, index, choice, result, answer))
    return rows


def _results(calls: list[Call]) -> Results:
    results: Results = {}
    for call in sorted(calls, key=lambda c: c.start_ns):
        for message in call.messages:
            for part in message.parts:
                if part.kind == "tool_result" and part.id is not None:
                    results.setdefault(part.id, []).append((call, part))
    return results


def _find(results: Results, call: Call, part: Part) -> tuple[Call | None, Part | None]:
    """Find the first later call with the result; the own trace first, since some models count ids anew."""
    if part.id is None:
        return None, None
    later = [found for found in results.get(part.id, ()) if found[0].start_ns > call.start_ns]
    for same in ("trace_id", "capture_id"):
        for found in later:
            if getattr(found[0], same) == getattr(call, same) is not None:
                return found
    return None, None


TOOL_CALLS: list[Column] = [
    Column("capture_id", "call.capture_id", "string", doc="the execution of a cell"),
    Column("trace_id", "call.trace_id", "string", doc="W3C trace id"),
    Column("call_id", "call.call_id", "string", doc="the call whose answer asked for the tool"),
    Column("tool_call_index", "index", "Int64", doc="0 for the first of the answer"),
    Column("choice", "choice", "Int64", doc="which of the answers"),
    Column("tool_call_id", "part.id", "string", doc="the model's id of it"),
    Column("name", "part.name", "string", doc="the tool"),
    Column("arguments", "part.text", "string", doc="as the model wrote them, usually JSON"),
    Column("result", lambda r: r.result.text if r.result else None, "string", doc="text sent back, if any"),
    Column(
        "is_error",
        lambda r: r.result.is_error if r.result else None,
        "boolean",
        doc="the result was sent back as an error; NA without a result",
    ),
    Column("answered", lambda r: r.result is not None, "boolean", doc="a result was sent in a later call"),
    Column(
        "result_call_id",
        lambda r: r.answer.call_id if r.answer else None,
        "string",
        doc="the later call that carried the result",
    ),
]
