"""The Gemini API of route B: ``generateContent`` and ``streamGenerateContent``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..answers.prompt import Prompt, Tool, ToolCall, Turn
from ..answers.tokens import pieces
from . import content

if TYPE_CHECKING:
    from ..answers.reply import Choice, Reply, Tokens
    from ..endpoints import Family

Json = dict[str, Any]

_REASONS = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
_LIMIT_MODES = {"AUTO": "auto", "ANY": "required", "NONE": "none"}


def read(request: Json) -> Prompt:
    """Read a generateContent request. Calls have no ids here: a result answers the call of its name."""
    prompt = Prompt()
    system = request.get("systemInstruction") or request.get("system_instruction")
    if system:
        prompt.turns.append(Turn("system", content.text_of(system.get("parts"))))
    given = request["contents"]
    for message in [given] if isinstance(given, dict) else given:
        prompt.turns += _turns(message)
    for group in request.get("tools") or ():
        for tool in group.get("functionDeclarations") or ():
            schema = tool.get("parametersJsonSchema") or _lowered(tool.get("parameters") or {})
            prompt.tools.append(Tool(str(tool.get("name")), str(tool.get("description") or ""), schema))
    config = request.get("generationConfig") or {}
    limit = config.get("maxOutputTokens")
    prompt.max_tokens = limit if isinstance(limit, int) else None
    prompt.stop = content.stops(config.get("stopSequences"))
    if config.get("responseMimeType") == "application/json":
        prompt.schema = config.get("responseJsonSchema") or _lowered(config.get("responseSchema") or {})
    mode = ((request.get("toolConfig") or {}).get("functionCallingConfig") or {}).get("mode", "AUTO")
    prompt.tool_choice = _LIMIT_MODES.get(mode, "auto")
    prompt.thinking = bool((config.get("thinkingConfig") or {}).get("includeThoughts"))
    return prompt


def _turns(message: Json) -> list[Turn]:
    parts = message.get("parts") or []
    role = "assistant" if message.get("role") == "model" else "user"
    calls = tuple(
        ToolCall(str(call["name"]), str(call["name"]), json.dumps(call.get("args") or {}))
        for call in (part["functionCall"] for part in parts if "functionCall" in part)
    )
    turns = [
        Turn("tool", json.dumps(result.get("response") or {}), result_of=str(result.get("name")))
        for result in (part["functionResponse"] for part in parts if "functionResponse" in part)
    ]
    text = content.text_of([part for part in parts if "text" in part])
    return [*turns, Turn(role, text, calls)] if text or calls else turns


def _lowered(schema: Any) -> Any:
    """Gemini writes types in capitals: ``STRING``."""
    if isinstance(schema, list):
        return [_lowered(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.lower() if key == "type" and isinstance(value, str) else _lowered(value)
        for key, value in schema.items()
    }


def answer(reply: Reply, _family: Family) -> Json:
    """Write the whole answer."""
    return _body(
        reply, [_candidate(index, choice) for index, choice in enumerate(reply.choices)], reply.tokens
    )


def _body(reply: Reply, candidates: list[Json], tokens: Tokens) -> Json:
    return {
        "candidates": candidates,
        "usageMetadata": usage(tokens),
        "modelVersion": reply.model,
        "responseId": reply.id,
    }


def _candidate(index: int, choice: Choice) -> Json:
    parts: list[Json] = [{"text": choice.reasoning, "thought": True}] if choice.reasoning else []
    if choice.text:
        parts.append({"text": choice.text})
    for call in choice.tool_calls:
        function = {"name": call.name, "args": json.loads(call.arguments or "{}")}
        parts.append({"functionCall": function, "thoughtSignature": content.SIGNATURE})
    written = {"content": {"role": "model", "parts": parts}, "finishReason": _REASONS[choice.finish]}
    return {**written, "index": index}


def usage(tokens: Tokens) -> Json:
    """Write token counts; thoughts are counted apart from the answer."""
    counts = {
        "promptTokenCount": tokens.input,
        "candidatesTokenCount": tokens.output - tokens.reasoning,
        "totalTokenCount": tokens.total,
    }
    return {**counts, "thoughtsTokenCount": tokens.reasoning} if tokens.reasoning else counts


def events(reply: Reply, family: Family) -> list[Json]:
    """Write the partial answers of a stream: a few words each, the last with the finish reason."""
    last = _candidate(0, reply.choices[0])
    parts: list[Json] = []
    for part in last["content"]["parts"]:
        if "text" not in part:
            parts.append(part)
            continue
        words = pieces(part["text"])
        parts += [{**part, "text": "".join(words[at : at + 8])} for at in range(0, len(words), 8)]
    found = []
    for number, part in enumerate(parts, 1):
        candidate: Json = {"content": {"role": "model", "parts": [part]}, "index": 0}
        if number == len(parts):
            candidate["finishReason"] = last["finishReason"]
        found.append(_body(reply, [candidate], reply.tokens))
    return found or [answer(reply, family)]
