"""Embeddings. https://platform.openai.com/docs/api-reference/embeddings."""

from __future__ import annotations

import math
import struct
from base64 import b64decode
from typing import Any

from ..call import Message, Part
from .base import Answered, Sent, as_dict, as_list, split_params
from .completions import inputs_of
from .generic import GenericStream

Json = Any

# Nobody reads a vector. One longer than this is kept as its size and its first numbers.
_LONGEST = 16
_HEAD = 8
_FLOAT = 4
# Base64 of 36 bytes: enough for the head, and a whole number of groups.
_HEAD_BASE64 = 48


class Embeddings:
    """Reads ``/embeddings``."""

    api = "embeddings"

    def sent(self, request: Json) -> Sent:
        """Read the texts, one part each."""
        request = as_dict(request)
        given = request.get("input")
        return Sent(
            messages=[Message("input", inputs_of(given))] if given is not None else [],
            params=split_params(request, "input", "model"),
        )

    def answered(self, response: Json) -> Answered:
        """Tell how many vectors came, of how many dimensions, and the norm of the first."""
        response = as_dict(response)
        read = Answered(usage=response.get("usage"))
        vectors = [as_dict(row).get("embedding") for row in as_list(response.get("data"))]
        vectors = [vector for vector in vectors if vector is not None]
        if not vectors:
            return read
        first = vectors[0] if type(vectors[0]) is dict else short_vector(vectors[0])
        value: dict[str, Json] = {"count": len(vectors), "dim": None, "norm": None}
        if type(first) is dict:
            value.update(dim=first.get("dim"), norm=first.get("norm"))
        read.answers = [Message("output", [Part("vectors", value=value)])]
        return read

    def stream(self) -> GenericStream:
        """Embeddings are not streamed; events that claim so are kept as they came."""
        return GenericStream()


def with_short_vectors(response: Json) -> Json:
    """Replace long vectors by ``{"dim", "first", "norm"}``; the norm is of the first one only."""
    rows = as_list(as_dict(response).get("data"))
    if not any(_is_long(as_dict(row).get("embedding")) for row in rows):
        return response
    short = []
    for i, row in enumerate(rows):
        vector = as_dict(row).get("embedding")
        short.append({**row, "embedding": short_vector(vector, norm=i == 0)} if _is_long(vector) else row)
    return {**response, "data": short}


def _is_long(vector: Json) -> bool:
    if type(vector) is str:
        return len(vector) > _LONGEST * _FLOAT * 4 // 3
    return type(vector) is list and len(vector) > _LONGEST


def short_vector(vector: Json, *, norm: bool = True) -> Json:
    """Describe a vector of numbers, or of 32-bit floats in base64; gives it back if it is neither."""
    if type(vector) is str:
        return _short_base64(vector, norm=norm)
    if type(vector) is not list or not {float, int}.issuperset(map(type, vector)):
        return vector
    short: dict[str, Json] = {"dim": len(vector), "first": vector[:_HEAD]}
    if norm:
        short["norm"] = _norm(vector)
    return short


def _short_base64(text: str, *, norm: bool) -> Json:
    size = len(text) * 3 // 4 - text[-2:].count("=")
    try:
        data = b64decode(text if norm else text[:_HEAD_BASE64])
    except ValueError:
        return text
    floats = struct.unpack(f"<{len(data) // _FLOAT}f", data[: len(data) // _FLOAT * _FLOAT])
    short: dict[str, Json] = {
        "dim": size // _FLOAT,
        "first": [_finite(x) for x in floats[:_HEAD]],
        "encoding": "base64",
    }
    if norm:
        short["norm"] = _norm(floats)
    return short


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _norm(vector: Any) -> float | None:
    """Euclidean length, to six digits; None if a number of it is none."""
    try:
        return _finite(float(f"{math.sqrt(math.fsum(x * x for x in vector)):.6g}"))
    except (OverflowError, ValueError):
        return None


def shorten_text(data: bytes) -> bytes:
    """Shorten the vectors in the bytes of an answer, so that millions of numbers need no parsing.

    Gives the same bytes when anything looks unlike ``"embedding": [numbers]`` or
    ``"embedding": "base64"``.
    """
    kept: list[bytes] = []
    done = 0
    first = True
    at = data.find(b'"embedding"')
    while at >= 0:
        start = _value_start(data, at + len(b'"embedding"'))
        span = None if start is None else _vector_span(data, start)
        if span is not None:
            begin, end = span
            short = _short_bytes(data[begin:end], norm=first)
            if short is not None:
                kept += [data[done:begin], short]
                done, first = end, False
                at = end
        at = data.find(b'"embedding"', at + 1)
    return b"".join([*kept, data[done:]]) if kept else data


def _value_start(data: bytes, at: int) -> int | None:
    head = data[at : at + 64]
    value = head.lstrip()
    if value[:1] != b":":
        return None
    value = value[1:].lstrip()
    return at + len(head) - len(value) if value else None


def _vector_span(data: bytes, start: int) -> tuple[int, int] | None:
    closing = {b"[": b"]", b'"': b'"'}.get(data[start : start + 1])
    if closing is None:
        return None
    end = data.find(closing, start + 1)
    return (start, end + 1) if end >= 0 else None


def _short_bytes(raw: bytes, *, norm: bool) -> bytes | None:
    from ..jsontext import compact, loads

    if raw[:1] == b'"':
        text = raw[1:-1].decode("latin-1")
        short = short_vector(text, norm=norm) if _is_long(text) else None
        return compact(short).encode() if type(short) is dict else None
    dim = raw.count(b",") + 1
    if dim <= _LONGEST or b"[" in raw[1:] or b'"' in raw or b"{" in raw:
        return None
    if norm:
        try:
            vector = loads(raw.decode("latin-1"))
        except ValueError:
            return None
        short = short_vector(vector)
        return compact(short).encode() if type(short) is dict else None
    head = raw[1:].split(b",", _HEAD)[:_HEAD]
    return b'{"dim": %d, "first": [%s]}' % (dim, b", ".join(number.strip() for number in head))
