"""Chat completions: OpenAI's, and what Databricks serves under the same path.

https://platform.openai.com/docs/api-reference/chat. Databricks adds lists of blocks as answer
content, numbers tool calls from 1 for Claude, and answers of agents are ``messages``.
"""

from __future__ import annotations

from typing import Any

from ..call import Message, Part
from ..jsontext import compact
from .base import Answered, Sent, as_dict, as_list, as_name, as_objects, as_text, split_params
from .chat_stream import ChatStream
from .content import media, parts_of, text_of

Json = Any


class Chat:
    """Reads ``/chat/completions``."""

    api = "chat.completions"

    def sent(self, request: Json) -> Sent:
        """Read messages, tools and parameters."""
        request = as_dict(request)
        tools = as_list(request.get("tools")) or as_list(request.get("functions"))
        return Sent(
            messages=[message_of(m) for m in _flat(as_list(request.get("messages")))],
            tools=tools,
            params=split_params(request, "messages", "tools", "functions", "model"),
        )

    def answered(self, response: Json) -> Answered:
        """Read all choices; an agent's ``messages`` are one answer each."""
        response = as_dict(response)
        read = Answered(usage=response.get("usage"))
        choices = as_objects(response.get("choices"))
        if not choices and ("messages" in response or "content" in response):
            given = as_list(response["messages"]) if "messages" in response else [response]
            read.answers = [message_of(m, "assistant") for m in given]
            if reason := as_name(response.get("finish_reason")):
                read.finish_reasons.append(reason)
        for choice in choices:
            message = choice.get("message") or choice.get("delta")
            if message is None and "text" in choice:
                message = {"content": choice["text"]}
            read.answers.append(message_of(message, "assistant"))
            if reason := as_name(choice.get("finish_reason")):
                read.finish_reasons.append(reason)
        return read

    def stream(self) -> ChatStream:
        """Put chunks together."""
        return ChatStream()


# The words of LangChain, whose messages MLflow records as they are.
_ROLES = {"human": "user", "ai": "assistant", "system": "system", "tool": "tool"}


def _flat(messages: list[Json]) -> list[Json]:
    """Join the conversations of LangChain, which sends a list of them with nearly always one in it."""
    if messages and all(type(batch) is list for batch in messages):
        return [message for batch in messages for message in batch]
    return messages


def message_of(message: Json, role: str = "user") -> Message:
    """Read a message of a request or an answer."""
    if type(message) is not dict:
        return Message(role, parts_of(message))
    role = as_name(message.get("role")) or _ROLES.get(as_text(message.get("type")), role)
    name = as_name(message.get("name"))
    content = message.get("content")
    if role in ("tool", "function"):
        result = Part("tool_result", text_of(content), id=as_name(message.get("tool_call_id")))
        result.is_error = message.get("status") == "error" or message.get("is_error") is True
        return Message(role, [result], name)
    if len(message) == 2 and type(content) is str:
        return Message(role, [Part("text", content)] if content else [])
    parts = _reasoning_of(message)
    parts += parts_of(content)
    if refusal := as_text(message.get("refusal")):
        parts.append(Part("refusal", refusal))
    parts += _extras(message)
    for call in as_list(message.get("tool_calls")):
        parts.append(tool_call_of(call))
    if type(function := message.get("function_call")) is dict:
        parts.append(tool_call_of({"function": function}))
    return Message(role, parts, name)


def tool_call_of(call: Json) -> Part:
    """Read one tool call; the arguments stay as the model wrote them."""
    call = as_dict(call)
    inner = as_dict(call.get("function")) or as_dict(call.get("custom")) or call
    given = inner.get("arguments", inner.get("input"))
    text = given if type(given) is str else "" if given is None else compact(given)
    return Part("tool_call", text, id=as_name(call.get("id")), name=as_name(inner.get("name")))


def _reasoning_of(message: dict[str, Json]) -> list[Part]:
    """Reasoning beside the content: DeepSeek, vLLM and LiteLLM, OpenRouter."""
    for key in ("reasoning_content", "reasoning"):
        if text := as_text(message.get(key)):
            return [Part("reasoning", text)]
    blocks = as_list(message.get("thinking_blocks")) or as_list(message.get("reasoning_details"))
    texts = [as_text(as_dict(b).get("thinking")) or as_text(as_dict(b).get("text")) for b in blocks]
    return [Part("reasoning", text) for text in texts if text]


def _extras(message: dict[str, Json]) -> list[Part]:
    """Spoken answers and generated images."""
    parts = []
    audio = message.get("audio")
    if type(audio) is dict:
        if transcript := as_text(audio.get("transcript")):
            parts.append(Part("text", transcript))
        parts.append(media("audio", audio.get("data"), name=audio.get("id")))
    images = message.get("images")
    if type(images) is list:
        parts += parts_of(images)
    return parts
