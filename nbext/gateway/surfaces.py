"""Which gateway and which API a URL belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

Route = Literal["A", "B"]
Api = Literal["chat", "completions", "embeddings", "responses", "messages", "gemini", "invocations"]


@dataclass(frozen=True, slots=True)
class Surface:
    """Where a request arrived.

    ``api_type`` is the word of the route B tables (``mlflow/v1/chat/completions``, ``unmanaged`` for an
    unknown path). ``endpoint`` is set when the path names it, ``stream`` when the path asks for one.
    """

    route: Route
    api: Api | None
    api_type: str = "unmanaged"
    endpoint: str | None = None
    stream: bool = False


_OPENAI: dict[str, Api] = {
    "chat/completions": "chat",
    "completions": "completions",
    "embeddings": "embeddings",
    "responses": "responses",
}


def surface_of(path: str) -> Surface:
    """Tell the surface from the URL's path. An unknown path has ``api`` None."""
    path = path.strip("/")
    if path.startswith("ai-gateway/"):
        return _unity(path.removeprefix("ai-gateway/"))
    return _serving(path.removeprefix("serving-endpoints/"))


def _serving(path: str) -> Surface:
    if path in ("anthropic/v1/messages", "anthropic/messages"):
        return Surface("A", "messages")
    name, _, verb = path.rpartition("/")
    if verb == "invocations" and name and "/" not in name:
        return Surface("A", "invocations", endpoint=unquote(name))
    return Surface("A", _OPENAI.get(path.removeprefix("v1/")))


def _unity(path: str) -> Surface:
    flavour, _, rest = path.partition("/")
    if flavour in ("mlflow", "openai"):
        api = _OPENAI.get(rest.removeprefix("v1/"))
        return Surface("B", api, f"{flavour}/v1/{rest.removeprefix('v1/')}" if api else "unmanaged")
    if path == "anthropic/v1/messages":
        return Surface("B", "messages", path)
    if rest.startswith("v1beta/models/") and flavour == "gemini":
        name, _, verb = unquote(rest.removeprefix("v1beta/models/")).rpartition(":")
        if verb in ("generateContent", "streamGenerateContent"):
            # The tables know one word for both forms; a streamed one is told by its content type.
            stream = verb.startswith("stream")
            return Surface("B", "gemini", "gemini/v1/generateContent", endpoint=name, stream=stream)
    return Surface("B", None)
