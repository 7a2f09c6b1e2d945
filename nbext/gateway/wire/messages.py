"""The Anthropic Messages API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..answers.prompt import Prompt, Tool, ToolCall, Turn
from ..answers.tokens import chunks
from . import content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers.reply import Choice, Reply, Tokens
    from ..endpoints import Family

Json = dict[str, Any]

# The last is a guess: no recorded denial came by this API.
_STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def read(request: Json) -> Prompt:
    """Read a Messages request; a user message with tool results becomes tool turns."""
    prompt = Prompt()
    if request.get("system"):
        prompt.turns.append(Turn("system", content.text_of(request["system"])))
    for message in request["messages"]:
        prompt.turns += _turns(message)
    prompt.tools = [
        Tool(str(tool.get("name")), str(tool.get("description") or ""), tool.get("input_schema") or {})
        for tool in request.get("tools") or ()
    ]
    choice = request.get("tool_choice") or {}
    kind = choice.get("type", "auto")
    prompt.tool_choice = {"any": "required", "tool": str(choice.get("name"))}.get(kind, kind)
    prompt.parallel_tools = not choice.get("disable_parallel_tool_use")
    limit = request.get("max_tokens")
    prompt.max_tokens = limit if isinstance(limit, int) else None
    prompt.stop = content.stops(request.get("stop_sequences"))
    prompt.schema = _schema(request)
    prompt.thinking = (request.get("thinking") or {}).get("type") in ("enabled", "adaptive")
    prompt.cached_prefix = content.cached_prefix([{"content": request.get("system")}, *request["messages"]])
    return prompt


def _schema(request: Json) -> Json | None:
    form = (request.get("output_config") or {}).get("format") or request.get("output_format")
    return content.schema_of(form)


def _turns(message: Json) -> Iterator[Turn]:
    blocks = message.get("content")
    if not isinstance(blocks, list):
        yield Turn(str(message["role"]), content.text_of(blocks))
        return
    calls = tuple(
        ToolCall(str(block.get("id")), str(block.get("name")), json.dumps(block.get("input") or {}))
        for block in blocks
        if block.get("type") == "tool_use"
    )
    for block in blocks:
        if block.get("type") == "tool_result":
            yield Turn("tool", content.text_of(block.get("content")), result_of=block.get("tool_use_id"))
    text = content.text_of(
        [block for block in blocks if block.get("type") not in ("tool_use", "tool_result")]
    )
    if text or calls:
        yield Turn(str(message["role"]), text, calls)


def answer(reply: Reply, _family: Family) -> Json:
    """Write the whole answer. The API has one choice only."""
    choice = reply.choices[0]
    return {
        "model": reply.model,
        "id": reply.id,
        "type": "message",
        "role": "assistant",
        "content": _blocks(choice),
        "stop_reason": _STOP_REASONS[choice.finish],
        "stop_sequence": None,
        "usage": usage(reply.tokens),
    }


def _blocks(choice: Choice) -> list[Json]:
    blocks: list[Json] = []
    if choice.reasoning:
        blocks.append({"type": "thinking", "thinking": choice.reasoning, "signature": content.SIGNATURE})
    if choice.text:
        blocks.append({"type": "text", "text": choice.text})
    return blocks + [_tool_use(call) for call in choice.tool_calls]


def _tool_use(call: ToolCall) -> Json:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments or "{}")}


def usage(tokens: Tokens) -> Json:
    """Write token counts; ``input_tokens`` leaves out what came from or went to the cache."""
    return {
        "input_tokens": tokens.input - tokens.cache_read - tokens.cache_write,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cache_read,
        "output_tokens": tokens.output,
    }


def events(reply: Reply, family: Family) -> list[Json]:
    """Write the events of a streamed answer."""
    whole = answer(reply, family)
    start = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    found: list[Json] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(whole["content"]):
        found += ({**event, "index": index} for event in _block_events(block))
        if index == 0:
            found.insert(2, {"type": "ping"})
    stop = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    found.append({"type": "message_delta", "delta": stop, "usage": {"output_tokens": reply.tokens.output}})
    found.append({"type": "message_stop"})
    return found


def _block_events(block: Json) -> Iterator[Json]:
    empty: dict[str, Json] = {
        "text": {"text": ""},
        "thinking": {"thinking": "", "signature": ""},
        "tool_use": {"input": {}},
    }
    yield {"type": "content_block_start", "content_block": {**block, **empty[block["type"]]}}
    for delta in _deltas(block):
        yield {"type": "content_block_delta", "delta": delta}
    yield {"type": "content_block_stop"}


def _deltas(block: Json) -> Iterator[Json]:
    if block["type"] == "text":
        for piece in chunks(block["text"]):
            yield {"type": "text_delta", "text": piece}
    elif block["type"] == "thinking":
        for piece in chunks(block["thinking"]):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": block["signature"]}
    else:
        arguments = json.dumps(block["input"], ensure_ascii=False) if block["input"] else ""
        yield {"type": "input_json_delta", "partial_json": ""}
        for start in range(0, len(arguments), 8):
            yield {"type": "input_json_delta", "partial_json": arguments[start : start + 8]}
