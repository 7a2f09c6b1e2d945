"""What URL and headers say of a call: route, endpoint, ids, who answered, limits."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .call import GatewayFacts
from .jsontext import loads
from .names import same_model

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = Any

# In the order of trust: the first is on every answer of both Databricks routes.
_ID_HEADERS = ("x-request-id", "x-databricks-request-id", "request-id")
_LIMIT_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-")
_LIMIT_NAMES = ("retry-after", "retry-after-ms")
# Milliseconds the answering side says it took. ``server-timing`` is none: Databricks puts an id there.
_DURATION_HEADERS = (
    "x-amzn-bedrock-invocation-latency",
    "openai-processing-ms",
    "x-envoy-upstream-service-time",
    "x-mlflow-gateway-duration-ms",
)
# MLflow's own AI Gateway, https://mlflow.org/docs/latest/genai/governance/ai-gateway/
_MLFLOW = re.compile(
    r"/gateway/(?:mlflow/v1/|openai/v1/|anthropic/v1/|gemini/v1beta/|proxy/[^/?#]+/|([^/?#]+)/mlflow/invocations)"
)
_TIMING_ID = re.compile(r'request_id\s*;[^,]*?desc="?([^",;]+)')
_TRACERESPONSE = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$", re.IGNORECASE)
# In a dialect of regular expressions that SQL engines know too.
NAMED = (
    r"/(?:serving-endpoints|endpoints|gateway|deployments|models)/([^/?#:]+)(?:/served-models/[^/?#]+)?"
    r"(?:/invocations|/chat/completions|/completions|/embeddings|/responses|:[A-Za-z]+)"
)
_NAMED = re.compile(NAMED)
# What stands in the place of a name in the paths of the OpenAI-compatible routes.
NO_NAMES = frozenset({"chat", "v1", "anthropic", "openai", "mlflow", "gemini"})


@lru_cache(maxsize=1024)
def route_of(url: str) -> str:
    """Tell the gateway.

    ``serving`` (/serving-endpoints) and ``unity`` (/ai-gateway) are Databricks', ``mlflow`` is
    MLflow's own (/gateway), anything else is ``other``.
    """
    if "/serving-endpoints" in url:
        return "serving"
    if "/ai-gateway/" in url or ".ai-gateway." in url:
        return "unity"
    return "mlflow" if "/gateway/" in url and _MLFLOW.search(url) else "other"


@lru_cache(maxsize=1024)
def endpoint_of(url: str, model: str | None, route: str | None = None) -> str | None:
    """Give the endpoint the URL names, else on a Databricks route the model asked for."""
    return named_in(url) or (model if (route or route_of(url)) != "other" else None)


@lru_cache(maxsize=1024)
def named_in(url: str) -> str | None:
    """Give the endpoint, deployment or model that stands in the URL's path."""
    if (own := _MLFLOW.search(url)) is not None and own.group(1):
        return own.group(1)
    found = _NAMED.search(url)
    return found.group(1) if found is not None and found.group(1) not in NO_NAMES else None


def request_id_of(headers: Mapping[str, str], body: Json = None) -> str | None:
    """Give the gateway's id of a request from the answer's headers, else from its body."""
    for name in _ID_HEADERS:
        if headers.get(name):
            return headers[name]
    timing = headers.get("server-timing")
    if timing is not None and (found := _TIMING_ID.search(timing)):
        return found.group(1)
    if type(body) is dict:
        output = body.get("databricks_output")
        for holder in (output if type(output) is dict else {}, body):
            for name in ("databricks_request_id", "request_id"):
                if type(holder.get(name)) is str:
                    return str(holder[name])
    return headers.get("x-amzn-requestid")


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds the gateway asked to wait; None without, or for a date."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is not None:
            try:
                seconds = float(value) / unit
            except ValueError:
                continue
            if 0 <= seconds < 1e9:
                return seconds
    return None


def facts_of(
    url: str,
    *,
    request: Json,
    response: Json,
    request_headers: Mapping[str, str],
    response_headers: Mapping[str, str],
    model: str | None,
    route: str | None = None,
) -> GatewayFacts:
    """Collect the gateway facts of a call from its last attempt; `route` where it is known without a URL."""
    facts = GatewayFacts(route=route or route_of(url), request_id=request_id_of(response_headers, response))
    facts.served_model = response_headers.get("served-model-name") or _said_model(response)
    facts.workspace_id = response_headers.get("x-databricks-org-id")
    facts.provider = _provider(response, response_headers)
    facts.server_ms = _server_ms(response_headers)
    if (traced := response_headers.get("traceresponse")) and (found := _TRACERESPONSE.match(traced.strip())):
        facts.gateway_trace_id = found.group(1).lower()
    facts.limits = {
        name: value
        for name, value in response_headers.items()
        if name in _LIMIT_NAMES or name.startswith(_LIMIT_PREFIXES)
    }
    if type(request) is dict:
        client_id = request.get("client_request_id")
        facts.client_request_id = client_id if type(client_id) is str else None
    sent = _header_tags(request_headers)
    if facts.client_request_id is None and type(sent.get("client_request_id")) is str:
        facts.client_request_id = sent["client_request_id"]
    facts.tags = _tags(request, sent)
    asked = model or endpoint_of(url, None)
    if asked and facts.served_model:
        names = {facts.served_model, _said_model(response) or facts.served_model}
        same = {same_model(asked, name, strict=facts.route in ("serving", "unity")) for name in names}
        # Where no name tells, as with names of the user's own, it stays unknown.
        facts.fallback = False if True in same else True if False in same else None
    return facts


def _said_model(response: Json) -> str | None:
    if type(response) is not dict:
        return None
    for name in ("model", "modelVersion"):
        if type(response.get(name)) is str and response[name]:
            return str(response[name])
    return None


def _provider(response: Json, headers: Mapping[str, str]) -> str | None:
    """Who ran the model, where the answer says so."""
    if type(response) is dict:
        if type(response.get("provider")) is str:
            return str(response["provider"])
        if str(response.get("id", ""))[:9] == "msg_bdrk_":
            return "amazon-bedrock"
    if any(name.startswith("x-amzn-bedrock-") for name in headers):
        return "amazon-bedrock"
    return None


def _server_ms(headers: Mapping[str, str]) -> float | None:
    for name in _DURATION_HEADERS:
        value = headers.get(name)
        if value is not None:
            try:
                ms = float(value)
            except ValueError:
                continue
            if 0 <= ms < 1e12:
                return ms
    return None


def _header_tags(headers: Mapping[str, str]) -> dict[str, Json]:
    """Tags of route B, which takes the caller's id among them."""
    header = headers.get("databricks-ai-gateway-request-tags")
    try:
        tags = loads(header) if header else None
    except ValueError:
        tags = None
    return tags if type(tags) is dict else {}


def _tags(request: Json, sent: dict[str, Json]) -> dict[str, str]:
    """Tags of route A (body) and route B (header)."""
    given = request.get("usage_context") if type(request) is dict else None
    tags = {**(given if type(given) is dict else {}), **sent}
    return {str(key): value if type(value) is str else str(value) for key, value in tags.items()}
