"""Content of messages: a string, or blocks in the words of several APIs.

Blocks of OpenAI chat and Responses, Anthropic messages, and what Databricks makes of Claude,
Gemini and gpt-oss answers (``reasoning`` blocks with a ``summary``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..call import Part
from ..jsontext import compact
from .base import as_dict, as_list, as_name, as_text

if TYPE_CHECKING:
    from collections.abc import Callable

Json = Any


def parts_of(content: Json) -> list[Part]:
    """Read the content of a message, whatever its form."""
    if type(content) is str:
        return [Part("text", content)] if content else []
    if content is None:
        return []
    if type(content) is list:
        parts = []
        for block in content:
            if type(block) is str:
                parts.append(Part("text", block))
            elif block is not None:
                parts.append(part_of(block))
        return parts
    return [part_of(content)]


def part_of(block: Json) -> Part:
    """Read one block; what is unknown becomes a ``json`` part."""
    if type(block) is not dict:
        return Part("json", value=block)
    kind = block.get("type")
    reader = _READERS.get(kind) if type(kind) is str else None
    if reader is not None:
        return reader(block)
    if type(block.get("text")) is str:
        return Part("text", block["text"])
    return Part("json", value=block)


def text_of(content: Json) -> str:
    """Give the text in some content; other blocks as JSON, since a tool's result is shown as text."""
    texts = []
    for part in parts_of(content):
        if part.kind == "json":
            texts.append(compact(part.value))
        elif part.text:
            texts.append(part.text)
        elif part.kind in ("image", "audio", "file"):
            texts.append(f"({part.kind})")
    return "\n".join(texts)


def base64_size(data: str) -> int:
    """Size in bytes of what a base64 text stands for."""
    return max(len(data) * 3 // 4 - data[-2:].count("="), 0)


def media(kind: str, source: Json, *, mime: Json = None, name: Json = None) -> Part:
    """Make an image, audio or file part of a URL, a data URL or base64."""
    part = Part(kind, mime_type=as_name(mime), name=as_name(name))
    if type(source) is not str:
        return part
    if source.startswith("data:"):
        head, _, data = source.partition(",")
        part.mime_type = head[5:].partition(";")[0] or part.mime_type
        part.size = base64_size(data) if head.endswith(";base64") else len(data)
    elif "://" in source[:12]:
        part.url = source
    else:
        part.size = base64_size(source)
    return part


def _text(block: dict[str, Json]) -> Part:
    return Part("text", as_text(block.get("text")))


def _reasoning(block: dict[str, Json]) -> Part:
    text = as_text(block.get("text")) or as_text(block.get("thinking")) or as_text(block.get("reasoning"))
    if not text:
        summary = block.get("summary") or block.get("content")
        text = "".join(as_text(as_dict(s).get("text")) or as_text(s) for s in as_list(summary))
    return Part("reasoning", text)


def _refusal(block: dict[str, Json]) -> Part:
    return Part("refusal", as_text(block.get("refusal")))


def _image_url(block: dict[str, Json]) -> Part:
    image = block.get("image_url")
    source = image.get("url") if type(image) is dict else image
    return media("image", source, name=block.get("file_id"))


def _sourced(kind: str) -> Callable[[dict[str, Json]], Part]:
    """Anthropic's ``source`` object: base64, url, text, or the id of a file."""

    def read(block: dict[str, Json]) -> Part:
        source = as_dict(block.get("source"))
        data = source.get("data") or source.get("url") or block.get("data")
        name = block.get("title") or source.get("file_id") or block.get("filename")
        mime = source.get("media_type") or block.get("mime_type")
        if source.get("type") == "text":
            return Part(kind, mime_type=as_name(mime), size=len(as_text(data).encode()), name=as_name(name))
        return media(kind, data, mime=mime, name=name)

    return read


def _audio(block: dict[str, Json]) -> Part:
    audio = as_dict(block.get("input_audio") or block.get("audio"))
    form = as_name(audio.get("format"))
    return media("audio", audio.get("data"), mime=f"audio/{form}" if form else None)


def _file(block: dict[str, Json]) -> Part:
    file = as_dict(block.get("file")) or block
    name = file.get("filename") or file.get("file_id")
    return media("file", file.get("file_data") or file.get("file_url"), name=name)


def _tool_use(block: dict[str, Json]) -> Part:
    given = block.get("input")
    text = given if type(given) is str else compact({} if given is None else given)
    return Part("tool_call", text, id=as_name(block.get("id")), name=as_name(block.get("name")))


def _tool_result(block: dict[str, Json]) -> Part:
    return Part(
        "tool_result",
        text_of(block.get("content")),
        id=as_name(block.get("tool_use_id")),
        is_error=block.get("is_error") is True,
    )


_READERS: dict[str, Callable[[dict[str, Json]], Part]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "summary_text": _text,
    "reasoning": _reasoning,
    "thinking": _reasoning,
    "redacted_thinking": lambda block: Part("reasoning", "(redacted by the provider)"),
    "refusal": _refusal,
    "image_url": _image_url,
    "input_image": _image_url,
    "image": _sourced("image"),
    "document": _sourced("file"),
    "input_audio": _audio,
    "audio": _audio,
    "file": _file,
    "input_file": _file,
    "tool_use": _tool_use,
    "server_tool_use": _tool_use,
    "mcp_tool_use": _tool_use,
    "tool_result": _tool_result,
    "mcp_tool_result": _tool_result,
}
