"""Putting the events of an Anthropic stream together.

https://docs.anthropic.com/en/docs/build-with-claude/streaming.
"""

from __future__ import annotations

from typing import Any

from ..jsontext import loads
from ..usage import merge_usage
from .base import as_dict, as_text

Json = Any

# Which field of its block a delta makes longer.
_FIELDS = {
    "text_delta": "text",
    "input_json_delta": "partial_json",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
}


class MessageStream:
    """Events to one ``message``."""

    def __init__(self) -> None:
        self.whole = False
        self.error: Json = None
        self._head: dict[str, Json] = {}
        self._blocks: dict[Any, dict[str, Json]] = {}
        self._texts: dict[Any, dict[str, list[str]]] = {}
        self._usage: Json = None

    def add(self, event: Json, name: str | None) -> bool:
        """Take an event in."""
        if type(event) is not dict:
            return False
        kind = event.get("type") or name
        if kind == "content_block_delta":
            return self._delta(event)
        if kind == "content_block_start":
            return self._start(event)
        if kind == "message_start":
            message = as_dict(event.get("message"))
            self._usage = merge_usage(self._usage, message.get("usage"))
            self._head.update({k: v for k, v in message.items() if k not in ("content", "usage")})
        elif kind == "message_delta":
            self._usage = merge_usage(self._usage, event.get("usage"))
            self._head.update(as_dict(event.get("delta")))
            self.whole |= bool(self._head.get("stop_reason"))
        elif kind == "message_stop":
            self.whole = True
        elif kind == "error" or event.get("error"):
            self.error = event.get("error") or event
        elif kind not in ("ping", "content_block_stop"):
            self._head.update({k: v for k, v in event.items() if k != "type"})
        return False

    def result(self) -> Json:
        """Give the answer as it stands."""
        content = [self._block_result(key) for key in sorted(self._blocks, key=_by_number)]
        result = {"type": "message", "role": "assistant", **self._head, "content": content}
        if self._usage is not None:
            result["usage"] = self._usage
        if self.error is not None:
            result["error"] = self.error
        return result

    def _start(self, event: dict[str, Json]) -> bool:
        block = as_dict(event.get("content_block"))
        key = event.get("index", len(self._blocks))
        key = key if type(key) is int else len(self._blocks)
        self._blocks[key] = block
        return block.get("type") == "tool_use" or bool(block.get("text"))

    def _delta(self, event: dict[str, Json]) -> bool:
        delta = as_dict(event.get("delta"))
        key = event.get("index", 0)
        key = key if type(key) is int else 0
        kind = delta.get("type")
        field = _FIELDS.get(kind) if type(kind) is str else None
        if field is None:
            if "citation" in delta:
                block = self._blocks.setdefault(key, {"type": "text", "text": ""})
                known = block.get("citations")
                block["citations"] = [*(known if type(known) is list else []), delta["citation"]]
            return False
        if key not in self._blocks:
            new = {"partial_json": "tool_use", "thinking": "thinking", "signature": "thinking"}.get(
                field, "text"
            )
            self._blocks[key] = {"type": new}
        text = as_text(delta.get(field))
        self._texts.setdefault(key, {}).setdefault(field, []).append(text)
        return bool(text) and field != "signature"

    def _block_result(self, key: Any) -> dict[str, Json]:
        block = dict(self._blocks[key])
        for field, texts in self._texts.get(key, {}).items():
            text = "".join(texts)
            if field == "partial_json":
                block["input"] = _input(text, block.get("input"))
            else:
                block[field] = as_text(block.get(field)) + text
        return block


def _input(text: str, begun: Json) -> Json:
    """Give the arguments as JSON, or as text while they are not all there."""
    if not text:
        return {} if begun is None else begun
    try:
        return loads(text)
    except ValueError:
        return text


def _by_number(key: Any) -> int:
    return key if type(key) is int else 1 << 30
