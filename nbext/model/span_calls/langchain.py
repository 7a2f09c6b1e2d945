"""What autologging of other libraries puts into a model span, as the request and answer it stands for.

LangChain's own messages (https://python.langchain.com/docs/concepts/messages/) are met under
``messages`` as a list of lists, and its answer under ``generations``.
"""

from __future__ import annotations

import json
from typing import Any

Json = Any

_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool", "function": "tool"}
# What the TypeScript SDK stores of a stream: the object, not what came through it.
_UNREAD = frozenset({"iterator", "controller", "client"})


def request_of(inputs: Json, model: str | None) -> Json:
    """Give the request that the inputs of a model span stand for."""
    if isinstance(inputs, dict):
        messages = inputs.get("messages")
        if isinstance(messages, list) and messages and isinstance(messages[0], list):
            messages = messages[0]
        if isinstance(messages, list) and any(_is_langchain(one) for one in messages):
            return {**_model(model), **inputs, "messages": [_message(one) for one in messages]}
        return inputs
    if isinstance(inputs, list) and inputs:
        batch = inputs[0] if isinstance(inputs[0], list) and inputs[0] else inputs
        if all(isinstance(one, dict) and ("role" in one or _is_langchain(one)) for one in batch):
            return {**_model(model), "messages": [_message(one) for one in batch]}
    return inputs


def answer_of(outputs: Json, model: str | None) -> Json:
    """Give the answer that the outputs of a model span stand for."""
    if not isinstance(outputs, dict):
        return outputs
    generations = outputs.get("generations")
    if isinstance(generations, list) and generations:
        first = generations[0] if isinstance(generations[0], list) else generations
        usage = _usage(outputs, first)
        return {
            "object": "chat.completion",
            **_model(model),
            "choices": [_choice(index, one) for index, one in enumerate(first) if isinstance(one, dict)],
            **({"usage": usage} if usage else {}),
        }
    return outputs


def is_unread_stream(outputs: Json) -> bool:
    """Tell the shell of a stream, which is all that the TypeScript SDK stores of one."""
    return isinstance(outputs, dict) and "iterator" in outputs and set(outputs) <= _UNREAD


def _model(model: str | None) -> dict[str, str]:
    return {"model": model} if model else {}


def _is_langchain(one: Json) -> bool:
    return isinstance(one, dict) and "role" not in one and one.get("type") in _ROLES and "content" in one


def _message(one: Json) -> Json:
    if not _is_langchain(one):
        return one
    message: dict[str, Json] = {"role": _ROLES[one["type"]], "content": one.get("content")}
    if one.get("tool_call_id"):
        message["tool_call_id"] = one["tool_call_id"]
    calls = [
        {
            "id": call.get("id"),
            "type": "function",
            "function": {"name": call.get("name"), "arguments": _arguments(call.get("args"))},
        }
        for call in one.get("tool_calls") or []
        if isinstance(call, dict)
    ]
    return {**message, "tool_calls": calls} if calls else message


def _choice(index: int, one: dict[str, Json]) -> dict[str, Json]:
    message = one.get("message")
    if isinstance(message, dict) and isinstance(message.get("kwargs"), dict):
        message = message["kwargs"]
    info = one.get("generation_info")
    reason = info.get("finish_reason") if isinstance(info, dict) else None
    read = _message(message) if _is_langchain(message) else {"role": "assistant", "content": one.get("text")}
    return {"index": index, "message": read, "finish_reason": reason}


def _usage(outputs: dict[str, Json], generations: list[Json]) -> Json:
    told = outputs.get("llm_output")
    usage = told.get("token_usage") or told.get("usage") if isinstance(told, dict) else None
    if isinstance(usage, dict):
        return usage
    for one in generations:
        message = one.get("message") if isinstance(one, dict) else None
        usage = message.get("usage_metadata") if isinstance(message, dict) else None
        if isinstance(usage, dict):
            return usage
    return None


def _arguments(args: Json) -> str:
    return args if isinstance(args, str) else json.dumps(args, ensure_ascii=False)
