"""Chat completions, as each model family writes them on Databricks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..answers.prompt import Prompt, Tool, ToolCall, Turn
from ..answers.tokens import chunks
from . import content

if TYPE_CHECKING:
    from ..answers.reply import Choice, Reply, Tokens
    from ..endpoints import Family

Json = dict[str, Any]


def read(request: Json) -> Prompt:
    """Read a chat request."""
    prompt = Prompt(turns=[_turn(message) for message in request["messages"] if isinstance(message, dict)])
    prompt.tools = [_tool(tool) for tool in request.get("tools") or () if isinstance(tool, dict)]
    choice = request.get("tool_choice") or "auto"
    prompt.tool_choice = (
        choice.get("function", {}).get("name", "required") if isinstance(choice, dict) else str(choice)
    )
    prompt.parallel_tools = request.get("parallel_tool_calls") is not False
    limit = request.get("max_completion_tokens") or request.get("max_tokens")
    prompt.max_tokens = limit if isinstance(limit, int) else None
    prompt.stop = content.stops(request.get("stop"))
    prompt.n = request["n"] if isinstance(request.get("n"), int) else 1
    prompt.schema = content.schema_of(request.get("response_format"))
    prompt.thinking = bool(request.get("thinking")) or bool(request.get("reasoning_effort"))
    prompt.cached_prefix = content.cached_prefix(request["messages"])
    return prompt


def _turn(message: Json) -> Turn:
    calls = tuple(
        ToolCall(
            str(call.get("id")),
            str(call.get("function", {}).get("name")),
            str(call.get("function", {}).get("arguments") or ""),
        )
        for call in message.get("tool_calls") or ()
    )
    return Turn(
        str(message.get("role", "user")),
        content.text_of(message.get("content")),
        calls,
        message.get("tool_call_id"),
    )


def _tool(tool: Json) -> Tool:
    function = tool.get("function") or {}
    return Tool(
        str(function.get("name")), str(function.get("description") or ""), function.get("parameters") or {}
    )


def answer(reply: Reply, family: Family) -> Json:
    """Write the whole answer. The order of keys is that of recorded answers of the family."""
    choices = [_choice(index, choice, family) for index, choice in enumerate(reply.choices)]
    body: Json = {"id": reply.id, "object": "chat.completion", "created": reply.created, "model": reply.model}
    if family == "claude":
        return {
            "model": reply.model,
            "choices": choices,
            "usage": usage(reply.tokens, family),
            "object": "chat.completion",
            "id": reply.id,
            "created": reply.created,
        }
    return {**body, "choices": choices, "usage": usage(reply.tokens, family)}


def _choice(index: int, choice: Choice, family: Family) -> Json:
    message: Json = {"role": "assistant", "content": content.written(choice, family)}
    if choice.tool_calls:
        message["tool_calls"] = [_call(call) for call in choice.tool_calls]
    written: Json = {"index": index, "message": message, "finish_reason": choice.finish}
    return written if family == "claude" else {**written, "logprobs": None}


def _call(call: ToolCall) -> Json:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    return {"id": call.id, "type": "function", "function": function}


def usage(tokens: Tokens, family: Family) -> Json:
    """Write token counts: cache counts for Claude, details for OpenAI, else three numbers."""
    counts: Json = {
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": tokens.total,
    }
    if family == "claude":
        counts["cache_read_input_tokens"] = tokens.cache_read
        counts["cache_creation_input_tokens"] = tokens.cache_write
    elif family == "openai":
        counts["prompt_tokens_details"] = {"cached_tokens": tokens.cache_read}
        counts["completion_tokens_details"] = {"reasoning_tokens": tokens.reasoning}
    return counts


def events(reply: Reply, family: Family) -> list[Json]:
    """Write the chunks of a streamed answer. Every chunk has a ``usage``; only the last is final."""
    deltas = [
        (index, delta, finish)
        for index, choice in enumerate(reply.choices)
        for delta, finish in _deltas(choice, family)
    ]
    chunks = []
    for number, (index, delta, finish) in enumerate(deltas):
        last = number == len(deltas) - 1
        chunks.append(
            {
                "id": reply.id,
                "object": "chat.completion.chunk",
                "created": reply.created,
                "model": reply.model,
                "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
                "usage": usage_so_far(reply.tokens, family, (number + 1) / len(deltas), last=last),
            }
        )
    return chunks


def usage_so_far(tokens: Tokens, family: Family, share: float, *, last: bool) -> Json:
    """Write the counts a chunk carries: Llama counts up, Claude knows its own only at the end."""
    written = usage(tokens, family)
    if last:
        return written
    if family == "claude":
        return {**written, "completion_tokens": None, "total_tokens": None}
    so_far = min(tokens.output, max(1, round(tokens.output * share)))
    return {**written, "completion_tokens": so_far, "total_tokens": tokens.input + so_far}


def _deltas(choice: Choice, family: Family) -> list[tuple[Json, str | None]]:
    role = {"role": "assistant"}
    # Claude repeats the role on every chunk.
    each = role if family == "claude" else {}
    found: list[tuple[Json, str | None]] = [({**role, "content": ""}, None)]
    found += [
        ({**each, "content": [content.reasoning_block(piece)]}, None) for piece in chunks(choice.reasoning)
    ]
    found += [({**each, "content": content.text_delta(p, family)}, None) for p in chunks(choice.text)]
    # An index is a key, not a position: Claude counts content blocks, and its text is block 0.
    first = 1 if family == "claude" else 0
    for offset, call in enumerate(choice.tool_calls):
        found += [(delta, None) for delta in _call_deltas(call, first + offset, each, family)]
    return [*found, (_closing(choice, each, family), choice.finish)]


def _call_deltas(call: ToolCall, index: int, each: Json, family: Family) -> list[Json]:
    head = {
        "index": index,
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": ""},
    }
    beside = {**each, "content": None} if family == "claude" else each
    deltas: list[Json] = [{**beside, "tool_calls": [head]}]
    size = 8
    for start in range(0, len(call.arguments), size):
        fragment = {"index": index, "function": {"arguments": call.arguments[start : start + size]}}
        deltas.append({**beside, "tool_calls": [fragment]})
    return deltas


def _closing(choice: Choice, each: Json, family: Family) -> Json:
    if choice.tool_calls and family == "llama":
        last = len(choice.tool_calls) - 1
        return {"tool_calls": [{"index": last, "function": {"arguments": ""}}]}
    return {**each, "content": None if choice.tool_calls else ""}
