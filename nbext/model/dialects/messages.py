"""Anthropic messages. https://docs.anthropic.com/en/api/messages."""

from __future__ import annotations

from typing import Any

from ..call import Message
from .base import Answered, Sent, as_dict, as_list, as_name, as_text, split_params
from .chat import message_of
from .content import parts_of
from .messages_stream import MessageStream

Json = Any


class Messages:
    """Reads ``/v1/messages``."""

    api = "messages"

    def sent(self, request: Json) -> Sent:
        """Read system text, messages and tools."""
        request = as_dict(request)
        messages = []
        if request.get("system"):
            messages.append(Message("system", parts_of(request["system"])))
        messages += [message_of(m) for m in as_list(request.get("messages"))]
        return Sent(
            messages=messages,
            tools=as_list(request.get("tools")),
            params=split_params(request, "messages", "system", "tools", "model"),
        )

    def answered(self, response: Json) -> Answered:
        """Read the content blocks as one answer."""
        response = as_dict(response)
        read = Answered(usage=response.get("usage"))
        if response.get("content") is not None:
            role = as_text(response.get("role")) or "assistant"
            read.answers = [Message(role, parts_of(response["content"]))]
        elif "completion" in response:
            read.answers = [Message("assistant", parts_of(response["completion"]))]
        if reason := as_name(response.get("stop_reason")):
            read.finish_reasons = [reason]
        return read

    def stream(self) -> MessageStream:
        """Put events together."""
        return MessageStream()
