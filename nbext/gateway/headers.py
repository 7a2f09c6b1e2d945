"""Response headers of the two gateways."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .exchange import Exchange
    from .options import Options

WORKSPACE_ID = "1234567890123456"

# Says what this is on every answer, whatever the rest imitates.
STAND_IN = {"server": "nbext-stand-in", "x-nbext-stand-in": "not a real gateway"}


def response_headers(exchange: Exchange, options: Options, span_hex: str) -> dict[str, str]:
    """Return the headers of an answer.

    Route A: ``x-request-id``, ``server-timing`` (which holds the id again, not a duration),
    ``x-databricks-org-id``, ``served-model-name`` and, from Bedrock models, ``x-amzn-*``.
    Route B: ``x-request-id`` and ``traceresponse``. `span_hex` is 48 hex digits for the latter.
    """
    headers = {
        **STAND_IN,
        "content-type": exchange.content_type,
        "x-request-id": exchange.sent_request_id,
    }
    if exchange.surface.route == "A":
        headers |= _serving(exchange, options)
    else:
        headers["traceresponse"] = _traceresponse(exchange, options, span_hex)
    if options.databricks_request_id_header:
        headers["x-databricks-request-id"] = exchange.request_id
    if exchange.status == 429:
        headers |= _limits(exchange, options)
    return headers | exchange.answer.headers


def _serving(exchange: Exchange, options: Options) -> dict[str, str]:
    headers = {
        "server-timing": (
            f'request_id;dur=0;desc="{exchange.sent_request_id}", client_protocol;dur=0;desc="HTTP/1.1"'
        ),
        "x-databricks-org-id": WORKSPACE_ID,
    }
    entity, tokens = exchange.entity, exchange.answer.tokens
    if entity and options.served_model_header and exchange.status < 400:
        headers["served-model-name"] = entity.name
    if entity and entity.family == "claude" and tokens and not exchange.answer.stream:
        latency = sum(piece.wait_s for piece in exchange.answer.pieces)
        headers |= {
            "x-amzn-requestid": exchange.invocation_id,
            "x-amzn-bedrock-invocation-latency": str(round(latency * 1000)),
            "x-amzn-bedrock-input-token-count": str(tokens.input - tokens.cache_read - tokens.cache_write),
            "x-amzn-bedrock-output-token-count": str(tokens.output),
        }
    return headers


def _traceresponse(exchange: Exchange, options: Options, span_hex: str) -> str:
    trace, span = span_hex[:32], span_hex[32:48]
    given = exchange.headers.get("traceparent", "").split("-")
    if options.follow_traceparent and len(given) == 4 and len(given[1]) == 32:
        trace = given[1]
    return f"00-{trace}-{span}-01"


def _limits(exchange: Exchange, options: Options) -> dict[str, str]:
    headers = {}
    if options.retry_after_s is not None:
        headers["retry-after"] = f"{options.retry_after_s:g}"
    if options.rate_limit_headers:
        reset = math.ceil(options.retry_after_s or 1)
        headers |= {
            "x-ratelimit-limit-requests": "60",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": f"{reset}s",
        }
    return headers
