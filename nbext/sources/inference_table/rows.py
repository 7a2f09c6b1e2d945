"""A row of an inference table, and the call it logs."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...model import redact
from ...model.assemble import call_of_bodies
from ...model.call import AttemptFacts
from ...model.pricing import cost_of
from . import typing as read
from .ended import as_seen
from .flavour import SERVING, UNITY, Flavour
from .routing import add_usage
from .told import told_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...model.call import Call
    from ...model.redact import Redactor

_UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_CUT = {
    "MAX_REQUEST_SIZE_EXCEEDED": "The request was larger than the table keeps ({cap}) and was not logged.",
    "MAX_RESPONSE_SIZE_EXCEEDED": "The answer was larger than the table keeps ({cap}) and was not logged.",
}
_CAPS = {"unity": "10 MiB"}


@dataclass(frozen=True, slots=True)
class Row:
    """One logged request. Times are ns since the epoch, durations ms; bodies are as stored."""

    id: str | None
    start_ns: int
    duration_ms: int | None = None
    ttfb_ms: int | None = None
    status_code: int | None = None
    request: Any = None
    response: Any = None
    client_request_id: str | None = None
    requester: str | None = None
    sampling: float | None = None
    codes: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    entity: str | None = None
    provider: str | None = None
    # Of a destination: its id, and the model behind it.
    entity_id: str | None = None
    model: str | None = None
    url: str = ""
    api: str | None = None
    # How the client saw it end, in a table of your own calls: status, error type and message.
    ended: tuple[str | None, str | None, str | None] | None = None
    # What usage tables say of the request, by the names they have beside it.
    usage: Mapping[str, Any] | None = None

    @property
    def trace_id(self) -> str:
        """32 hex digits: the request's id, which is a UUID, else a digest."""
        if self.id is not None:
            return trace_id_of(self.id)
        return _digest(repr((self.start_ns, self.request, self.response, self.requester)))

    @property
    def call_id(self) -> str:
        """16 hex digits."""
        return self.trace_id[:16]


def trace_id_of(request_id: str) -> str:
    """Give the trace id of a request: its own id if that is a UUID, else a digest of it."""
    return request_id.replace("-", "").lower() if _UUID.fullmatch(request_id) else _digest(request_id)


def _digest(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def row_of(
    values: Mapping[str, Any], flavour: Flavour, *, endpoint: str | None = None, added: Sequence[str] = ()
) -> Row:
    """Read a row in any typing; columns that are missing are not known.

    Parameters
    ----------
    values : mapping
        By the flavour's column names.
    flavour : Flavour
    endpoint : str, optional
        The one endpoint the table is of, when that is known.
    added : sequence of str
        Columns of usage tables that stand beside the table's own.
    """
    get = values.get
    metadata = read.pairs(get("request_metadata"))
    unity = flavour is UNITY
    start = read.moment_ns(get(flavour.time))
    if start is None:
        start = read.moment_ns(get("request_time")) or read.moment_ns(get(flavour.date or "")) or 0
    return Row(
        id=read.text(get(flavour.id)),
        start_ns=start,
        duration_ms=read.whole(get(flavour.duration)),
        ttfb_ms=read.whole(get("time_to_first_byte_ms")) if unity else None,
        status_code=read.whole(get("status_code")),
        request=get("request"),
        response=get("response"),
        client_request_id=read.text(get("client_request_id")),
        requester=read.text(get("requester")),
        sampling=read.fraction(get("sampling_fraction")),
        codes=read.words(get("logging_error_codes")),
        tags=read.pairs(get("request_tags")) if unity else {},
        endpoint=metadata.get("endpoint_name") or endpoint,
        entity=read.text(get("served_entity_id" if flavour is SERVING else "destination_name"))
        or metadata.get("model_name"),
        provider=None,
        entity_id=read.text(get("destination_id")) if unity else None,
        model=read.text(get("destination_model")) if unity else None,
        url=(read.text(get("url")) or "") if unity else "",
        api=read.text(get("api_type")) if unity else None,
        ended=(read.text(get("status")), read.text(get("error_type")), read.text(get("error_message"))),
        usage={name: get(name) for name in added} if added else None,
    )


def call_of_row(
    row: Row,
    flavour: Flavour,
    *,
    prices: Mapping[str, Any] | None = None,
    redactor: Redactor | None = None,
) -> Call:
    """Build the call a row logs; its one attempt is what the gateway saw.

    Secrets are taken out of the bodies, as everywhere.
    """
    redactor = redactor or redact.DEFAULT
    end = None if row.duration_ms is None else row.start_ns + row.duration_ms * 1_000_000
    call = call_of_bodies(
        call_id=row.call_id,
        trace_id=row.trace_id,
        start_ns=row.start_ns,
        # A logged request has ended; how long it took may not be known.
        end_ns=row.start_ns if end is None else end,
        request=row.request,
        response=row.response,
        status_code=row.status_code,
        url=row.url,
        api=row.api,
        route="unity" if flavour is UNITY else "serving",
        prices=prices,
        redactor=redactor,
    )
    call.end_ns = end
    if row.ended is not None:
        as_seen(call, *row.ended, redactor=redactor)
    endpoint = row.endpoint
    if endpoint is None and call.endpoint is None:
        # On the Unity route, as the overview counts it: who answered, where the request is silent.
        endpoint = (
            row.entity if flavour is UNITY else told_endpoint(row.response) if flavour is SERVING else None
        )
    if endpoint is not None and endpoint != call.endpoint:
        call.endpoint = endpoint
        if prices:
            # The user's table may price the endpoint, which the bodies did not name.
            _price(call, prices)
    if row.ttfb_ms is not None and call.stream:
        call.first_token_ns = row.start_ns + row.ttfb_ms * 1_000_000
    _add_facts(call, row, flavour)
    call.attempts = [
        AttemptFacts(
            number=0,
            start_ns=row.start_ns,
            end_ns=call.end_ns,
            status_code=row.status_code,
            error_type=call.error_type if call.status != "ok" else None,
            error_message=call.error_message if call.status != "ok" else None,
            request_id=row.id,
            outcome="complete",
            request_bytes=_size(row.request),
            response_bytes=_size(row.response),
        )
    ]
    changed = row.usage is not None and add_usage(call, row.usage)
    if call.served_model is None and row.model is not None and (row.status_code or 200) < 300:
        # A policy's answer names no model, though one may have answered before it.
        call.served_model, changed = row.model, True
    if changed:
        _price(call, prices)
    return call


def _price(call: Call, prices: Mapping[str, Any] | None) -> None:
    response = call.response if type(call.response) is dict else {}
    call.cost = cost_of(
        call.usage,
        model=call.model,
        endpoint=call.endpoint,
        provider=call.facts.provider,
        at_ns=call.start_ns,
        prices=prices,
        databricks=True,
        served=(call.served_model, read.text(response.get("model"))),
    )


def _add_facts(call: Call, row: Row, flavour: Flavour) -> None:
    facts = call.facts
    facts.request_id = row.id
    facts.client_request_id = row.client_request_id or facts.client_request_id
    facts.server_ms = None if row.duration_ms is None else float(row.duration_ms)
    facts.tags = {**facts.tags, **row.tags}
    facts.entity, facts.requester, facts.sampling = row.entity, row.requester, row.sampling
    facts.truncated = row.codes
    cap = _CAPS.get(flavour.name, "1 MiB")
    call.notes += [
        _CUT[code].format(cap=cap) if code in _CUT else f"The gateway noted {code}." for code in row.codes
    ]


def _size(body: Any) -> int:
    if type(body) is str:
        return len(body) if body.isascii() else len(body.encode("utf-8", "surrogatepass"))
    return len(body) if isinstance(body, bytes) else 0
