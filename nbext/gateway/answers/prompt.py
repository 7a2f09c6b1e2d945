"""A request to a model, whatever API it came by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call the model asks for; ``arguments`` is JSON text, ``""`` when it takes none."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Tool:
    """A function the model may call, with the JSON schema of its arguments."""

    name: str
    description: str = ""
    schema: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. Tool results have role ``tool`` and the id of the call they answer."""

    role: str
    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    result_of: str | None = None


@dataclass(slots=True)
class Prompt:
    """What a model is asked, with the options that change an answer.

    ``tool_choice`` is ``auto``, ``none``, ``required`` or a tool's name. ``schema`` is the JSON schema
    an answer must satisfy, ``{}`` for any JSON object, None for prose.
    """

    turns: list[Turn] = field(default_factory=list)
    tools: list[Tool] = field(default_factory=list)
    tool_choice: str = "auto"
    parallel_tools: bool = True
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    n: int = 1
    schema: dict[str, Any] | None = None
    thinking: bool = False
    cached_prefix: str = ""

    @property
    def system(self) -> str:
        """The instructions: system and developer messages joined."""
        return "\n".join(turn.text for turn in self.turns if turn.role in ("system", "developer"))

    @property
    def question(self) -> str:
        """The text of the last user message."""
        for turn in reversed(self.turns):
            if turn.role == "user" and turn.text:
                return turn.text
        return self.turns[-1].text if self.turns else ""

    @property
    def since_question(self) -> list[Turn]:
        """The turns after the last user message: the rounds of a tool loop so far."""
        for index in range(len(self.turns) - 1, -1, -1):
            if self.turns[index].role == "user" and self.turns[index].text:
                return self.turns[index + 1 :]
        return []

    @property
    def text(self) -> str:
        """Everything a tokenizer would see, tools apart."""
        parts = []
        for turn in self.turns:
            parts.append(turn.text)
            parts.extend(f"{call.name} {call.arguments}" for call in turn.tool_calls)
        return "\n".join(parts)
