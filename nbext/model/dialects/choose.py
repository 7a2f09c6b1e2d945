"""Which model API a call speaks: by its URL, or by the shape of what was sent and answered."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .base import as_dict, as_list
from .chat import Chat
from .completions import Completions
from .embeddings import Embeddings
from .generate_content import GenerateContent
from .generic import Generic
from .messages import Messages
from .others import Audio, Images, Rerank
from .responses import Responses

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Dialect

Json = Any

CHAT = Chat()
COMPLETIONS = Completions()
EMBEDDINGS = Embeddings()
RESPONSES = Responses()
MESSAGES = Messages()
GENERATE = GenerateContent()
RERANK = Rerank()
IMAGES = Images()
AUDIO = Audio()
UNKNOWN = Generic()

ALL: tuple[Dialect, ...] = (
    CHAT,
    COMPLETIONS,
    EMBEDDINGS,
    RESPONSES,
    MESSAGES,
    GENERATE,
    RERANK,
    IMAGES,
    AUDIO,
    UNKNOWN,
)
_BY_API: dict[str, Dialect] = {dialect.api: dialect for dialect in ALL}
# By the path's ending; also `api_type` of route B's tables, and the task of a serving endpoint.
_BY_PATH: tuple[tuple[re.Pattern[str], Dialect], ...] = (
    (re.compile(r"/chat/completions/?$|^llm/v1/chat$"), CHAT),
    (re.compile(r"/completions/?$"), COMPLETIONS),
    (re.compile(r"/embeddings/?$"), EMBEDDINGS),
    (re.compile(r"/responses/?$"), RESPONSES),
    (re.compile(r"/messages/?$"), MESSAGES),
    (re.compile(r"generateContent$", re.IGNORECASE), GENERATE),
    (re.compile(r"/rerank/?$"), RERANK),
    (re.compile(r"/images/[a-z]+/?$"), IMAGES),
    (re.compile(r"/audio/[a-z]+/?$"), AUDIO),
)

# Where an API keeps its answers: an empty list of them is still its own form.
_HOLDS = {
    "chat.completions": "choices",
    "completions": "choices",
    "embeddings": "data",
    "responses": "output",
    "messages": "content",
    "generate_content": "candidates",
    "rerank": "results",
    "images": "data",
}


@lru_cache(maxsize=1024)
def dialect_of_url(url: str, api: str | None = None) -> Dialect | None:
    """Tell the API by its name or the path of the URL; None for ``/invocations`` and the unknown."""
    if api in _BY_API and api != "unknown":
        return _BY_API[api]
    path = url.partition("?")[0]
    for text in filter(None, (api, path)):
        for pattern, dialect in _BY_PATH:
            if pattern.search(text):
                return dialect
    return None


def dialect_of(url: str, api: str | None = None, request: Json = None) -> Dialect:
    """Tell the API of a request, by the URL or else by the body's own shape."""
    return dialect_of_url(url, api) or _first(_REQUESTS, request) or UNKNOWN


def dialect_of_response(response: Json) -> Dialect | None:
    """Tell the API by the shape of an answer; None when it has no shape we know."""
    return _first(_ANSWERS, response)


def has_the_form(api: str, response: Json) -> bool:
    """Tell whether an answer has a form we know, or that of its API with no answers in it."""
    empty = type(as_dict(response).get(_HOLDS.get(api, ""))) is list
    return empty or dialect_of_response(response) is not None


def dialect_of_event(asked: Dialect, event: Json, name: str | None) -> Dialect:
    """Tell the API by the first event of a stream, which may be another than the URL made expect."""
    if type(event) is dict and type(event.get("type")) is not str and name:
        event = {**event, "type": name}
    found = _first(_EVENTS, event)
    if found is None and asked is UNKNOWN and type(as_dict(event).get("delta")) is dict:
        # A Databricks chat agent: the bare delta of a message.
        return CHAT
    return found or asked


def is_chunk(event: Json) -> bool:
    """Tell a piece of a stream from a whole answer, for streams that were stored as a list."""
    if _first(_EVENTS, event) is None:
        return False
    # Chunks of these look like answers of their own; whole answers never come in a list.
    alike = "candidates" in event or _has_choice(event, "delta") or _has_choice(event, "text")
    return alike or dialect_of_response(event) is None


def _first(
    shapes: tuple[tuple[Callable[[dict[str, Json]], bool], Dialect], ...], body: Json
) -> Dialect | None:
    if type(body) is not dict:
        return None
    for fits, dialect in shapes:
        if fits(body):
            return dialect
    return None


def _has_choice(body: dict[str, Json], key: str) -> bool:
    choices = as_list(body.get("choices"))
    return bool(choices) and key in as_dict(choices[0])


def _has_items(body: dict[str, Json], key: str, inner: str) -> bool:
    items = body.get(key)
    return type(items) is list and bool(items) and inner in as_dict(items[0])


def _kind(body: dict[str, Json]) -> str:
    return body["type"] if type(body.get("type")) is str else ""


_RESPONSE_KEYS = frozenset(
    {"instructions", "max_output_tokens", "previous_response_id", "reasoning", "text", "tools"}
)
_ANTHROPIC = frozenset(
    {"message_start", "content_block_start", "content_block_delta", "message_delta", "ping"}
)


def _asks_responses(body: dict[str, Json]) -> bool:
    given = body.get("input")
    items = type(given) is list and any(type(item) is dict for item in given)
    return "input" in body and (items or not _RESPONSE_KEYS.isdisjoint(body))


def _asks_anthropic(body: dict[str, Json]) -> bool:
    return type(body.get("messages")) is list and ("anthropic_version" in body or "system" in body)


# Shapes of requests, as ``/invocations`` takes any of them; the first that fits.
_REQUESTS: tuple[tuple[Callable[[dict[str, Json]], bool], Dialect], ...] = (
    (_asks_anthropic, MESSAGES),
    (lambda body: type(body.get("messages")) is list, CHAT),
    (lambda body: "contents" in body, GENERATE),
    (lambda body: "prompt" in body, COMPLETIONS),
    (lambda body: "query" in body and "documents" in body, RERANK),
    (_asks_responses, RESPONSES),
    (lambda body: "input" in body, EMBEDDINGS),
)
_ANSWERS: tuple[tuple[Callable[[dict[str, Json]], bool], Dialect], ...] = (
    (lambda body: _has_choice(body, "text") and not _has_choice(body, "message"), COMPLETIONS),
    (lambda body: bool(as_list(body.get("choices"))) or body.get("object") == "chat.completion", CHAT),
    (lambda body: body.get("object") == "response" or _has_items(body, "output", "type"), RESPONSES),
    (lambda body: _has_items(body, "data", "embedding"), EMBEDDINGS),
    (lambda body: _kind(body) == "message" and "content" in body, MESSAGES),
    (lambda body: "candidates" in body or "promptFeedback" in body, GENERATE),
    # The answer of a Databricks chat agent.
    (lambda body: _has_items(body, "messages", "role"), CHAT),
)
_EVENTS: tuple[tuple[Callable[[dict[str, Json]], bool], Dialect], ...] = (
    (lambda body: _kind(body).startswith("response."), RESPONSES),
    (lambda body: _kind(body) in _ANTHROPIC and "choices" not in body, MESSAGES),
    (
        lambda body: str(body.get("object", "")).startswith("chat.completion") or _has_choice(body, "delta"),
        CHAT,
    ),
    (lambda body: body.get("object") == "text_completion" or _has_choice(body, "text"), COMPLETIONS),
    (lambda body: "candidates" in body, GENERATE),
)
