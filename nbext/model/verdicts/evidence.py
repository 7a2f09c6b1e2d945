"""What a verdict is reached on, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..call import Status, Verdict

Json = Any


@dataclass(slots=True)
class Outcome:
    """How a call ended: its status, the error in the gateway's words, and the verdict in ours."""

    status: Status = "ok"
    error_type: str | None = None
    error_message: str | None = None
    verdict: Verdict | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Evidence:
    """What is known of the end of a call, beside the call itself.

    Attributes
    ----------
    outcome : str or None
        Of the last attempt, as in `Attempt.outcome`; None for stored bodies.
    raised : (str, str) or None
        Type and message of what the HTTP library raised.
    response : JSON
        None when the body was no JSON; then `text` holds the beginning of what came.
    json_expected : bool
        The API answers JSON, so that anything else is a failure.
    streamed, whole, done : bool
        The answer came as events; its end or a finish reason was seen; ``[DONE]`` was.
    arrived : bool
        Anything of the answer's body came.
    damaged : bool
        The last event that came in full could not be read.
    undecodable : str or None
        Why the bytes are not in the content-encoding that their header names.
    """

    outcome: str | None = None
    raised: tuple[str, str] | None = None
    response: Json = None
    text: str | None = None
    json_expected: bool = True
    streamed: bool = False
    whole: bool = True
    done: bool = False
    arrived: bool = True
    damaged: bool = False
    undecodable: str | None = None

    @property
    def complete(self) -> bool:
        """All of the answer came: of a stream by its events, of anything else when its JSON is whole."""
        return self.whole if self.streamed else self.response is not None
