"""Error bodies: ``{"error_code", "message"}``, at times with JSON inside ``message``."""

from __future__ import annotations

from typing import Any

from .sse import compact


def error(code: str, message: str) -> dict[str, Any]:
    """Write the common error body."""
    return {"error_code": code, "message": message}


def nested(code: str, inner: dict[str, Any]) -> dict[str, Any]:
    """Write an error whose message is JSON text, as provider errors and guardrails have it."""
    return error(code, compact(inner))


def with_details(body: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Add the ``details`` that some errors carry (seen with RESOURCE_DOES_NOT_EXIST): the request's id."""
    info = {
        "@type": "type.googleapis.com/google.rpc.RequestInfo",
        "request_id": request_id,
        "serving_data": "",
    }
    return {**body, "details": [info]}
