"""The payload of a model-call span: client call, inference-table row and MLflow span all become a `Call`."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from . import verbs

if TYPE_CHECKING:
    from .assessment import Assessment
    from .server import ServerHalf

Status = Literal["ok", "error", "blocked", "rate_limited", "interrupted", "running"]
Json = Any


@dataclass(slots=True)
class Part:
    """A piece of a message.

    ``kind`` is one of ``text``, ``reasoning``, ``refusal`` (with `text`); ``tool_call`` (`id`,
    `name`, `text` = the arguments as sent); ``tool_result`` (`id`, `text`, `is_error`);
    ``image``, ``audio``, ``file`` (`mime_type`, `size` in bytes or `url`, `name`); ``vectors``
    (`value` = ``{"count", "dim", "norm"}``); ``json`` (`value`, anything unknown).
    """

    kind: str
    text: str = ""
    id: str | None = None
    name: str | None = None
    mime_type: str | None = None
    size: int | None = None
    url: str | None = None
    is_error: bool = False
    value: Json = None


@dataclass(slots=True)
class Message:
    """One message of a conversation, whatever the API's own form was."""

    role: str
    parts: list[Part] = field(default_factory=list)
    name: str | None = None

    @property
    def text(self) -> str:
        """The visible text: text and refusal parts, without reasoning and tool calls."""
        texts = [p.text for p in self.parts if p.kind in ("text", "refusal")]
        # A model may answer in pieces that are one sentence; what is sent as a list are texts apart.
        return "".join(texts) if self.role == "assistant" or len(texts) < 2 else _apart(texts)


def _apart(texts: list[str]) -> str:
    """Give each text lines of its own, but for one that ends or begins as if the other went on."""
    pieces = texts[:1]
    for before, text in pairwise(texts):
        goes_on = not before or before[-1].isspace() or text[:1].isspace()
        pieces += [text] if goes_on else ["\n", text]
    return "".join(pieces)


@dataclass(slots=True)
class Usage:
    """Tokens. ``input_tokens`` includes cached ones; ``estimated`` when the answer carried no usage."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    estimated: bool = False


@dataclass(slots=True)
class Cost:
    """US dollars and how they are known.

    ``basis`` is ``listed`` (public price), ``custom`` (the user's table), ``allocated`` or
    ``unknown``; ``source`` names the table; ``partial`` marks a lower bound.
    """

    usd: float | None = None
    basis: str = "unknown"
    source: str | None = None
    partial: bool = False


@dataclass(slots=True)
class Verdict:
    """Why a call was held back or failed, in words. Kinds as in `renderers/src/wire/call.ts`."""

    kind: str
    title: str
    text: list[str] = field(default_factory=list)
    next: str | None = None
    categories: list[str] = field(default_factory=list)
    masked: str | None = None
    reason: str | None = None
    hide_input: bool = False


@dataclass(slots=True)
class GatewayFacts:
    """What the gateway said about the call beyond the answer.

    ``entity`` (served entity or destination), ``requester``, ``sampling`` (share of the requests
    that are logged) and ``truncated`` (``logging_error_codes``: bodies that were not kept) are
    known of logged rows only. ``fallback`` is None where nothing tells whether the model that was
    asked for answered.
    """

    route: str = "other"
    request_id: str | None = None
    client_request_id: str | None = None
    served_model: str | None = None
    gateway_trace_id: str | None = None
    workspace_id: str | None = None
    provider: str | None = None
    server_ms: float | None = None
    fallback: bool | None = None
    tags: dict[str, str] = field(default_factory=dict)
    limits: dict[str, str] = field(default_factory=dict)
    entity: str | None = None
    requester: str | None = None
    sampling: float | None = None
    truncated: list[str] = field(default_factory=list)


@dataclass(slots=True)
class AttemptFacts:
    """One attempt of a call, parsed. Times are ns since the epoch; ``retry_after`` is seconds."""

    number: int
    start_ns: int
    headers_ns: int | None = None
    end_ns: int | None = None
    status_code: int | None = None
    error_type: str | None = None
    error_message: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    outcome: str | None = None
    response_headers: dict[str, str] = field(default_factory=dict)
    request_headers: dict[str, str] = field(default_factory=dict)
    request_bytes: int = 0
    response_bytes: int = 0


@dataclass(slots=True)
class Call:
    """One logical model call with all its attempts.

    Times are ns since the epoch. ``request`` and ``response`` are the parsed JSON (streams
    assembled into the shape of the non-streamed answer), already redacted; when a body was not
    JSON they are None and `response_text` holds what came.
    """

    call_id: str
    trace_id: str
    start_ns: int
    parent_span_id: str | None = None
    capture_id: str | None = None
    cell: int | None = None
    end_ns: int | None = None
    status: Status = "running"
    status_code: int | None = None
    error_type: str | None = None
    error_message: str | None = None
    api: str = "unknown"
    url: str = ""
    endpoint: str | None = None
    model: str | None = None
    served_model: str | None = None
    stream: bool = False
    first_token_ns: int | None = None
    chunk_ns: list[int] = field(default_factory=list)
    request: Json = None
    response: Json = None
    response_text: str | None = None
    messages: list[Message] = field(default_factory=list)
    answers: list[Message] = field(default_factory=list)
    tools: list[Json] = field(default_factory=list)
    params: dict[str, Json] = field(default_factory=dict)
    finish_reasons: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    cost: Cost = field(default_factory=Cost)
    facts: GatewayFacts = field(default_factory=GatewayFacts)
    verdict: Verdict | None = None
    attempts: list[AttemptFacts] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    server: ServerHalf | None = None
    replay_of: str | None = None
    assessments: list[Assessment] = field(default_factory=list)
    prompts: list[Json] = field(default_factory=list)

    def feedback(
        self,
        value: bool | float | str | None = None,
        *,
        score: float | None = None,
        comment: str | None = None,
        expected: Json = None,
        name: str | None = None,
        user: str | None = None,
    ) -> list[Assessment]:
        """Say what this answer is worth.

        It is shown at the call at once, and stored with its trace in MLflow when the trace is
        there; until then it waits beside the journal.

        Parameters
        ----------
        value : bool, number or str, optional
            True for good, False for bad, or a judgement of your own kind.
        score : float, optional
            0 to 1.
        comment : str, optional
            Why.
        expected : JSON value, optional
            What the answer should have been.
        name : str, optional
            What is judged, such as ``grounded``. Default ``feedback``.
        user : str, optional
            Who says it. Default: the user of this machine, or of the workspace.

        Returns
        -------
        list of Assessment
            All that is known of this call.

        Raises
        ------
        ValueError
            Nothing was said, or a score that is not between 0 and 1.
        """
        return verbs.run(  # type: ignore[no-any-return]
            "feedback",
            self,
            value,
            score=score,
            comment=comment,
            expected=expected,
            name=name,
            user=user,
        )

    def replay(
        self, *, model: str | None = None, messages: Json = None, client: Any = None, **params: Json
    ) -> Any:
        """Send this call again, changed or not, through the client that sent it.

        The answer is a new trace; this call stays as it is.

        Parameters
        ----------
        model : str, optional
            Another model or endpoint.
        messages : str or list, optional
            Other messages, in the shape of this API; a text is one message of the user.
        client : object, optional
            Where the call's own client is gone: an OpenAI, Anthropic, httpx or requests client.
        **params
            Parameters to change or add; None takes one away.

        Returns
        -------
        Replay
            A capture with the new call in it. With an asynchronous client it is under way: await it.

        Raises
        ------
        LookupError
            The client is gone, and no other was given.
        ValueError
            The request cannot be changed like this.
        """
        return verbs.run("replay", self, model=model, messages=messages, client=client, params=params)

    @property
    def duration_ms(self) -> float | None:
        """Wall time of the call, retries and waits included; None while running."""
        return None if self.end_ns is None else (self.end_ns - self.start_ns) / 1e6

    @property
    def ttft_ms(self) -> float | None:
        """Time to first token of a stream, from the start of the call."""
        return None if self.first_token_ns is None else (self.first_token_ns - self.start_ns) / 1e6

    @property
    def prompt(self) -> str:
        """Text of the last user message (or the input), for one line."""
        for message in reversed(self.messages):
            if message.role in ("user", "input") and message.text:
                return message.text
        return self.messages[-1].text if self.messages else ""

    @property
    def completion(self) -> str:
        """Text of the first answer."""
        return self.answers[0].text if self.answers else ""
