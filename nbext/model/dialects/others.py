"""Rerank, images and audio: read as far as a line of text tells what went on."""

from __future__ import annotations

from typing import Any

from ..call import Message, Part
from .base import Answered, Sent, as_dict, as_list, as_objects, as_text, split_params
from .content import media, parts_of
from .generic import Generic

Json = Any


class Rerank(Generic):
    """Reads ``/rerank``: Cohere's form, which Jina, Voyage, vLLM and LiteLLM share."""

    def __init__(self) -> None:
        super().__init__("rerank")

    def sent(self, request: Json) -> Sent:
        """Read the query, and the documents as parts of a message of their own."""
        request = as_dict(request)
        messages = []
        documents = [parts_of(document) for document in as_list(request.get("documents"))]
        if documents:
            messages.append(Message("documents", [part for parts in documents for part in parts]))
        if query := as_text(request.get("query")):
            messages.append(Message("user", [Part("text", query)]))
        return Sent(messages, params=split_params(request, "query", "documents", "model"))

    def answered(self, response: Json) -> Answered:
        """Read places and scores as JSON, and the tokens where there are any."""
        response = as_dict(response)
        results = response.get("results", response.get("data"))
        meta = as_dict(response.get("meta"))
        read = Answered(usage=response.get("usage") or meta.get("tokens"))
        if results is not None:
            read.answers = [Message("output", [Part("json", value=results)])]
        return read


class Images(Generic):
    """Reads ``/images/…``."""

    def __init__(self) -> None:
        super().__init__("images")

    def sent(self, request: Json) -> Sent:
        """Read the prompt."""
        request = as_dict(request)
        prompt = as_text(request.get("prompt"))
        messages = [Message("user", [Part("text", prompt)])] if prompt else []
        return Sent(messages, params=split_params(request, "prompt", "model"))

    def answered(self, response: Json) -> Answered:
        """Read the images by size or URL."""
        response = as_dict(response)
        read = Answered(usage=response.get("usage"))
        form = response.get("output_format")
        for row in as_objects(response.get("data")):
            source = row.get("b64_json") or row.get("url")
            mime = f"image/{form}" if type(form) is str else None
            parts = [media("image", source, mime=mime)]
            if revised := as_text(row.get("revised_prompt")):
                parts.append(Part("text", revised))
            read.answers.append(Message("output", parts))
        return read


class Audio(Generic):
    """Reads ``/audio/…``: speech, transcriptions, translations."""

    def __init__(self) -> None:
        super().__init__("audio")

    def sent(self, request: Json) -> Sent:
        """Read the text to be spoken; recordings come as forms, which are not JSON."""
        request = as_dict(request)
        text = as_text(request.get("input"))
        messages = [Message("input", [Part("text", text)])] if text else []
        return Sent(messages, params=split_params(request, "input", "model"))

    def answered(self, response: Json) -> Answered:
        """Read the transcript."""
        if type(response) is str:
            return Answered([Message("output", [Part("text", response)])])
        response = as_dict(response)
        read = Answered(usage=response.get("usage"))
        if text := as_text(response.get("text")):
            read.answers = [Message("output", [Part("text", text)])]
        return read
