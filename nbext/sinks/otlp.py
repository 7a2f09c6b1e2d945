"""Captures as OTLP/JSON, in OpenTelemetry's conventions for generative AI.

Sources: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding ·
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ ·
https://github.com/open-telemetry/semantic-conventions/tree/main/docs/gen-ai (schemas of the messages).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..model.jsontext import whole
from ..model.mlflow_names import gateway_attributes
from ..model.span import OWN_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model.call import Call, Message, Part
    from ..model.capture import Capture
    from ..model.span import Span

ENDING = ".otlp.json"

_OPERATIONS = {
    "chat.completions": "chat",
    "messages": "chat",
    "responses": "chat",
    "generate_content": "generate_content",
    "completions": "text_completion",
    "embeddings": "embeddings",
    # No name is set for these; the conventions allow one's own.
    "rerank": "rerank",
    "images": "image",
    "audio": "audio",
}
_OF_TYPE = {"TOOL": "execute_tool", "AGENT": "invoke_agent", "WORKFLOW": "invoke_workflow"}
_PARAMS = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "max_output_tokens": "gen_ai.request.max_tokens",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "seed": "gen_ai.request.seed",
    "n": "gen_ai.request.choice.count",
}
_INTERNAL, _CLIENT = 1, 3
_OK, _ERROR = 1, 2


def write(captures: Iterable[Capture], path: str | Path) -> Path:
    """Write captures to a file that Jaeger, wigglystuff's TraceView and others of OTLP/JSON read.

    Parameters
    ----------
    captures : iterable of Capture
    path : str or Path

    Raises
    ------
    OSError
        The file cannot be written.
    """
    path = Path(path)
    path.write_text(json.dumps(otlp_of(captures), indent=1), encoding="utf-8")
    return path


def otlp_of(captures: Iterable[Capture]) -> dict[str, Any]:
    """Give captures as an ``ExportTraceServiceRequest``; a span that runs ends where it began."""
    return {"resourceSpans": [_resource(capture) for capture in captures]}


def _resource(capture: Capture) -> dict[str, Any]:
    about = {
        "service.name": capture.name or "nbext",
        "nbext.capture_id": capture.id,
        "nbext.capture_name": capture.name,
        "nbext.capture_start_ns": capture.start_ns,
        "nbext.capture_end_ns": capture.end_ns,
        "nbext.cell": capture.cell,
    }
    spans = [_span(span) for span in capture.spans]
    return {
        "resource": {"attributes": _attributes(about)},
        "scopeSpans": [{"scope": {"name": "nbext"}, "spans": spans}],
    }


def _span(span: Span) -> dict[str, Any]:
    failed = span.status in ("error", "rate_limited", "interrupted", "blocked")
    end_ns = span.start_ns if span.end_ns is None else span.end_ns
    attributes = {**span.attributes, **(_of_call(span.call) if span.call else _of_code(span))}
    # What MLflow and we tell a span's kind by; the conventions name only some.
    attributes["mlflow.spanType"] = span.type
    if failed:
        attributes["error.type"] = span.error_type or span.status
    # For `nbext.open`: the name in the file is the conventions'.
    attributes |= {OWN_NAME: span.name, "nbext.origin": span.origin}
    found: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.id,
        "name": whole(_name(span)),
        "kind": _INTERNAL if span.call is None else _CLIENT,
        # 64-bit numbers are texts in JSON.
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(end_ns),
        "attributes": _attributes(attributes),
        "events": [_event(event, end_ns) for event in _events(span, failed, end_ns)],
        "links": [_link(link) for link in span.links],
        "status": {"code": _ERROR, "message": whole(span.error_message or span.status)}
        if failed
        else {"code": _OK},
    }
    if span.parent_id:
        found["parentSpanId"] = span.parent_id
    return found


def _name(span: Span) -> str:
    call = span.call
    if call is None or span.origin is not None:
        return span.name
    return " ".join(filter(None, (_OPERATIONS.get(call.api, "call"), call.endpoint or call.model)))


def _of_call(call: Call) -> dict[str, Any]:
    usage, where = call.usage, urlsplit(call.url)
    response = call.response if isinstance(call.response, dict) else {}
    found: dict[str, Any] = {
        "gen_ai.operation.name": _OPERATIONS.get(call.api),
        "gen_ai.provider.name": _provider(call),
        "gen_ai.request.model": call.model or call.endpoint,
        "gen_ai.response.model": call.served_model or response.get("model"),
        "gen_ai.response.id": response.get("id"),
        "gen_ai.response.finish_reasons": call.finish_reasons or None,
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
        "gen_ai.input.messages": _messages(call.messages),
        "gen_ai.output.messages": _messages(call.answers, call.finish_reasons),
        "gen_ai.tool.definitions": json.dumps(call.tools) if call.tools else None,
        "server.address": where.hostname,
        "server.port": where.port,
        "gateway.api": call.api,
        "gateway.cost_usd": call.cost.usd,
    }
    found.update({name: call.params[key] for key, name in _PARAMS.items() if key in call.params})
    stop = call.params.get("stop")
    if stop:
        found["gen_ai.request.stop_sequences"] = [stop] if isinstance(stop, str) else stop
    return {**found, **gateway_attributes(call)}


def _of_code(span: Span) -> dict[str, Any]:
    tool = span.type == "TOOL"
    return {
        "gen_ai.operation.name": _OF_TYPE.get(span.type),
        "gen_ai.tool.name": span.name if tool else None,
        "gen_ai.agent.name": span.name if span.type == "AGENT" else None,
        "gen_ai.tool.call.arguments" if tool else "input.value": _text(span.inputs),
        "gen_ai.tool.call.result" if tool else "output.value": _text(span.outputs),
    }


def _provider(call: Call) -> str:
    if call.facts.provider:
        return call.facts.provider.replace("amazon-bedrock", "aws.bedrock")
    if call.facts.route != "other":
        return "databricks"
    return {"messages": "anthropic", "generate_content": "gcp.gen_ai"}.get(call.api, "openai")


def _messages(messages: list[Message], finish: list[str] | None = None) -> str | None:
    found = []
    for place, message in enumerate(messages):
        one: dict[str, Any] = {"role": message.role, "parts": [_part(part) for part in message.parts]}
        if message.name:
            one["name"] = message.name
        if finish is not None:
            one["finish_reason"] = finish[place] if place < len(finish) else ""
        found.append(one)
    return _text(found) if found else None


def _part(part: Part) -> dict[str, Any]:
    if part.kind in ("text", "refusal"):
        return {"type": "text", "content": part.text}
    if part.kind == "reasoning":
        return {"type": "reasoning", "content": part.text}
    if part.kind == "tool_call":
        return {"type": "tool_call", "id": part.id, "name": part.name, "arguments": _read(part.text)}
    if part.kind == "tool_result":
        return {"type": "tool_call_response", "id": part.id, "response": part.text}
    if part.kind in ("image", "audio", "file"):
        return {
            "type": "uri",
            "modality": part.kind,
            "mime_type": part.mime_type,
            "uri": part.url or "",
            "size": part.size,
        }
    return {"type": part.kind, "content": part.value}


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _events(span: Span, failed: bool, end_ns: int) -> list[dict[str, Any]]:
    if not failed or any(event["name"] == "exception" for event in span.events):
        return span.events
    details = {"exception.type": span.error_type, "exception.message": span.error_message or span.status}
    return [*span.events, {"name": "exception", "time_ns": end_ns, "attributes": details}]


def _event(event: dict[str, Any], end_ns: int) -> dict[str, Any]:
    return {
        "name": event["name"],
        "timeUnixNano": str(event.get("time_ns") or end_ns),
        "attributes": _attributes(event.get("attributes") or {}),
    }


def _link(link: dict[str, Any]) -> dict[str, Any]:
    return {
        "traceId": link["trace_id"],
        "spanId": link["span_id"],
        "attributes": _attributes(link.get("attributes") or {}),
    }


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list) and all(isinstance(one, (str, int, float, bool)) for one in value):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"stringValue": _text(value)}


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return whole(text)
