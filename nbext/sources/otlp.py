"""Opens OTLP files: nbext's own ``.otlp.json``, and those of the file exporter of OpenTelemetry's collector.

These hold one ``ExportTraceServiceRequest`` as JSON, one per line, or as protobuf with its length in four
bytes before each (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding ·
https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/exporter/fileexporter).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..model.capture import Capture
from ..model.span_calls import one_call_each
from .inference_table.agent_span import clean_id
from .mlflow.spans import span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ..model.span import Span

Json = Any
BINARY = (".binpb", ".pb")

_SIGNALS = ("resourceSpans", "resource_spans", "resourceLogs", "resourceMetrics", "resourceProfiles")
_STATUSES = frozenset({"interrupted", "blocked", "rate_limited"})
# Values that are JSON as text; any other text is one.
_AS_JSON = ("mlflow.", "gateway.")


def is_otlp(data: Json) -> bool:
    """Tell a request of OTLP/JSON, of whichever signal."""
    return isinstance(data, dict) and any(isinstance(data.get(key), list) for key in _SIGNALS)


def is_otlp_line(line: bytes) -> bool:
    """Tell a line of a collector's file, without reading all of it."""
    return any(f'"{key}"'.encode() in line[:200] for key in _SIGNALS)


def read_lines(path: Path) -> list[Capture]:
    """Read a file of one request per line; a torn last line is left out.

    Raises
    ------
    ValueError
        A line is no request; names it.
    """
    lines = path.read_bytes().split(b"\n")
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except (ValueError, RecursionError):
            if number == len(lines):
                break
            data = None
        if not is_otlp(data):
            raise ValueError(f"{path.name}, line {number}: expected OTLP/JSON, an object with resourceSpans")
        found.append(data)
    return captures_of(found, path.name)


def read_binary(path: Path) -> list[Capture]:
    """Read a file of protobuf: one request, or many with their lengths before them.

    Raises
    ------
    ValueError
        It is none, or the package that reads it is missing.
    """
    try:
        from google.protobuf.json_format import MessageToDict
        from google.protobuf.message import DecodeError
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    except ImportError:
        raise ValueError(
            f"{path.name} is protobuf; to read it: pip install opentelemetry-proto, "
            "or have the collector write JSON (format: json)"
        ) from None
    data, found = path.read_bytes(), []
    for part in _delimited(data) or [data]:
        try:
            found.append(MessageToDict(ExportTraceServiceRequest.FromString(part)))
        except DecodeError:  # noqa: PERF203  # the first that is damaged ends it
            raise ValueError(f"{path.name} is no ExportTraceServiceRequest of OTLP as protobuf") from None
    return captures_of(found, path.name)


def captures_of(requests: Iterable[Mapping[str, Json]], name: str) -> list[Capture]:
    """Make captures of requests: those that nbext wrote as they were, else one for each trace.

    Parameters
    ----------
    requests : iterable of dict
        ``ExportTraceServiceRequest`` as JSON.
    name : str
        Of the file, for what is said of it.

    Raises
    ------
    ValueError
        There are no spans in it.
    """
    heads: dict[str, dict[str, Json]] = {}
    spans: dict[str, dict[str, Span]] = {}
    for request in requests:
        for about, item in _spans_in(request):
            span = _span(about, item)
            key = str(about.get("nbext.capture_id") or span.trace_id[:16])
            heads.setdefault(key, about)
            # A collector that was not sure sends twice.
            spans.setdefault(key, {})[span.id] = span
    if not spans:
        raise ValueError(f"{name} holds no spans of OTLP; expected resourceSpans with scopeSpans and spans")
    captures = [_capture(key, heads[key], list(found.values())) for key, found in spans.items()]
    return sorted(captures, key=lambda capture: capture.start_ns)


def _capture(key: str, about: Mapping[str, Json], spans: list[Span]) -> Capture:
    spans.sort(key=lambda span: span.start_ns)
    one_call_each(spans)
    here = {span.id for span in spans}
    root = next((span for span in spans if span.parent_id not in here), spans[0])
    ours = "nbext.capture_id" in about
    capture = Capture.of_calls(
        [span.call for span in spans if span.call is not None],
        id=key,
        start_ns=about.get("nbext.capture_start_ns") or spans[0].start_ns,
        name=about.get("nbext.capture_name") if ours else root.name,
        cell=about.get("nbext.cell"),
    )
    ends = [span.end_ns for span in spans if span.end_ns is not None]
    capture.end_ns = about.get("nbext.capture_end_ns") or max(ends, default=capture.start_ns)
    # Those of a call that nobody else recorded are the call.
    capture.app_spans = [span for span in spans if span.call is None or span.origin is not None]
    for call in capture.calls:
        call.capture_id, call.cell = capture.id, capture.cell
    return capture


def _span(about: Mapping[str, Json], item: Mapping[str, Json]) -> Span:
    attributes = _attributes(item.get("attributes"))
    of_mlflow = "mlflow.traceRequestId" in attributes
    origin = attributes.pop("nbext.origin", None)
    ours = "nbext.capture_id" in about
    if not ours and "service.name" in about:
        attributes.setdefault("service.name", about["service.name"])
    span = span_of(
        {
            "span_id": _of(item, "spanId"),
            "parent_span_id": _of(item, "parentSpanId"),
            "name": item.get("name"),
            "start_time_unix_nano": _of(item, "startTimeUnixNano"),
            "end_time_unix_nano": _of(item, "endTimeUnixNano"),
            "attributes": {
                key: value if of_mlflow else _decoded(key, value) for key, value in attributes.items()
            },
            "events": [_event(event) for event in item.get("events") or ()],
            "links": [
                {"trace_id": _of(link, "traceId"), "span_id": _of(link, "spanId")}
                for link in item.get("links") or ()
            ],
            "status": _status(item.get("status")),
        },
        clean_id(_of(item, "traceId"), 32) or "0" * 32,
        origin="mlflow" if of_mlflow else "otel",
        plain=not of_mlflow,
    )
    if span.status == "error" and span.call is None and attributes.get("error.type") in _STATUSES:
        span.status, span.error_type = attributes["error.type"], None
    if ours:
        span.origin = origin
    return span


def _spans_in(request: Mapping[str, Json]) -> Iterator[tuple[dict[str, Json], Mapping[str, Json]]]:
    """Give every span with the attributes of its resource."""
    for resource in _of(request, "resourceSpans") or ():
        about = _attributes((resource.get("resource") or {}).get("attributes"))
        for scope in _of(resource, "scopeSpans") or resource.get("instrumentationLibrarySpans") or ():
            for item in scope.get("spans") or ():
                yield about, item


def _of(item: Mapping[str, Json], name: str) -> Json:
    """Give a field in either spelling protobuf's JSON may have."""
    if name in item:
        return item[name]
    return item.get("".join(f"_{c.lower()}" if c.isupper() else c for c in name))


def _event(event: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "name": event.get("name"),
        "time_unix_nano": _of(event, "timeUnixNano"),
        "attributes": _attributes(event.get("attributes")),
    }


def _status(status: Json) -> dict[str, Json]:
    status = status if isinstance(status, dict) else {}
    failed = status.get("code") in (2, "2", "STATUS_CODE_ERROR")
    return {"code": "ERROR" if failed else "OK", "message": status.get("message")}


def _attributes(given: Json) -> dict[str, Json]:
    found = {}
    for one in given if isinstance(given, list) else ():
        if isinstance(one, dict) and isinstance(one.get("key"), str):
            found[one["key"]] = _value(one.get("value"))
    return found


def _value(given: Json) -> Json:
    if not isinstance(given, dict) or not given:
        return None
    ((kind, value), *_) = given.items()
    kind = kind.replace("_v", "V")
    if kind == "intValue":
        return int(value)
    if kind == "arrayValue":
        return [_value(one) for one in (value or {}).get("values") or ()]
    if kind == "kvlistValue":
        return _attributes((value or {}).get("values"))
    return value


def _decoded(key: str, value: Json) -> Json:
    if isinstance(value, str) and key.startswith(_AS_JSON) and value[:1] in ("{", "[", '"'):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _delimited(data: bytes) -> list[bytes]:
    """Cut a file at the lengths written before each message; nothing where there are none."""
    parts: list[bytes] = []
    at = 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if at + 4 + size > len(data):
            # The last one may be torn.
            return parts
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return parts
