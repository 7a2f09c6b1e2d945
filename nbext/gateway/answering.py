"""From a request to its answer: checks, faults on demand, then the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import faults, pace
from .answers.model import reply_to
from .chance import number_for
from .checks import Refusal, refusal_of
from .exchange import Answer, Piece, Routing
from .refusals import Refusals
from .wire import embeddings, sse
from .wire.dialects import DIALECTS, ENCODERS, WITH_DONE
from .wire.errors import error, with_details

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .answers.prompt import Prompt
    from .answers.reply import Reply
    from .endpoints import Endpoint, Entity
    from .exchange import Exchange
    from .options import Options
    from .surfaces import Api

Json = dict[str, Any]


@dataclass(slots=True)
class Task:
    """A checked request on its way to a model."""

    exchange: Exchange
    options: Options
    endpoint: Endpoint
    api: Api
    request: Json
    prompt: Prompt
    cache_hit: bool = False

    @property
    def entity(self) -> Entity:
        """The first entity of the endpoint."""
        return self.endpoint.entities[0]

    def reply(self, entity: Entity | None = None) -> Reply:
        """Let the model of ``entity`` answer."""
        reply = reply_to(self.prompt, entity or self.entity, cache_hit=self.cache_hit)
        reply.request = self.request
        return reply

    def answer(
        self, entity: Entity | None = None, *, reply: Reply | None = None, at_once: bool = False
    ) -> Answer:
        """Write a reply in the form of the API, streamed if asked for. ``at_once``: no time per token."""
        entity = entity or self.entity
        reply = reply or self.reply(entity)
        dialect = DIALECTS[self.api]
        first = pace.before_first(self.endpoint, entity, reply.tokens.input, self.prompt.text)
        each = 0.0 if at_once else pace.per_token(self.endpoint, entity)
        whole = dialect.answer(reply, entity.family)
        answer = Answer(whole=whole, tokens=reply.tokens, routing=[Routing(entity, 200)])
        answer.characters = sum(len(choice.text) for choice in reply.choices)
        if not self.exchange.stream:
            answer.pieces = [Piece(sse.compact(whole).encode(), first + each * reply.tokens.output)]
            return answer
        answer.stream, answer.content_type = True, "text/event-stream; charset=utf-8"
        answer.events = dialect.events(reply, entity.family)
        answer.pieces = self._stream_pieces(answer.events, each)
        answer.pieces[0].wait_s = first
        if self._wants_array:
            answer.content_type = "application/json"
        return answer

    @property
    def _wants_array(self) -> bool:
        """Whether the stream is one JSON array, as Gemini's is unless events are asked for."""
        return self.api == "gemini" and "alt=sse" not in self.exchange.url

    def _stream_pieces(self, events: Sequence[Json], each: float) -> list[Piece]:
        """Encode stream events, with the time the model takes before each."""
        if self._wants_array:
            return [Piece(data, each) for data in sse.array(events)]
        encode = ENCODERS[self.api]
        pieces = [Piece(encode(event), each) for event in events]
        return [*pieces, Piece(sse.DONE)] if self.api in WITH_DONE else pieces


class Answering:
    """Answers requests; remembers who was refused and which prompts were cached."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.refusals = Refusals(options.refusals)
        self._cached: set[int] = set()

    def answer(self, exchange: Exchange) -> Answer:
        """Return the answer to a request. Never raises: what cannot be read gets a 400."""
        refusal = refusal_of(exchange)
        if refusal is not None:
            return _refused(exchange, refusal)
        endpoint, request = exchange.endpoint, exchange.request
        assert endpoint is not None
        assert request is not None
        api = _api_of(exchange, endpoint, request)
        if api == "embeddings":
            return embeddings.answer(request, endpoint, self.options)
        try:
            prompt: Prompt = DIALECTS[api].read(request)
        except (KeyError, TypeError, AttributeError, ValueError):
            message = f"Bad request: the body is not a valid {api} request."
            return _refused(exchange, Refusal(400, "BAD_REQUEST", message))
        task = Task(exchange, self.options, endpoint, api, request, prompt, self._cache_hit(endpoint, prompt))
        fault = faults.FAULTS.get(endpoint.name.rpartition(".")[2])
        return fault(task, self) if fault else task.answer()

    def _cache_hit(self, endpoint: Endpoint, prompt: Prompt) -> bool:
        if not prompt.cached_prefix:
            return False
        key = number_for(endpoint.name, prompt.cached_prefix)
        hit = key in self._cached
        self._cached.add(key)
        return hit


def _refused(exchange: Exchange, refusal: Refusal) -> Answer:
    body = error(refusal.code, refusal.message)
    if refusal.code == "RESOURCE_DOES_NOT_EXIST":
        body = with_details(body, exchange.sent_request_id)
    answer = Answer(refusal.status, [Piece(sse.compact(body).encode(), 0.003)], whole=body)
    if exchange.endpoint is not None:
        answer.routing = [Routing(exchange.endpoint.entities[0], refusal.status)]
    return answer


def _api_of(exchange: Exchange, endpoint: Endpoint, request: Json) -> Api:
    api = exchange.surface.api
    if api is None or api != "invocations":
        return api or "chat"
    if endpoint.embeds:
        return "embeddings"
    if "prompt" in request and "messages" not in request:
        return "completions"
    return "responses" if "input" in request and "messages" not in request else "chat"
