"""What a dialect of a model API has to tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..call import Message

Json = Any


@dataclass(slots=True)
class Sent:
    """A request, read: the conversation, the tools offered, and every other parameter."""

    messages: list[Message] = field(default_factory=list)
    tools: list[Json] = field(default_factory=list)
    params: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Answered:
    """An answer, read: one message and one finish reason per choice, and the usage object as sent."""

    answers: list[Message] = field(default_factory=list)
    finish_reasons: list[str] = field(default_factory=list)
    usage: Json = None
    notes: list[str] = field(default_factory=list)


class Stream(Protocol):
    """Puts the events of a stream together into the answer a call without ``stream`` would have got.

    Attributes
    ----------
    whole : bool
        A terminal event or a finish reason has come.
    error : JSON or None
        What an error event said.
    """

    whole: bool
    error: Json

    def add(self, event: Json, name: str | None) -> bool:
        """Take the next event; True when it carried content, reasoning or a part of a tool call."""
        ...

    def result(self) -> Json:
        """Give the answer as it stands."""
        ...


class Dialect(Protocol):
    """One model API."""

    api: str

    def sent(self, request: Json) -> Sent:
        """Read a request body."""
        ...

    def answered(self, response: Json) -> Answered:
        """Read an answer that is no stream, or a stream that was put together."""
        ...

    def stream(self) -> Stream:
        """Start putting a stream together."""
        ...


def split_params(request: dict[str, Json], *apart: str) -> dict[str, Json]:
    """Give the parameters of a request but for those that are shown in their own place."""
    return {key: value for key, value in request.items() if key not in apart}


def as_list(value: Json) -> list[Json]:
    """Give a list as it is, nothing for None, and anything else as the only element."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def as_dict(value: Json) -> dict[str, Json]:
    """Give an object as it is, and an empty one for anything else."""
    return value if type(value) is dict else {}


def as_objects(value: Json) -> list[dict[str, Json]]:
    """Give a list of objects; what is none in it becomes an empty one, so that places stay."""
    return [as_dict(item) for item in as_list(value)]


def as_text(value: Json) -> str:
    """Give a string as it is, and an empty one for anything else."""
    return value if type(value) is str else ""


def as_name(value: Json) -> str | None:
    """Give a string that says something, or None."""
    return value if type(value) is str and value else None
