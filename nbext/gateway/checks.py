"""What a gateway refuses before a model is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .exchange import Exchange


class Refusal(NamedTuple):
    """Status, error code and message of a request that cannot be served."""

    status: int
    code: str
    message: str


def refusal_of(exchange: Exchange) -> Refusal | None:
    """Return why a request cannot be served, or None if it can."""
    return _of_address(exchange) or _of_body(exchange)


def _of_address(exchange: Exchange) -> Refusal | None:
    if exchange.surface.api is None:
        return Refusal(404, "ENDPOINT_NOT_FOUND", f"No API found for '{exchange.method} {exchange.path}'")
    if exchange.method != "POST":
        return Refusal(405, "BAD_REQUEST", f"Bad request: use POST, not {exchange.method}.")
    return None


def _of_body(exchange: Exchange) -> Refusal | None:
    endpoint, name = exchange.endpoint, exchange.endpoint_name
    if exchange.request is None:
        return Refusal(400, "BAD_REQUEST", "Bad request: the body is not a JSON object.")
    if name is None:
        return Refusal(400, "BAD_REQUEST", "Bad request: 'model' is missing; it is the endpoint's name.")
    if endpoint is None:
        return Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Endpoint with name '{name}' does not exist.")
    wants_vectors = exchange.surface.api == "embeddings"
    if exchange.surface.api != "invocations" and wants_vectors != endpoint.embeds:
        return Refusal(400, "BAD_REQUEST", f"Bad request: the task of endpoint '{name}' is {endpoint.task}.")
    return None
