"""JSON of unknown make, made safe to store and small enough to keep."""

from __future__ import annotations

import math
import re
from typing import Any

from .words import size

# Deeper than any reader goes, shallower than what breaks a JSON writer.
_MAX_DEPTH = 60
# A base64 body shorter than this says little about an image and costs little.
_BASE64_KEPT = 200

_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+=-]+)*?)(;base64)?,")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}\Z")


def clean(value: Any, limit: int | None = None, depth: int = 0) -> Any:
    """Copy a JSON value; what JSON cannot say is said in words.

    Parameters
    ----------
    value : Any
        Anything: objects become their `repr`, bytes their size, NaN its name.
    limit : int, optional
        Longest text kept, in characters; the rest is counted.
    """
    if isinstance(value, str):
        return shorten(value, limit)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if depth >= _MAX_DEPTH:
        return "… deeper levels are left out"
    return _clean_inside(value, limit, depth + 1)


def clean_span(span: dict[str, Any], limit: int | None) -> dict[str, Any]:
    """Copy a span as `clean` does; ``cut`` says that long texts of it are not whole."""
    kept: dict[str, Any] = clean(span, limit)
    # Files are named by their size, so what is still longer than the limit was cut there.
    if limit is not None and longest(kept) > limit:
        kept["cut"] = True
    return kept


def longest(value: Any) -> int:
    """Length of the longest text in a JSON value, in characters."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return 0
    return max(map(longest, value), default=0)


def _clean_inside(value: Any, limit: int | None, depth: int) -> Any:
    if isinstance(value, dict):
        return {_writable(str(key)): clean(item, limit, depth) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item, limit, depth) for item in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"({size(len(value))} of bytes)"
    return shorten(repr(value), limit)


def shorten(text: str, limit: int | None) -> str:
    """Cut a long text with a count of what is missing; replace encoded files by their size."""
    text = _writable(text)
    if len(text) > _BASE64_KEPT:
        note = _file_note(text)
        if note is not None:
            return note
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit]}… {len(text) - limit:,} more characters"


def _writable(text: str) -> str:
    # A lone surrogate has no UTF-8, and would take the whole output with it.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _file_note(text: str) -> str | None:
    match = _DATA_URL.match(text)
    if match is not None:
        data = len(text) - match.end()
        return f"{match[0]}… ({size(data * 3 // 4 if match[3] else data)})"
    # Audio and images also travel as bare base64, in a field of its own.
    if len(text) > 4000 and _BASE64.match(text):
        return f"{text[:40]}… ({size(len(text) * 3 // 4)} as base64)"
    return None
