"""Who answered a request on route B, in the words of its tables."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..endpoints import Endpoint, Entity
    from ..exchange import Exchange

_TAGS_HEADER = "databricks-ai-gateway-request-tags"


def tags(exchange: Exchange) -> dict[str, str]:
    """Return the caller's tags from the request's header; none when it is not a JSON object."""
    try:
        given = json.loads(exchange.headers.get(_TAGS_HEADER, "{}"))
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in given.items()} if isinstance(given, dict) else {}


def first_byte_ms(exchange: Exchange) -> int:
    """Return the time to the first byte; of external models and errors it is the whole latency."""
    whole = (exchange.ended_ns - exchange.received_ns) // 1_000_000
    entity = exchange.entity
    if exchange.status >= 400 or entity is None or entity.external or exchange.first_byte_ns is None:
        return whole
    return min(whole, (exchange.first_byte_ns - exchange.received_ns) // 1_000_000)


def kind(entity: Entity) -> str:
    """Return the destination type."""
    return "EXTERNAL_FOUNDATION_MODEL" if entity.external else "PAY_PER_TOKEN_FOUNDATION_MODEL"


def name(endpoint: Endpoint, entity: Entity) -> str:
    """Return the destination's name: the model for hosted ones, the service for a provider of one's own."""
    if entity.external and len(endpoint.entities) == 1:
        return endpoint.name
    return f"system.ai.{entity.name if entity.external else entity.slug}"


def id_of(entity: Entity) -> str:
    """Return the destination's id, the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{entity.name}.stand-in"))


def columns(exchange: Exchange) -> dict[str, Any]:
    """Return the ``destination_*`` columns: all NULL when no backend was reached, the model on a 404."""
    entity, endpoint = exchange.entity, exchange.endpoint
    if entity is None or endpoint is None:
        return dict.fromkeys(("destination_type", "destination_name", "destination_id", "destination_model"))
    return {
        "destination_type": kind(entity),
        "destination_name": name(endpoint, entity),
        "destination_id": id_of(entity),
        "destination_model": None if exchange.status == 404 else entity.slug,
    }
