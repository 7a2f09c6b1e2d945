"""What was stored of the gateway beside a call: the attributes nbext exports, read back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..call import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..call import Call

Json = Any

# Attribute, field of `GatewayFacts`, type.
_FACTS: tuple[tuple[str, str, type | tuple[type, ...]], ...] = (
    ("gateway.route", "route", str),
    ("gateway.request_id", "request_id", str),
    ("gateway.client_request_id", "client_request_id", str),
    ("gateway.served_model", "served_model", str),
    ("gateway.trace_id", "gateway_trace_id", str),
    ("gateway.workspace_id", "workspace_id", str),
    ("gateway.provider", "provider", str),
    ("gateway.server_ms", "server_ms", (int, float)),
    ("gateway.fallback", "fallback", bool),
    ("gateway.tags", "tags", dict),
    ("gateway.limits", "limits", dict),
    ("mlflow.gateway.linkedTraceId", "gateway_trace_id", str),
    ("mlflow.llm.provider", "provider", str),
    ("databricks.request_id", "request_id", str),
)
_STATUSES = ("ok", "error", "blocked", "rate_limited", "interrupted")


def tell_gateway(call: Call, attributes: Mapping[str, Json]) -> None:
    """Fill in what the attributes of a span tell of the gateway."""
    for key, name, expected in _FACTS:
        value = attributes.get(key)
        # An id of digits alone was read as a number.
        if expected is str and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, expected) and not getattr(call.facts, name, None):
            setattr(call.facts, name, value)
    route = attributes.get("gateway.route")
    if isinstance(route, str):
        call.facts.route = route
    call.served_model = call.served_model or call.facts.served_model
    endpoint = attributes.get("gateway.endpoint") or attributes.get("databricks.endpoint_name")
    if isinstance(endpoint, str):
        call.endpoint = endpoint
    first = attributes.get("gateway.time_to_first_token_ms")
    if isinstance(first, (int, float)):
        call.stream, call.first_token_ns = True, call.start_ns + int(first * 1e6)
    status = attributes.get("gateway.status")
    if status in _STATUSES:
        call.status = status
    kind, title = attributes.get("gateway.verdict"), attributes.get("gateway.verdict_title")
    if isinstance(kind, str) and (call.verdict is None or call.verdict.kind != kind):
        call.verdict = Verdict(kind, title if isinstance(title, str) else kind)
