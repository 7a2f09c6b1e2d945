"""Message content: what requests may carry and how each family writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..answers.reply import Choice
    from ..endpoints import Family

Json = dict[str, Any]

# Stands in for an opaque signature of a provider; it signs nothing.
SIGNATURE = "c3RhbmQtaW4gc2lnbmF0dXJl"


def text_of(value: Any) -> str:
    """Return the text of message content: a string, a list of blocks, or nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, (_block_text(block) for block in value)))
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _block_text(block: Any) -> str:
    if isinstance(block, str):
        return block
    if not isinstance(block, dict):
        return ""
    if isinstance(block.get("text"), str):
        return str(block["text"])
    kind = str(block.get("type", ""))
    return (
        f"[{kind.replace('_', ' ').removesuffix(' url')}]"
        if kind.startswith(("image", "input_image", "file"))
        else ""
    )


def stops(value: Any) -> tuple[str, ...]:
    """Return stop sequences given as one string or a list."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(stop) for stop in value) if isinstance(value, list) else ()


def schema_of(response_format: Any) -> Json | None:
    """Return the schema an answer must satisfy; ``{}`` for any JSON object, None for prose."""
    if not isinstance(response_format, dict):
        return None
    if response_format.get("type") == "json_schema":
        inner = response_format.get("json_schema") or response_format
        return dict(inner.get("schema") or {})
    return {} if response_format.get("type") == "json_object" else None


def cached_prefix(messages: Any) -> str:
    """Return the text up to the last block marked with ``cache_control``, ``""`` if none is."""
    seen, marked = "", ""
    for message in messages if isinstance(messages, list) else ():
        blocks = message.get("content") if isinstance(message, dict) else None
        for block in blocks if isinstance(blocks, list) else [blocks]:
            seen += text_of([block] if block is not None else "")
            if isinstance(block, dict) and block.get("cache_control"):
                marked = seen
    return marked


def written(choice: Choice, family: Family) -> Any:
    """Write an answer's content: a string, or blocks where the family uses them."""
    if family == "gemini" and choice.text:
        return [{"type": "text", "text": choice.text, "thoughtSignature": SIGNATURE}]
    if not choice.reasoning:
        return choice.text or None
    blocks: list[Json] = [reasoning_block(choice.reasoning, signed=family == "claude")]
    if choice.text:
        blocks.append({"type": "text", "text": choice.text})
    return blocks


def reasoning_block(text: str, *, signed: bool = False) -> Json:
    """Write a reasoning block, with the signature Claude adds."""
    summary: Json = {"type": "summary_text", "text": text}
    if signed:
        summary["signature"] = SIGNATURE
    return {"type": "reasoning", "summary": [summary]}


def text_delta(piece: str, family: Family) -> Any:
    """Write a piece of text in a stream: blocks for Gemini, else a string."""
    return [{"type": "text", "text": piece}] if family == "gemini" else piece
