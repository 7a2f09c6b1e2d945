"""Text completions: a prompt, continued. https://platform.openai.com/docs/api-reference/completions."""

from __future__ import annotations

from typing import Any

from ..call import Message, Part
from .base import Answered, Sent, as_dict, as_name, as_objects, as_text, split_params
from .chat_stream import ChatStream

Json = Any


class Completions:
    """Reads ``/completions``."""

    api = "completions"

    def sent(self, request: Json) -> Sent:
        """Read the prompt, or several of them; token ids are shown as JSON."""
        request = as_dict(request)
        return Sent(
            messages=[Message("user", inputs_of(request["prompt"]))]
            if request.get("prompt") is not None
            else [],
            params=split_params(request, "prompt", "model"),
        )

    def answered(self, response: Json) -> Answered:
        """Read the text of all choices."""
        response = as_dict(response)
        read = Answered(usage=response.get("usage"))
        for choice in as_objects(response.get("choices")):
            text = as_text(choice.get("text"))
            read.answers.append(Message("assistant", [Part("text", text)] if text else []))
            if reason := as_name(choice.get("finish_reason")):
                read.finish_reasons.append(reason)
        return read

    def stream(self) -> CompletionStream:
        """Put chunks together."""
        return CompletionStream()


class CompletionStream(ChatStream):
    """Chunks with ``text`` to one ``text_completion``."""

    def result(self) -> Json:
        """Give the answer as it stands."""
        result = super().result()
        result["object"] = "text_completion"
        for choice in result["choices"]:
            message = choice.pop("message")
            choice["text"] = message["content"] if type(message["content"]) is str else ""
        return result


def inputs_of(given: Json) -> list[Part]:
    """Read a prompt or an input: a text, several, or token ids."""
    if type(given) is str:
        return [Part("text", given)]
    if type(given) is list and given and all(type(text) is str for text in given):
        return [Part("text", text) for text in given]
    return [Part("json", value=given)]
