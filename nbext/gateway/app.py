"""The HTTP application: from a request to an answer, and the row that is logged."""

from __future__ import annotations

import json
import random
import time
import uuid
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from . import endpoints, workspace
from .answering import Answering
from .exchange import Exchange
from .headers import response_headers
from .sending import Sender
from .surfaces import Surface, surface_of

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from .options import Options
    from .records.log import Log


def application(options: Options, log: Log) -> Starlette:
    """Build the ASGI application of the stand-in."""
    models = Models(options, log)
    return Starlette(
        routes=[
            Route("/", workspace.about),
            Route("/api/2.0/serving-endpoints", workspace.listing(options)),
            Route("/api/2.0/serving-endpoints/{name}", workspace.one(options)),
            Route("/{path:path}", models, methods=None),
        ]
    )


class Models:
    """Everything under ``/serving-endpoints`` and ``/ai-gateway``."""

    def __init__(self, options: Options, log: Log) -> None:
        self.options = options
        self.answering = Answering(options)
        self.sender = Sender(log, options.speed)
        self._random = random.Random(options.seed) if options.seed is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it, also when the client goes away half-way."""
        request = Request(scope, receive)
        started = time.time_ns()
        exchange = self._exchange(request, await request.body(), started)
        exchange.answer = self.answering.answer(exchange)
        span = self._uuid(hex_only=True) + self._uuid(hex_only=True)
        headers = response_headers(exchange, self.options, span)
        await self.sender.send(exchange, headers, send, receive)

    def _exchange(self, request: Request, body: bytes, started: int) -> Exchange:
        surface = surface_of(request.url.path)
        parsed = _json_object(body)
        name = surface.endpoint or (parsed or {}).get("model")
        request_id = self._uuid()
        same = surface.route == "B" or self.options.same_request_id
        return Exchange(
            request_id=request_id,
            sent_request_id=request_id if same else self._uuid(),
            invocation_id=self._uuid(),
            surface=surface,
            method=request.method,
            url=str(request.url),
            headers={key.lower(): value for key, value in request.headers.items()},
            body=body,
            request=parsed,
            endpoint_name=name if isinstance(name, str) else None,
            endpoint=endpoints.find(name) if isinstance(name, str) else None,
            stream=_asks_for_stream(surface, parsed),
            received_ns=started,
            client=request.client.host if request.client else "",
        )

    def _uuid(self, *, hex_only: bool = False) -> str:
        made = (
            uuid.uuid4() if self._random is None else uuid.UUID(int=self._random.getrandbits(128), version=4)
        )
        return made.hex if hex_only else str(made)


def _json_object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _asks_for_stream(surface: Surface, request: dict[str, Any] | None) -> bool:
    return surface.stream or bool((request or {}).get("stream"))
