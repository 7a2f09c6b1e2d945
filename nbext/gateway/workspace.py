"""The part of the workspace API that tells about endpoints: ``/api/2.0/serving-endpoints``."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse

from .endpoints import CATALOG, Endpoint, find
from .headers import STAND_IN
from .wire.errors import error, with_details

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from .options import Options

    Handler = Callable[[Request], Awaitable[Response]]

_CREATED_MS = 1783036800000


def describe(endpoint: Endpoint, options: Options) -> dict[str, Any]:
    """Describe an endpoint as ``GET /api/2.0/serving-endpoints/{name}`` does."""
    share = 100
    entities, routes = [], []
    for entity in endpoint.entities:
        entities.append(_entity(entity.name, endpoint.entity_id(entity), external=entity.external))
        routes.append({"served_model_name": entity.name, "traffic_percentage": share})
        # The entities after the first take no traffic of their own: they are fallbacks.
        share = 0
    return {
        "name": endpoint.name,
        "id": endpoint.id,
        "creator": "admin@example.com",
        "creation_timestamp": _CREATED_MS,
        "last_updated_timestamp": _CREATED_MS,
        "state": {"ready": "READY", "config_update": "NOT_UPDATING"},
        "task": endpoint.task,
        "config": {"served_entities": entities, "traffic_config": {"routes": routes}, "config_version": 1},
        "ai_gateway": {
            "usage_tracking_config": {"enabled": True},
            "inference_table_config": {
                "catalog_name": options.catalog,
                "schema_name": options.schema,
                "table_name_prefix": options.table_prefix,
                "enabled": True,
            },
            "fallback_config": {"enabled": len(endpoint.entities) > 1},
        },
    }


def _entity(name: str, id: str, *, external: bool) -> dict[str, Any]:  # noqa: A002
    model = (
        {"external_model": {"name": name, "provider": "openai", "task": "llm/v1/chat"}}
        if external
        else {"foundation_model": {"name": name, "display_name": name}}
    )
    return {"name": name, "entity_name": f"system.ai.{name}", "entity_version": "1", "id": id, **model}


def listing(options: Options) -> Handler:
    """Return the handler that lists all endpoints."""

    async def handle(_request: Request) -> Response:
        found = [describe(endpoint, options) for endpoint in CATALOG.values()]
        return JSONResponse({"endpoints": found}, headers=STAND_IN)

    return handle


def one(options: Options) -> Handler:
    """Return the handler that describes one endpoint."""

    async def handle(request: Request) -> Response:
        name = request.path_params["name"]
        endpoint = find(name)
        if endpoint is None:
            body = error("RESOURCE_DOES_NOT_EXIST", f"Endpoint with name '{name}' does not exist.")
            body = with_details(body, str(uuid.uuid4()))
            return JSONResponse(body, 404, headers=STAND_IN)
        return JSONResponse(describe(endpoint, options), headers=STAND_IN)

    return handle


async def about(_request: Request) -> Response:
    """Say what this is to someone who opens the address in a browser."""
    lines = [
        "This is nbext's stand-in for a Databricks AI gateway, to try and test with: no model answers here.",
        "",
    ]
    lines += [f"{endpoint.name:45}{endpoint.about}".rstrip() for endpoint in CATALOG.values()]
    return PlainTextResponse("\n".join(lines) + "\n", headers=STAND_IN)
