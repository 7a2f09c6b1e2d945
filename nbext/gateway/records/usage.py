"""Rows of the usage tables: ``endpoint_usage`` and ``served_entities`` (route A), ``usage`` (B)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ..headers import WORKSPACE_ID
from . import destination
from .payload import milliseconds, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..endpoints import Endpoint, Entity
    from ..exchange import Exchange
    from ..options import Options

Row = dict[str, Any]

ACCOUNT_ID = "00000000-1111-4222-8333-444444444444"
_CREATED = datetime(2026, 7, 3, tzinfo=timezone.utc)


def endpoint_usage_row(exchange: Exchange, options: Options) -> Row | None:
    """Return the row of ``system.serving.endpoint_usage``; None when no endpoint was found."""
    if exchange.endpoint is None:
        return None
    request, tokens, entity = exchange.request or {}, exchange.answer.tokens, exchange.entity
    failed = 0 if options.zero_tokens_on_failure else None
    context = request.get("usage_context")
    has_output = not exchange.endpoint.embeds
    return {
        "workspace_id": WORKSPACE_ID,
        "account_id": ACCOUNT_ID,
        "client_request_id": None
        if request.get("client_request_id") is None
        else str(request["client_request_id"]),
        "databricks_request_id": exchange.request_id,
        "requester": options.requester,
        "status_code": exchange.status,
        "request_time": moment(exchange.received_ns),
        "input_token_count": tokens.input if tokens else failed,
        "output_token_count": (tokens.output if has_output else None) if tokens else failed,
        "input_character_count": _characters(request),
        "output_character_count": exchange.answer.characters,
        "usage_context": {str(k): str(v) for k, v in context.items()} if isinstance(context, dict) else {},
        "request_streaming": exchange.stream,
        "served_entity_id": exchange.endpoint.entity_id(entity) if entity else None,
    }


def _characters(request: Row) -> int:
    given = request.get("messages") or request.get("input") or request.get("prompt") or ""
    items = given if isinstance(given, list) else [given]
    texts = (item.get("content") if isinstance(item, dict) else item for item in items)
    return sum(len(text) for text in texts if isinstance(text, str))


def served_entity_rows(endpoints: Iterable[Endpoint]) -> list[Row]:
    """Return the rows of ``system.serving.served_entities``, one per endpoint and entity."""
    return [_served_entity(endpoint, entity) for endpoint in endpoints for entity in endpoint.entities]


def _served_entity(endpoint: Endpoint, entity: Entity) -> Row:
    limits = {"min_provisioned_throughput": None, "max_provisioned_throughput": None}
    return {
        "served_entity_id": endpoint.entity_id(entity),
        "account_id": ACCOUNT_ID,
        "workspace_id": WORKSPACE_ID,
        "created_by": "admin@example.com",
        "endpoint_name": endpoint.name,
        "endpoint_id": endpoint.id,
        "served_entity_name": entity.name,
        "entity_type": "EXTERNAL_MODEL" if entity.external else "FOUNDATION_MODEL",
        "entity_name": entity.name if entity.external else f"system.ai.{entity.slug}",
        "entity_version": None if entity.external else "1",
        "endpoint_config_version": 1,
        "task": endpoint.task,
        "external_model_config": {"provider": "openai"} if entity.external else None,
        "foundation_model_config": None if entity.external else limits,
        "custom_model_config": None,
        "feature_spec_config": None,
        "change_time": _CREATED,
        "endpoint_delete_time": None,
    }


def gateway_usage_row(exchange: Exchange, options: Options) -> Row | None:
    """Return the row of ``system.ai_gateway.usage``, typed as Spark would give it."""
    if exchange.answer.denied and not options.log_denials_in_usage:
        return None
    latency = milliseconds(exchange)
    return {
        "account_id": ACCOUNT_ID,
        "workspace_id": WORKSPACE_ID,
        "request_id": exchange.request_id,
        "schema_version": 1,
        **_endpoint(exchange),
        "event_time": moment(exchange.received_ns).replace(microsecond=0),
        "latency_ms": latency,
        "time_to_first_byte_ms": destination.first_byte_ms(exchange),
        **destination.columns(exchange),
        "requester": options.requester,
        "requester_type": "USER",
        "ip_address": exchange.client,
        "url": exchange.url,
        "user_agent": exchange.headers.get("user-agent"),
        "api_type": exchange.surface.api_type,
        "request_tags": destination.tags(exchange),
        **_tokens(exchange),
        "response_content_type": _content_type(exchange),
        "status_code": exchange.status,
        "routing_information": {"attempts": _attempts(exchange, latency)},
        "invocation_id": exchange.invocation_id,
        "invocation_metadata": {"source": "EXTERNAL_CLIENT", "service_tier": None},
        **_service(exchange),
        "mcp_metadata": None,
    }


def _endpoint(exchange: Exchange) -> Row:
    endpoint = exchange.endpoint
    metadata = None
    if endpoint is not None:
        first, *others = endpoint.entities
        metadata = {
            "creator": "admin@example.com",
            "creation_time": _CREATED,
            "last_updated_time": _CREATED,
            "destinations": [_configured(endpoint, first, 100.0)],
            "inference_table": None,
            "fallbacks": [_configured(endpoint, entity, None) for entity in others],
        }
    return {
        "endpoint_id": endpoint.id if endpoint else None,
        "endpoint_name": exchange.endpoint_name,
        "endpoint_tags": {},
        "endpoint_metadata": metadata,
    }


def _configured(endpoint: Endpoint, entity: Entity, percent: float | None) -> Row:
    name = destination.name(endpoint, entity)
    return {"name": name, "traffic_percent": percent, "type": destination.kind(entity)}


def _service(exchange: Exchange) -> Row:
    endpoint = exchange.endpoint
    if endpoint is None or "." not in endpoint.name:
        # A bare endpoint name has no model service behind it.
        return {"service_type": None, "service_id": None, "service_name": None, "service_tags": {}}
    own = endpoint.entities[0].external
    return {
        "service_type": "MODEL_PROVIDER_SERVICE" if own else "MODEL_SERVICE",
        "service_id": endpoint.id,
        "service_name": endpoint.name,
        "service_tags": {},
    }


def _tokens(exchange: Exchange) -> Row:
    tokens = exchange.answer.tokens if exchange.status < 400 else None
    details = {
        "cache_read_input_tokens": (tokens.cache_read or None) if tokens else None,
        "cache_creation_input_tokens": (tokens.cache_write or None) if tokens else None,
        "output_reasoning_tokens": (tokens.reasoning or None) if tokens else None,
    }
    embeds = exchange.endpoint is not None and exchange.endpoint.embeds
    return {
        "input_tokens": tokens.input if tokens else None,
        "output_tokens": tokens.output if tokens and not embeds else None,
        "total_tokens": tokens.total if tokens else None,
        "token_details": details,
    }


def _content_type(exchange: Exchange) -> str | None:
    if exchange.status == 404:
        return None
    return "application/json" if exchange.status >= 400 else exchange.content_type


def _attempts(exchange: Exchange, latency: int) -> list[Row] | None:
    """Return the attempts; NULL on 403 and 500, where no backend is named."""
    endpoint, routing = exchange.endpoint, exchange.answer.routing
    if endpoint is None or not routing or exchange.status in (403, 500):
        return None
    start = moment(exchange.received_ns) + timedelta(milliseconds=1)
    left, found = max(latency - 1, 0), []
    for number, step in enumerate(routing, 1):
        last = number == len(routing)
        took = left if last else min(left, round(step.latency_s * 1000))
        end = start + timedelta(milliseconds=took)
        found.append(
            {
                "priority": str(number),
                "action": "INITIAL_ATTEMPT" if number == 1 else "FALLBACK",
                "destination": destination.name(endpoint, step.entity),
                "destination_id": destination.id_of(step.entity),
                "status_code": step.status,
                "error_code": None,
                "latency_ms": took,
                "start_time": start,
                "end_time": end,
            }
        )
        start, left = end, left - took
    return found
