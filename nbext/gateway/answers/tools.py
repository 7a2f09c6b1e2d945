"""A tool loop as a model would run it: which tools to call next, and what to say when they are done."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..chance import pick
from .arguments import arguments_for
from .prompt import ToolCall
from .said import Source
from .words import key_words, stems

if TYPE_CHECKING:
    from .prompt import Prompt, Tool

# A loop that has gone on for this many rounds is brought to an end.
_MOST_ROUNDS = 5

# Tools that change something come after those that only look.
_ACTS = re.compile(
    r"^(create|open|send|update|delete|refund|issue|cancel|post|write|add|set|book|schedule|escalate|notify|file|close)",
    re.I,
)

_DONE = {
    "create": "created",
    "open": "opened",
    "send": "sent",
    "update": "updated",
    "issue": "issued",
    "book": "booked",
}

# Longer texts from tools are quoted up to here.
_LONGEST = 240


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A tool call without its id yet."""

    name: str
    arguments: str

    def with_id(self, id: str) -> ToolCall:  # noqa: A002
        """Return the call under the id given."""
        return ToolCall(id, self.name, self.arguments)


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool returned: parsed JSON, or text."""

    tool: str
    value: Any


def results_of(prompt: Prompt) -> list[Result]:
    """Return what the tools have returned since the last question."""
    names = {call.id: call.name for turn in prompt.turns for call in turn.tool_calls}
    returned = [turn for turn in prompt.since_question if turn.role == "tool"]
    return [Result(names.get(turn.result_of or "", "tool"), _parsed(turn.text)) for turn in returned]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def next_calls(prompt: Prompt) -> list[PlannedCall]:
    """Return the tool calls of this turn; none when it is time to answer."""
    called = [call.name for turn in prompt.since_question for call in turn.tool_calls]
    if prompt.tool_choice not in ("auto", "required"):
        named = [tool for tool in prompt.tools if tool.name == prompt.tool_choice]
        return [_planned(tool, prompt)[0] for tool in named if tool.name not in called]
    rounds = sum(1 for turn in prompt.since_question if turn.tool_calls)
    candidates = [tool for tool in _relevant(prompt) if tool.name not in called]
    if not candidates or rounds >= _MOST_ROUNDS:
        return []
    planned = [(tool, *_planned(tool, prompt)) for tool in candidates]
    looking = [entry for entry in planned if not _ACTS.match(entry[0].name)]
    # A tool whose ids are still unknown waits for the one that will tell them.
    ready = [
        entry for entry in looking or planned if not any(name.lower().endswith("id") for name in entry[2])
    ]
    chosen = ready or (looking or planned)[:1]
    calls = [entry[1] for entry in chosen]
    return calls if prompt.parallel_tools else calls[:1]


def _relevant(prompt: Prompt) -> list[Tool]:
    words = stems(f"{prompt.question} {prompt.system}")
    scored = [(len(words & stems(f"{tool.name} {tool.description}")), tool) for tool in prompt.tools]
    fitting = [tool for score, tool in scored if score > 0]
    if fitting or any(turn.tool_calls for turn in prompt.since_question):
        return fitting
    return prompt.tools[:1]


def _planned(tool: Tool, prompt: Prompt) -> tuple[PlannedCall, set[str]]:
    source = Source(prompt.question, facts_of(results_of(prompt)))
    arguments, made_up = arguments_for(tool.schema, source)
    # A call with no arguments streams no fragment at all.
    text = json.dumps(arguments, ensure_ascii=False) if arguments else ""
    return PlannedCall(tool.name, text), made_up


def facts_of(results: list[Result]) -> dict[str, Any]:
    """Return names and values that the tools have told; the newest win."""
    facts: dict[str, Any] = {}
    for result in results:
        value = result.value[0] if isinstance(result.value, list) and result.value else result.value
        for name, inner in value.items() if isinstance(value, dict) else ():
            facts[name] = inner
            for deep, leaf in _first(inner).items():
                facts.setdefault(deep, leaf)
    return facts


def _first(value: Any) -> dict[str, Any]:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else {}


def preface(calls: list[PlannedCall]) -> str:
    """Return what a model that talks before it calls says."""
    openings = ("Let me look that up.", "I'll check that for you.", "I'll look into it.")
    return pick(openings, *(call.name for call in calls))


def answer_from(results: list[Result], prompt: Prompt) -> str:
    """Put what the tools returned into sentences."""
    sentences = [_sentence(result) for result in results]
    subject = " ".join(key_words(prompt.question)[:5])
    opening = (
        "Here is what I found." if len(results) > 1 else f"I checked {subject}." if subject else "I checked."
    )
    failed = any(isinstance(result.value, dict) and "error" in result.value for result in results)
    closing = "One of the checks failed, so please confirm that part before acting on it." if failed else ""
    return " ".join(filter(None, [opening, *sentences, closing]))


def _sentence(result: Result) -> str:
    verb, _, noun = result.tool.replace("_", " ").partition(" ")
    subject = f"{noun} {_DONE.get(verb, '')}".strip().capitalize() or verb.capitalize()
    if not isinstance(result.value, str):
        return f"{subject}: {_phrase(result.value)}."
    text = " ".join(result.value.split())
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST].rpartition(' ')[0]} …"
    return f"{subject}: {text}" if text.endswith((".", "!", "?", "…")) else f"{subject}: {text}."


def _phrase(value: Any, depth: int = 0) -> str:
    if isinstance(value, dict):
        parts = [
            f"{key.replace('_', ' ')} {_phrase(inner, depth + 1)}" for key, inner in list(value.items())[:6]
        ]
        return ", ".join(parts) or "nothing"
    if isinstance(value, list):
        if not value:
            return "none"
        shown = "; ".join(_phrase(inner, depth + 1) for inner in value[:3])
        more = f" and {len(value) - 3} more" if len(value) > 3 else ""
        return f"{len(value)} found ({shown}{more})" if depth == 0 else shown + more
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
