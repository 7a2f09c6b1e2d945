"""Rows of the payload (inference) tables of both routes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from ..wire import sse
from . import destination

if TYPE_CHECKING:
    from ..exchange import Exchange
    from ..options import Options

Row = dict[str, Any]

_OVER_SIZE = ("MAX_REQUEST_SIZE_EXCEEDED", "MAX_RESPONSE_SIZE_EXCEEDED")
_STREAM_FORMS = ("completion", "chunks", "sse")
# Route B's table may lack these.
_OFTEN_MISSING = frozenset({401, 403, 429, 500})


def milliseconds(exchange: Exchange) -> int:
    """Return how long the gateway worked on a request."""
    return (exchange.ended_ns - exchange.received_ns) // 1_000_000


def moment(ns: int) -> datetime:
    """Return a time in UTC with millisecond precision."""
    return datetime.fromtimestamp(ns // 1_000_000 / 1000, timezone.utc)


def serving_row(exchange: Exchange, options: Options, number: int) -> Row | None:
    """Return the row of the route A inference table (12 columns), or None where none is written.

    `number` counts requests; stored forms that are used in turns depend on it.
    """
    if exchange.status == 429 and not options.log_rate_limited:
        return None
    received = moment(exchange.received_ns)
    request, response, codes = _bodies(exchange, options, number, options.max_payload_bytes)
    entity, endpoint = exchange.entity, exchange.endpoint
    return {
        "databricks_request_id": exchange.request_id,
        "request_date": received.date(),
        "client_request_id": _text((exchange.request or {}).get("client_request_id")),
        "request_time": received,
        "status_code": exchange.status,
        "sampling_fraction": options.sampling_fraction,
        "execution_duration_ms": milliseconds(exchange),
        "request": request,
        "response": response,
        "logging_error_codes": codes,
        "served_entity_id": endpoint.entity_id(entity) if endpoint and entity else None,
        "requester": options.requester,
    }


def unity_row(exchange: Exchange, options: Options, number: int) -> Row | None:
    """Return the row of the route B inference table, or None where none is written."""
    if exchange.answer.denied or (exchange.status in _OFTEN_MISSING and not options.log_unity_failures):
        return None
    request, response, codes = _bodies(exchange, options, number, options.max_unity_payload_bytes)
    return {
        "event_time": moment(exchange.received_ns),
        "request_id": exchange.request_id,
        "invocation_id": exchange.invocation_id,
        "request_tags": destination.tags(exchange),
        "status_code": exchange.status,
        "sampling_fraction": options.sampling_fraction,
        "latency_ms": milliseconds(exchange),
        "time_to_first_byte_ms": destination.first_byte_ms(exchange),
        "request": request,
        "response": response,
        **destination.columns(exchange),
        "logging_error_codes": codes,
        "requester": options.requester,
        "schema_version": "1",
        "url": exchange.url,
        "api_type": exchange.surface.api_type,
    }


def _bodies(
    exchange: Exchange, options: Options, number: int, cap: int
) -> tuple[str | None, str | None, list[str]]:
    kept, codes = [], []
    for body, code in zip(
        (_request(exchange, options), _response(exchange, options, number)), _OVER_SIZE, strict=True
    ):
        too_big = len(body.encode("utf-8", "replace")) > cap
        kept.append(None if too_big else body)
        codes += [code] if too_big else []
    return kept[0], kept[1], codes


def _request(exchange: Exchange, options: Options) -> str:
    dropped = set()
    if exchange.surface.route == "A" and not options.keep_model:
        dropped.add("model")
    if not options.keep_client_fields:
        dropped |= {"client_request_id", "usage_context"}
    if exchange.request is not None and dropped & exchange.request.keys():
        return sse.compact({key: value for key, value in exchange.request.items() if key not in dropped})
    return exchange.body.decode("utf-8", "replace")


def _response(exchange: Exchange, options: Options, number: int) -> str:
    answer = exchange.answer
    form = options.stream_form
    if form == "mixed":
        form = _STREAM_FORMS[number % len(_STREAM_FORMS)]  # type: ignore[assignment]
    # A stream that broke off has no whole answer: what was sent is kept.
    if answer.stream and form == "completion" and answer.whole is not None:
        return sse.compact(answer.whole)
    if answer.stream and form == "chunks":
        return sse.compact(answer.events)
    return answer.body.decode("utf-8", "replace")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
