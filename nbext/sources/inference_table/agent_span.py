"""One span of a logged agent trace, in the words of any version."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from ...model.span import MODEL_TYPES, Span
from ...model.span_calls import with_call
from .typing import fraction, moment_ns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...model.redact import Redactor

Json = Any

_HEX = re.compile(r"[0-9a-fA-F]+")
# Attributes that have their own place in a span.
_PLACED = frozenset({"mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType"})


def span_of_agent(
    item: dict[str, Json],
    begun_ns: int,
    *,
    prices: Mapping[str, Any] | None = None,
    redactor: Redactor | None = None,
) -> Span:
    """Read a span.

    Parameters
    ----------
    item : dict
        As the trace holds it.
    begun_ns : int
        When the trace began, for spans that tell no time.
    """
    context = item.get("context")
    context = context if type(context) is dict else {}
    given = item.get("attributes")
    attributes = {key: json_value(value) for key, value in (given if type(given) is dict else {}).items()}
    name = str(item.get("name") or "span")
    start = first_moment(item, "start_time_unix_nano", "start_time", "start_timestamp", "start_time_ns")
    raw_id = item.get("span_id") or context.get("span_id")
    span = Span(
        id=clean_id(raw_id, 16) or _digest(f"{raw_id}/{name}/{start}"),
        trace_id="",
        name=name,
        type=str(attributes.get("mlflow.spanType") or item.get("span_type") or "UNKNOWN").upper(),
        start_ns=begun_ns if start is None else start,
        end_ns=first_moment(item, "end_time_unix_nano", "end_time", "end_timestamp", "end_time_ns"),
        parent_id=clean_id(item.get("parent_span_id") or item.get("parent_id"), 16),
        inputs=attributes.get("mlflow.spanInputs", json_value(item.get("inputs"))),
        outputs=attributes.get("mlflow.spanOutputs", json_value(item.get("outputs"))),
        attributes={key: value for key, value in attributes.items() if key not in _PLACED},
        events=events_in(item.get("events")),
    )
    judge_status(span, item)
    return with_call(span, prices=prices, redactor=redactor) if span.type in MODEL_TYPES else span


def clean_id(given: Json, digits: int) -> str | None:
    """Give an id as hex digits: MLflow writes ``tr-<hex>``, ``0x<hex>``, plain hex or base64."""
    if type(given) is not str or not given:
        return None
    text = given.rpartition("/")[2].removeprefix("tr-").removeprefix("0x").replace("-", "")
    if len(text) == digits and _HEX.fullmatch(text):
        return text.lower()
    try:
        raw = base64.b64decode(given, validate=True)
    except ValueError:
        raw = b""
    if len(raw) * 2 == digits:
        return raw.hex()
    return (
        _digest(given)[:digits]
        if digits <= 16
        else hashlib.md5(given.encode(), usedforsecurity=False).hexdigest()
    )


def moment(value: Json) -> int | None:
    """Read a time: ns, µs or ms since the epoch, or ISO."""
    number = fraction(value)
    if number is not None and abs(number) >= 1e17:
        return int(value)
    return moment_ns(value)


def first_moment(item: dict[str, Json], *keys: str) -> int | None:
    """Give the time under the first of the keys that tells one, in ns since the epoch."""
    for key in keys:
        found = moment(item.get(key))
        if found is not None:
            return found
    return None


def _digest(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:16]


def json_value(value: Json) -> Json:
    """Read a value: attribute values are JSON as text, in some exporters plain."""
    if type(value) is str and value[:1] in ('"', "{", "[", "t", "f", "n", *"-0123456789"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def events_in(given: Json) -> list[dict[str, Any]]:
    """Read the events of a span, whichever way they tell their time."""
    events = []
    for event in given if type(given) is list else []:
        if type(event) is not dict:
            continue
        at = first_moment(event, "time_unix_nano", "timestamp", "timestamp_ns")
        inner = event.get("attributes")
        attributes = {k: json_value(v) for k, v in inner.items()} if type(inner) is dict else {}
        events.append({"name": str(event.get("name") or "event"), "time_ns": at, "attributes": attributes})
    return events


def judge_status(span: Span, item: dict[str, Json]) -> None:
    """Say how a span ended, of its status and the exception among its events."""
    status = item.get("status")
    status = status if type(status) is dict else {"code": status}
    code = str(status.get("code") or status.get("status_code") or item.get("status_code") or "")
    raised = next((e["attributes"] for e in span.events if e["name"] == "exception"), None)
    if "ERROR" not in code.upper() and raised is None:
        return
    span.status = "error"
    raised = raised or {}
    message = raised.get("exception.message") or status.get("message") or item.get("status_message")
    span.error_type = str(raised["exception.type"]) if raised.get("exception.type") else None
    span.error_message = str(message) if message else None
