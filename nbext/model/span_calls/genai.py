"""Messages as OpenTelemetry's conventions for generative AI write them, as a chat request and its answer.

https://github.com/open-telemetry/semantic-conventions/tree/main/docs/gen-ai: lists of
``{"role", "parts"}`` under ``gen_ai.input.messages`` and ``gen_ai.output.messages``; before 1.37 an
event per message (``gen_ai.user.message``, ``gen_ai.choice``), before 1.28 two events with all of
them (``gen_ai.content.prompt``); OpenLLMetry's attributes are numbered (``gen_ai.prompt.0.role``).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..jsontext import loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Json = Any

# Attribute, parameter of a chat request.
PARAMS = {
    "gen_ai.request.temperature": "temperature",
    "gen_ai.request.top_p": "top_p",
    "gen_ai.request.top_k": "top_k",
    "gen_ai.request.max_tokens": "max_tokens",
    "gen_ai.request.frequency_penalty": "frequency_penalty",
    "gen_ai.request.presence_penalty": "presence_penalty",
    "gen_ai.request.seed": "seed",
    "gen_ai.request.choice.count": "n",
    "gen_ai.request.stop_sequences": "stop",
}
_NUMBERED = re.compile(r"gen_ai\.(prompt|completion)\.(\d+)\.(?:tool_calls\.(\d+)\.)?(\w+)$")


def is_messages(value: Json) -> bool:
    """Tell a list of messages with parts."""
    return isinstance(value, list) and any(isinstance(one, dict) and "parts" in one for one in value)


def request_of(inputs: Json, attributes: Mapping[str, Json], events: Iterable[Mapping[str, Json]]) -> Json:
    """Give the request that a span tells of; None where its messages were not recorded."""
    told = _messages_in(inputs) or _numbered(attributes, "prompt") or _in_events(events)
    system = _read(attributes.get("gen_ai.system_instructions"))
    if isinstance(system, list):
        told = [_message({"role": "system", "parts": system}), *told]
    if not told:
        return None
    request: dict[str, Json] = {"messages": told}
    model = attributes.get("gen_ai.request.model")
    if isinstance(model, str):
        request["model"] = model
    tools = _read(attributes.get("gen_ai.tool.definitions"))
    if isinstance(tools, list) and tools:
        request["tools"] = tools
    request.update({name: attributes[key] for key, name in PARAMS.items() if key in attributes})
    return request


def answer_of(outputs: Json, attributes: Mapping[str, Json], events: Iterable[Mapping[str, Json]]) -> Json:
    """Give the answer that a span tells of; None where it was not recorded."""
    told = outputs if is_messages(outputs) else None
    messages = [_message(one) for one in told or () if isinstance(one, dict)]
    messages = messages or _numbered(attributes, "completion") or _choices_in(events)
    if not messages:
        return None
    reasons = attributes.get("gen_ai.response.finish_reasons")
    reasons = reasons if isinstance(reasons, list) else []
    choices = []
    for index, message in enumerate(messages):
        reason = message.pop("finish_reason", None) or (reasons[index] if index < len(reasons) else None)
        choices.append({"index": index, "message": message, "finish_reason": reason})
    answer: dict[str, Json] = {"object": "chat.completion", "choices": choices}
    for name in ("id", "model"):
        value = attributes.get(f"gen_ai.response.{name}")
        if isinstance(value, str):
            answer[name] = value
    return answer


def _messages_in(value: Json) -> list[Json]:
    if not is_messages(value):
        return []
    return [_message(one) for one in value if isinstance(one, dict)]


def _message(one: Mapping[str, Json]) -> dict[str, Json]:
    """Make a message of a chat request of one with parts; several results of tools stay one message."""
    message: dict[str, Json] = {"role": str(one.get("role") or "user")}
    content: list[Json] = []
    for part in one.get("parts") or ():
        if not isinstance(part, dict):
            content.append({"type": "text", "text": str(part)})
            continue
        kind = part.get("type")
        if kind == "tool_call":
            message.setdefault("tool_calls", []).append(_tool_call(part))
        elif kind == "tool_call_response":
            told = part.get("response", part.get("result"))
            text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
            if message["role"] == "tool" and "tool_call_id" not in message and len(one["parts"]) == 1:
                message["tool_call_id"] = part.get("id")
                content.append({"type": "text", "text": text})
            else:
                content.append({"type": "tool_result", "tool_use_id": part.get("id"), "content": text})
                # A message of role tool is read as one result.
                message["role"] = "user" if message["role"] == "tool" else message["role"]
        else:
            content.append(_block(part))
    texts = [block["text"] for block in content if block.get("type") == "text"]
    message["content"] = texts[0] if len(texts) == len(content) == 1 else content or None
    for key in ("name", "finish_reason"):
        if one.get(key):
            message[key] = one[key]
    return message


def _block(part: Mapping[str, Json]) -> dict[str, Json]:
    kind, content = part.get("type"), part.get("content", part.get("text"))
    if kind in ("text", "reasoning") and isinstance(content, str):
        return {"type": kind, "text": content}
    modality = part.get("modality")
    if kind in ("uri", "blob", "file") and modality in (None, "image", "audio", "file", "document", "video"):
        given = part.get("uri") or part.get("data") or content or part.get("file_id")
        name = {"image": "image", "audio": "audio"}.get(str(modality), "document")
        if name == "audio":
            return {"type": "audio", "audio": {"data": given}}
        kind = "url" if kind == "uri" else "base64"
        return {
            "type": name,
            "source": {"type": kind, "data": given, "media_type": part.get("mime_type")},
        }
    return dict(part)


def _tool_call(part: Mapping[str, Json]) -> dict[str, Json]:
    given = part.get("arguments")
    text = given if isinstance(given, str) else json.dumps({} if given is None else given, ensure_ascii=False)
    function = {"name": part.get("name"), "arguments": text}
    return {"id": part.get("id"), "type": "function", "function": function}


def _numbered(attributes: Mapping[str, Json], which: str) -> list[dict[str, Json]]:
    found: dict[int, dict[str, Json]] = {}
    for key, value in attributes.items():
        place = _NUMBERED.match(key)
        if place is None or place[1] != which:
            continue
        message = found.setdefault(int(place[2]), {"role": "user" if which == "prompt" else "assistant"})
        if place[3] is None:
            message[place[4]] = value
            continue
        calls = message.setdefault("calls", {})
        calls.setdefault(int(place[3]), {})[place[4]] = value
    messages = []
    for _, message in sorted(found.items()):
        calls = message.pop("calls", {})
        if calls:
            message["tool_calls"] = [_tool_call(call) for _, call in sorted(calls.items())]
        messages.append(message)
    return messages


def _in_events(events: Iterable[Mapping[str, Json]]) -> list[dict[str, Json]]:
    found = []
    for event in events:
        name, told = str(event.get("name")), event.get("attributes") or {}
        if name == "gen_ai.content.prompt":
            whole = _read(told.get("gen_ai.prompt"))
            return [one for one in whole if isinstance(one, dict)] if isinstance(whole, list) else []
        head, _, end = name.removeprefix("gen_ai.").rpartition(".")
        if end == "message" and head in ("system", "user", "assistant", "tool"):
            found.append({"role": head, **_said(told)})
    return found


def _choices_in(events: Iterable[Mapping[str, Json]]) -> list[dict[str, Json]]:
    found = []
    for event in events:
        name, told = event.get("name"), event.get("attributes") or {}
        if name == "gen_ai.content.completion":
            whole = _read(told.get("gen_ai.completion"))
            return [one for one in whole if isinstance(one, dict)] if isinstance(whole, list) else []
        if name == "gen_ai.choice":
            body = _said(told)
            message = _read(body.get("message"))
            message = message if isinstance(message, dict) else {"content": message or body.get("content")}
            found.append({"role": "assistant", **message, "finish_reason": body.get("finish_reason")})
    return found


def _said(told: Mapping[str, Json]) -> dict[str, Json]:
    """Give the body of an event: in attributes of its own, or as one JSON text."""
    whole = _read(told.get("body") or told.get("gen_ai.event.content") or told.get("event_body"))
    found = dict(whole) if isinstance(whole, dict) else dict(told)
    if isinstance(calls := _read(found.get("tool_calls")), list):
        found["tool_calls"] = calls
    if "id" in found and "tool_call_id" not in found:
        found["tool_call_id"] = found["id"]
    if isinstance(found.get("content"), (int, float)):
        # A text of digits, read as what it looks like.
        found["content"] = json.dumps(found["content"])
    return {key: value for key, value in found.items() if not key.startswith("gen_ai.")}


def _read(value: Json) -> Json:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return loads(value)
        except ValueError:
            return value
    return value
