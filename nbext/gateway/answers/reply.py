"""What a model answered, before it is written in the form of an API."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .prompt import ToolCall


@dataclass(slots=True)
class Tokens:
    """Token counts of one call: ``input`` includes both cache counts, ``output`` includes ``reasoning``."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0

    @property
    def total(self) -> int:
        """Input and output together."""
        return self.input + self.output


@dataclass(slots=True)
class Choice:
    """One alternative. ``finish`` is ``stop``, ``length``, ``tool_calls`` or ``content_filter``."""

    text: str = ""
    reasoning: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)
    finish: str = "stop"


@dataclass(slots=True)
class Reply:
    """A model's whole answer. ``request`` is the body asked with, which some APIs repeat in part."""

    id: str
    model: str
    created: int
    choices: list[Choice]
    tokens: Tokens
    request: dict[str, Any] = field(default_factory=dict)
