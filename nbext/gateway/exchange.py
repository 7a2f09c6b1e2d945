"""One request and its answer, as a gateway knows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .answers.reply import Tokens
    from .endpoints import Endpoint, Entity
    from .surfaces import Surface


@dataclass(slots=True)
class Piece:
    """Bytes of an answer and how long the model takes before them, in seconds at speed 1."""

    data: bytes
    wait_s: float = 0.0


@dataclass(slots=True)
class Routing:
    """One attempt of the gateway at a backend. ``latency_s`` is its share of the time, at speed 1."""

    entity: Entity
    status: int
    latency_s: float = 0.0


@dataclass(slots=True)
class Answer:
    """What is sent back, and what the log needs to know of it.

    ``pieces`` are sent in order. ``events`` are the parsed events of a stream, ``whole`` the JSON body of
    a non-streamed answer (or of the assembled stream). ``broken`` drops the connection after the last piece.
    ``characters`` counts the text of the answer. ``denied`` marks a service policy's denial, which no payload
    table shows.
    """

    status: int = 200
    pieces: list[Piece] = field(default_factory=list)
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    stream: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)
    whole: Any = None
    broken: bool = False
    denied: bool = False
    tokens: Tokens | None = None
    routing: list[Routing] = field(default_factory=list)
    announced_length: int | None = None
    characters: int = 0

    @property
    def body(self) -> bytes:
        """All the bytes of the answer."""
        return b"".join(piece.data for piece in self.pieces)

    def settle(self) -> None:
        """Keep the bytes only, now that all is sent: thousands of answers stay in memory."""
        self.pieces = [Piece(self.body, sum(piece.wait_s for piece in self.pieces))]
        self.events = []


@dataclass(slots=True)
class Exchange:
    """One HTTP request to the stand-in. Times are ns since the epoch.

    ``request_id`` is the id the tables log, ``sent_request_id`` the one in ``x-request-id``. ``client_left``
    says that the client hung up before the end; the answer then holds what was sent.
    """

    request_id: str
    sent_request_id: str
    invocation_id: str
    surface: Surface
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    request: dict[str, Any] | None
    endpoint_name: str | None
    endpoint: Endpoint | None
    stream: bool
    received_ns: int
    client: str = ""
    answer: Answer = field(default_factory=Answer)
    first_byte_ns: int | None = None
    ended_ns: int = 0
    client_left: bool = False

    @property
    def status(self) -> int:
        """HTTP status of the answer."""
        return self.answer.status

    @property
    def content_type(self) -> str:
        """Content type of the answer; route B names the character set of a good one."""
        kind, plain = self.answer.content_type, "application/json"
        return (
            f"{plain}; charset=utf-8"
            if kind == plain and self.surface.route == "B" and self.status == 200
            else kind
        )

    @property
    def path(self) -> str:
        """Path of the URL."""
        return urlsplit(self.url).path

    @property
    def entity(self) -> Entity | None:
        """The model that answered, or was the last to fail."""
        return self.answer.routing[-1].entity if self.answer.routing else None
