"""Gemini. https://ai.google.dev/api/generate-content."""

from __future__ import annotations

from typing import Any

from ..call import Message, Part
from ..jsontext import compact
from ..usage import merge_usage
from .base import Answered, Sent, as_dict, as_list, as_name, as_objects, as_text, split_params
from .content import media, parts_of

Json = Any


class GenerateContent:
    """Reads ``:generateContent`` and ``:streamGenerateContent``."""

    api = "generate_content"

    def sent(self, request: Json) -> Sent:
        """Read system instruction, contents and tools."""
        request = as_dict(request)
        messages = []
        system = request.get("systemInstruction") or request.get("system_instruction")
        if system:
            messages.append(_message(system, "system"))
            messages[0].role = "system"
        contents = request.get("contents")
        messages += [_message(content, "user") for content in as_list(contents)]
        apart = ("contents", "systemInstruction", "system_instruction", "tools", "generationConfig", "model")
        params = {**split_params(request, *apart), **as_dict(request.get("generationConfig"))}
        return Sent(messages=messages, tools=as_list(request.get("tools")), params=params)

    def answered(self, response: Json) -> Answered:
        """Read all candidates; a prompt that was blocked has none."""
        response = as_dict(response)
        read = Answered(usage=response.get("usageMetadata"))
        for candidate in as_objects(response.get("candidates")):
            read.answers.append(_message(candidate.get("content"), "assistant"))
            if reason := as_name(candidate.get("finishReason")):
                read.finish_reasons.append("content_filter" if reason in HELD else reason)
        if as_name(as_dict(response.get("promptFeedback")).get("blockReason")):
            read.finish_reasons.append("content_filter")
        return read

    def stream(self) -> GenerateStream:
        """Put chunks together."""
        return GenerateStream()


HELD = frozenset({"SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "IMAGE_SAFETY"})


class GenerateStream:
    """Chunks to one answer: parts of each candidate follow each other, texts of one kind joined."""

    def __init__(self) -> None:
        self.whole = False
        self.error: Json = None
        self._head: dict[str, Json] = {}
        self._candidates: dict[int, dict[str, Json]] = {}
        self._parts: dict[int, list[dict[str, Json]]] = {}
        self._texts: dict[int, list[list[str]]] = {}

    def add(self, event: Json, name: str | None) -> bool:
        """Take a chunk in."""
        if type(event) is not dict:
            return False
        content = False
        for key, value in event.items():
            if key == "candidates":
                for candidate in as_objects(value):
                    content |= self._candidate(candidate)
            elif key == "usageMetadata":
                self._head[key] = merge_usage(self._head.get(key), value)
            elif key == "error" and value:
                self.error = value
            elif value is not None:
                self._head[key] = value
        if as_dict(event.get("promptFeedback")).get("blockReason"):
            self.whole = True
        return content

    def result(self) -> Json:
        """Give the answer as it stands."""
        candidates = []
        for index, candidate in sorted(self._candidates.items()):
            parts = [
                {**part, "text": "".join(texts)} if texts else part
                for part, texts in zip(self._parts[index], self._texts[index], strict=True)
            ]
            content = {**as_dict(candidate.get("content")), "parts": parts}
            candidates.append({**candidate, "content": content})
        result = {**self._head, "candidates": candidates}
        if self.error is not None:
            result["error"] = self.error
        return result

    def _candidate(self, candidate: dict[str, Json]) -> bool:
        index = candidate.get("index", 0)
        index = index if type(index) is int else 0
        known = self._candidates.setdefault(index, {})
        parts, texts = self._parts.setdefault(index, []), self._texts.setdefault(index, [])
        known.update({k: v for k, v in candidate.items() if v is not None})
        if candidate.get("finishReason"):
            self.whole = True
        said = False
        for part in as_objects(as_dict(candidate.get("content")).get("parts")):
            text = as_text(part.get("text"))
            goes_on = parts and texts[-1] and text and set(part) <= {"text", "thought"}
            if goes_on and parts[-1].get("thought") == part.get("thought"):
                texts[-1].append(text)
            else:
                parts.append(part)
                texts.append([text] if text else [])
            said |= bool(part)
        return said


def _message(content: Json, role: str) -> Message:
    content = content if type(content) is dict else {"parts": content}
    said = as_name(content.get("role"))
    role = {"model": "assistant", "function": "tool"}.get(said or "", said or role)
    parts: list[Part] = []
    for part in as_list(content.get("parts")):
        parts += [_part(part)] if type(part) is dict else parts_of(part)
    return Message(role, parts)


def _part(part: dict[str, Json]) -> Part:
    if type(part.get("text")) is str:
        return Part("reasoning" if part.get("thought") is True else "text", part["text"])
    for key in ("functionCall", "function_call"):
        if type(call := part.get(key)) is dict:
            return Part(
                "tool_call",
                compact(call.get("args") or {}),
                id=as_name(call.get("id")),
                name=as_name(call.get("name")),
            )
    for key in ("functionResponse", "function_response"):
        if type(result := part.get(key)) is dict:
            return Part(
                "tool_result",
                compact(result.get("response")),
                id=as_name(result.get("id")),
                name=as_name(result.get("name")),
            )
    for key in ("inlineData", "inline_data", "fileData", "file_data"):
        if type(data := part.get(key)) is dict:
            mime = as_name(data.get("mimeType") or data.get("mime_type")) or ""
            kind = mime.partition("/")[0]
            source = data.get("data") or data.get("fileUri") or data.get("file_uri")
            return media(kind if kind in ("image", "audio") else "file", source, mime=mime)
    return Part("json", value=part)
