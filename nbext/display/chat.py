"""A call's conversation as lines of role and text, for text and static HTML."""

from __future__ import annotations

import json
from typing import Any

from .words import size

Wire = dict[str, Any]


def parts_of(message: Wire) -> list[Wire]:
    """Parts of a message, its short form written out."""
    if "text" in message:
        return [{"k": "text", "text": message["text"]}]
    return list(message.get("parts", ()))


def text_of(message: Wire) -> str:
    """All that a message says, in one text."""
    return "\n".join(part for part in map(part_text, parts_of(message)) if part)


def part_text(part: Wire) -> str:
    """Say a part in words; reasoning is left out, as it is folded in every view."""
    kind = part["k"]
    if kind in ("text", "refusal", "tool_result"):
        return str(part["text"])
    if kind == "tool_call":
        return tool_call_text(part)
    if kind in ("image", "audio", "file"):
        what = part.get("name") or kind
        return f"({what} {size(part['bytes'])})" if "bytes" in part else f"({what})"
    if kind == "vectors":
        return vectors_text(part)
    if kind == "json":
        return json.dumps(part["value"], ensure_ascii=False)
    return ""


def vectors_text(part: Wire) -> str:
    """``64 vectors × 1,024 · norm 1.00``."""
    count = part["count"]
    text = f"{count:,} vector" + ("" if count == 1 else "s")
    if "dim" in part:
        text += f" × {part['dim']:,}"
    return f"{text} · norm {part['norm']:.2f}" if "norm" in part else text


def tool_call_text(part: Wire) -> str:
    """Write a tool call as one writes it in Python: ``run_sql("SELECT 1")``, ``add(a=1, b=2)``."""
    try:
        arguments = json.loads(part["args"]) if part["args"] else {}
    except (ValueError, RecursionError):
        return f"{part['name']}({part['args']})"
    if not isinstance(arguments, dict):
        return f"{part['name']}({part['args']})"
    values = {key: json.dumps(value, ensure_ascii=False) for key, value in arguments.items()}
    if len(values) == 1:
        return f"{part['name']}({next(iter(values.values()))})"
    return f"{part['name']}({', '.join(f'{key}={value}' for key, value in values.items())})"


def question_of(call: Wire) -> tuple[str, str]:
    """Role and text of what was asked: the last user message, or the inputs counted."""
    messages = call["messages"]
    inputs = [message for message in messages if message["role"] == "input"]
    if inputs:
        texts = [part["text"] for message in inputs for part in parts_of(message) if part["k"] == "text"]
        if len(texts) > 1:
            return "input", f"{len(texts):,} texts · “{texts[0]}”"
        return "input", text_of(inputs[0])
    asked = next((m for m in reversed(messages) if m["role"] == "user" and text_of(m)), None)
    asked = asked or (messages[-1] if messages else None)
    return (asked["role"], text_of(asked)) if asked else ("user", "")


def outcomes_of(span: Wire) -> list[tuple[str, str]]:
    """Role and text of all that came back: the answers, and what went wrong in words."""
    call = span["call"]
    status = span.get("status", "ok")
    if status in ("blocked", "rate_limited"):
        # What stands in place of an answer may quote the text that is held back.
        return [("gateway", _trouble(span))]
    answers = call["answers"]
    if not answers and call.get("body") and status != "error":
        return [("body", call["body"])]
    told = [(_role_of(answer, status), text_of(answer)) for answer in answers]
    if len(told) > 1:
        told = [(f"answer {number}", text) for number, (_, text) in enumerate(told, 1)]
    if status == "error":
        told.append(("error", _trouble(span)))
    elif status == "interrupted" and call.get("verdict"):
        told.append(("stopped", _trouble(span)))
    return told


def _role_of(answer: Wire, status: str) -> str:
    if status == "error":
        return "arrived"
    return "output" if any(part["k"] == "vectors" for part in parts_of(answer)) else str(answer["role"])


def _trouble(span: Wire) -> str:
    verdict = span["call"].get("verdict")
    if verdict:
        return " ".join([f"{verdict['title']}.".replace("..", "."), *verdict.get("text", ())])
    return (span.get("error") or {}).get("message", "") or str(span["call"].get("body", ""))


def hidden_line(verdict: Wire, characters: int) -> str:
    """Say what stands in for a sent text that may hold personal data."""
    if verdict.get("masked"):
        return str(verdict["masked"])
    return f"{characters:,} characters hidden: they may hold personal data."


def hides_input(call: Wire) -> bool:
    """Tell whether the sent text must not be shown unasked."""
    return bool((call.get("verdict") or {}).get("hide"))
