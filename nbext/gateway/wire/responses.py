"""The Responses API: input items, output items and named events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..answers.prompt import Prompt, Tool, ToolCall, Turn
from ..answers.tokens import chunks
from . import content

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..answers.reply import Choice, Reply, Tokens
    from ..endpoints import Family

Json = dict[str, Any]


def read(request: Json) -> Prompt:
    """Read a Responses request; tool calls and their outputs in the input become turns."""
    given = request["input"]
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    prompt = Prompt(turns=[turn for turn in map(_turn, items) if turn is not None])
    if request.get("instructions"):
        prompt.turns.insert(0, Turn("system", str(request["instructions"])))
    prompt.tools = [
        Tool(str(tool.get("name")), str(tool.get("description") or ""), tool.get("parameters") or {})
        for tool in request.get("tools") or ()
        if tool.get("type") == "function"
    ]
    choice = request.get("tool_choice") or "auto"
    prompt.tool_choice = str(choice.get("name", "required")) if isinstance(choice, dict) else str(choice)
    prompt.parallel_tools = request.get("parallel_tool_calls") is not False
    limit = request.get("max_output_tokens")
    prompt.max_tokens = limit if isinstance(limit, int) else None
    prompt.schema = content.schema_of((request.get("text") or {}).get("format"))
    prompt.thinking = bool(request.get("reasoning"))
    return prompt


def _turn(item: Json) -> Turn | None:
    kind = item.get("type", "message")
    if kind == "function_call":
        call = ToolCall(str(item.get("call_id")), str(item.get("name")), str(item.get("arguments") or ""))
        return Turn("assistant", tool_calls=(call,))
    if kind == "function_call_output":
        return Turn("tool", content.text_of(item.get("output")), result_of=item.get("call_id"))
    if kind != "message":
        return None
    return Turn(str(item.get("role", "user")), content.text_of(item.get("content")))


def answer(reply: Reply, _family: Family) -> Json:
    """Write the whole answer. The API has one choice only."""
    choice = reply.choices[0]
    cut = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(choice.finish)
    return {
        **_head(reply, "incomplete" if cut else "completed"),
        "incomplete_details": {"reason": cut} if cut else None,
        "output": _output(reply, choice),
        "usage": usage(reply.tokens),
    }


def _head(reply: Reply, status: str) -> Json:
    asked = reply.request
    return {
        "id": f"resp_{_bare(reply.id)}",
        "object": "response",
        "created_at": reply.created,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": asked.get("instructions"),
        "max_output_tokens": asked.get("max_output_tokens"),
        "model": reply.model,
        "output": [],
        "parallel_tool_calls": asked.get("parallel_tool_calls", True),
        "previous_response_id": asked.get("previous_response_id"),
        "reasoning": asked.get("reasoning") or {"effort": None, "summary": None},
        "temperature": asked.get("temperature", 1.0),
        "text": asked.get("text") or {"format": {"type": "text"}},
        "tool_choice": asked.get("tool_choice", "auto"),
        "tools": asked.get("tools") or [],
        "top_p": asked.get("top_p", 1.0),
        "truncation": "disabled",
        "usage": None,
        "metadata": asked.get("metadata") or {},
    }


def _bare(answer_id: str) -> str:
    return answer_id.removeprefix("chatcmpl").removeprefix("msg_bdrk").strip("-_").replace("-", "")


def _output(reply: Reply, choice: Choice) -> list[Json]:
    bare, items = _bare(reply.id), []
    if choice.reasoning:
        summary = [{"type": "summary_text", "text": choice.reasoning}]
        items.append({"id": f"rs_{bare}", "type": "reasoning", "summary": summary})
    if choice.text:
        items.append(_message(f"msg_{bare}", choice.text, "completed"))
    items += [_call(bare, number, call) for number, call in enumerate(choice.tool_calls)]
    return items


def _message(id: str, text: str, status: str) -> Json:  # noqa: A002
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"id": id, "type": "message", "status": status, "role": "assistant", "content": [part]}


def _call(bare: str, number: int, call: ToolCall) -> Json:
    return {
        "id": f"fc_{bare}{number}",
        "type": "function_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments or "{}",
    }


def usage(tokens: Tokens) -> Json:
    """Write token counts."""
    return {
        "input_tokens": tokens.input,
        "input_tokens_details": {"cached_tokens": tokens.cache_read},
        "output_tokens": tokens.output,
        "output_tokens_details": {"reasoning_tokens": tokens.reasoning},
        "total_tokens": tokens.total,
    }


def events(reply: Reply, family: Family) -> list[Json]:
    """Write the events of a streamed answer, numbered."""
    whole = answer(reply, family)
    start = {**_head(reply, "in_progress")}
    found: list[Json] = [
        {"type": "response.created", "response": start},
        {"type": "response.in_progress", "response": start},
    ]
    for index, item in enumerate(whole["output"]):
        found += ({**event, "output_index": index} for event in _item_events(item))
    found.append({"type": f"response.{whole['status']}", "response": whole})
    return [{**event, "sequence_number": number} for number, event in enumerate(found)]


def _item_events(item: Json) -> Iterator[Json]:
    writers = {"reasoning": _reasoning_events, "message": _message_events, "function_call": _call_events}
    empty: dict[str, Json] = {
        "reasoning": {"summary": []},
        "message": {"content": []},
        "function_call": {"arguments": ""},
    }
    kind = item["type"]
    status = {} if kind == "reasoning" else {"status": "in_progress"}
    yield {"type": "response.output_item.added", "item": {**item, **empty[kind], **status}}
    yield from writers[kind](item)
    yield {"type": "response.output_item.done", "item": item}


def _message_events(item: Json) -> Iterator[Json]:
    at = {"item_id": item["id"], "content_index": 0}
    part = item["content"][0]
    yield {"type": "response.content_part.added", **at, "part": {**part, "text": ""}}
    for piece in chunks(part["text"]):
        yield {"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
    yield {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **at, "part": part}


def _reasoning_events(item: Json) -> Iterator[Json]:
    at = {"item_id": item["id"], "summary_index": 0}
    part = item["summary"][0]
    yield {"type": "response.reasoning_summary_part.added", **at, "part": {**part, "text": ""}}
    for piece in chunks(part["text"]):
        yield {"type": "response.reasoning_summary_text.delta", **at, "delta": piece}
    yield {"type": "response.reasoning_summary_text.done", **at, "text": part["text"]}
    yield {"type": "response.reasoning_summary_part.done", **at, "part": part}


def _call_events(item: Json) -> Iterator[Json]:
    at = {"item_id": item["id"]}
    for start in range(0, len(item["arguments"]), 8):
        delta = item["arguments"][start : start + 8]
        yield {"type": "response.function_call_arguments.delta", **at, "delta": delta}
    yield {
        "type": "response.function_call_arguments.done",
        **at,
        "name": item["name"],
        "arguments": item["arguments"],
    }
