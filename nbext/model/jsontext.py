"""Reading JSON that others wrote, whatever they wrote."""

from __future__ import annotations

import json
import math
from typing import Any

Json = Any

# Every consumer walks what we hand out, mostly by recursion; deeper than this nobody reads.
MAX_DEPTH = 200
# Python refuses longer ones with an error, and no count in a model's answer has so many digits.
_MAX_DIGITS = 300


def _int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _float(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


# NaN and Infinity are no JSON; as words they pass through every later writer unharmed.
_DECODER = json.JSONDecoder(parse_constant=str, parse_float=_float)
_CAREFUL = json.JSONDecoder(parse_constant=str, parse_int=_int, parse_float=_float)


def loads(text: str, *, halves: bool = False) -> Json:
    """Parse JSON into values that every later step can handle.

    NaN and infinities become words, numbers too large to hold become text, halves of
    surrogate pairs become U+FFFD, and nesting beyond 200 levels is refused.

    Parameters
    ----------
    halves : bool
        Keep halves of surrogate pairs: the other half may come with the next event of a stream.

    Raises
    ------
    ValueError
        The text is not JSON, or nested too deeply.
    """
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        # The only other one the decoder raises: more digits than Python turns into an integer.
        value = _CAREFUL.decode(text)
    if len(text) > MAX_DEPTH and text.count("[") + text.count("{") > MAX_DEPTH and too_deep(value):
        raise ValueError("nested too deeply")
    if not halves and has_surrogates(text):
        value = without_surrogates(value)
    return value


def has_surrogates(text: str) -> bool:
    """Tell whether JSON as text writes any surrogate, in pairs or alone."""
    return "\\ud" in text or "\\uD" in text


def too_deep(value: Json, limit: int = MAX_DEPTH) -> bool:
    """Tell whether lists and objects are nested more than `limit` levels."""
    level = [value] if type(value) in (dict, list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
    return True


def without_surrogates(value: Json) -> Json:
    """Join halves of surrogate pairs and replace lone ones, so that the text can be encoded."""
    if type(value) is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value
    if type(value) is dict:
        return {without_surrogates(k): without_surrogates(v) for k, v in value.items()}
    if type(value) is list:
        return [without_surrogates(v) for v in value]
    return value


def writable(value: Json) -> Json:
    """Make a value that was parsed elsewhere one that can be written as JSON and read again.

    Tables and trace stores hand out NaN, tuples, timestamps and arrays. The value is copied.
    """
    if isinstance(value, dict):
        return {without_surrogates(str(k)): writable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [writable(v) for v in value]
    if value is None or type(value) in (str, bool, int, float):
        return _scalar(value)
    as_plain = getattr(value, "tolist", None)
    if callable(as_plain):
        # NumPy arrays and scalars; what stays as it is has no plain form.
        plain = as_plain()
        return str(value) if type(plain) is type(value) else writable(plain)
    return without_surrogates(str(value))


def _scalar(value: Any) -> Json:
    if type(value) is int and value.bit_length() > _MAX_DIGITS * 3:
        return hex(value)
    if type(value) is float and not math.isfinite(value):
        return str(value)
    return without_surrogates(value)


def compact(value: Json) -> str:
    """Write JSON in one line, for arguments and results that are shown as text."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)


def whole(text: str) -> str:
    """Give a text that UTF-8 can say: halves of surrogate pairs, as broken streams leave, become ``?``."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
