"""The Responses API: items in, items out. https://platform.openai.com/docs/api-reference/responses.

Databricks agents (``ResponsesAgent``) answer in the same shape, with fewer events in their streams.
"""

from __future__ import annotations

from typing import Any

from ..call import Message, Part
from ..jsontext import compact
from .base import Answered, Sent, as_dict, as_list, as_name, as_text, split_params
from .chat import message_of
from .content import media, parts_of, text_of
from .responses_stream import ResponseStream

Json = Any
_CALLS = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "mcp_call": "arguments",
    "computer_call": "action",
    "local_shell_call": "action",
    "shell_call": "action",
    "apply_patch_call": "operation",
    "web_search_call": "action",
    "file_search_call": "queries",
    "code_interpreter_call": "code",
}


class Responses:
    """Reads ``/responses``."""

    api = "responses"

    def sent(self, request: Json) -> Sent:
        """Read instructions and input items as one conversation."""
        request = as_dict(request)
        messages = []
        if instructions := as_text(request.get("instructions")):
            messages.append(Message("system", [Part("text", instructions)]))
        given = request.get("input")
        if type(given) is str:
            messages.append(Message("user", [Part("text", given)]))
        else:
            messages += [message_of_item(item) for item in as_list(given)]
        return Sent(
            messages=messages,
            tools=as_list(request.get("tools")),
            params=split_params(request, "input", "instructions", "tools", "model"),
        )

    def answered(self, response: Json) -> Answered:
        """Read all output items as one answer."""
        response = as_dict(response)
        read = Answered(usage=response.get("usage"))
        output = as_list(response.get("output"))
        if output:
            answer = Message("assistant")
            for item in output:
                answer.parts += parts_of_item(item)
            read.answers = [answer]
        reason = as_name(as_dict(response.get("incomplete_details")).get("reason")) or as_name(
            response.get("status")
        )
        if reason and reason not in ("in_progress", "queued"):
            read.finish_reasons = [reason]
        return read

    def stream(self) -> ResponseStream:
        """Put events together."""
        return ResponseStream()


def message_of_item(item: Json) -> Message:
    """Read one input item as a message."""
    if type(item) is not dict:
        return Message("user", parts_of(item))
    kind = item.get("type")
    if "role" in item and kind in (None, "message"):
        return message_of(item)
    if type(kind) is str and kind.endswith("_output"):
        return Message("tool", [_output_of(item)])
    return Message("assistant", parts_of_item(item))


def parts_of_item(item: Json) -> list[Part]:
    """Read one output item as parts of the answer."""
    if type(item) is not dict or item.get("type") in (None, "message"):
        return parts_of(item.get("content") if type(item) is dict else item)
    kind = item["type"]
    if kind == "reasoning":
        return [Part("reasoning", text) for text in _reasoning_texts(item)] or [Part("reasoning")]
    if kind == "image_generation_call":
        return [media("image", item.get("result"), mime=f"image/{item.get('output_format') or 'png'}")]
    if type(kind) is str and kind in _CALLS:
        return _call_of(item, _CALLS[kind])
    if type(kind) is str and kind.endswith("_output"):
        return [_output_of(item)]
    return parts_of([item])


def _reasoning_texts(item: dict[str, Json]) -> list[str]:
    blocks = as_list(item.get("content")) or as_list(item.get("summary"))
    texts = [as_text(as_dict(block).get("text")) or as_text(block) for block in blocks]
    return [text for text in texts if text]


def _call_of(item: dict[str, Json], key: str) -> list[Part]:
    """Read a tool call; tools that the provider runs itself carry their result along."""
    given = item.get(key)
    text = given if type(given) is str else "" if given is None else compact(given)
    name = as_name(item.get("name")) or str(item.get("type")).removesuffix("_call")
    call_id = as_name(item.get("call_id")) or as_name(item.get("id"))
    parts = [Part("tool_call", text, id=call_id, name=name)]
    result = item.get("output") or item.get("error") or item.get("results") or item.get("outputs")
    if result:
        parts.append(
            Part(
                "tool_result",
                text_of(result),
                id=call_id,
                is_error=bool(item.get("error") and not item.get("output")),
            )
        )
    return parts


def _output_of(item: dict[str, Json]) -> Part:
    failed = item.get("status") in ("failed", "incomplete")
    return Part("tool_result", text_of(item.get("output")), id=as_name(item.get("call_id")), is_error=failed)
