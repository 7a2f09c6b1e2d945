"""Embeddings: vectors that depend on the words, so that similar texts are near."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import struct
import uuid
from typing import TYPE_CHECKING, Any

from .. import pace
from ..answers import tokens
from ..answers.reply import Tokens
from ..exchange import Answer, Piece, Routing
from .errors import error
from .sse import compact

if TYPE_CHECKING:
    from ..endpoints import Endpoint
    from ..options import Options

_SIZE = 1024
_LARGEST = 4096
_WORD = re.compile(r"\w+")


def answer(request: dict[str, Any], endpoint: Endpoint, options: Options) -> Answer:
    """Answer an embeddings request; ``dimensions`` and ``encoding_format`` are honoured."""
    entity = endpoint.entities[0]
    texts = _texts(request.get("input"))
    if not texts:
        body = error("BAD_REQUEST", "Bad request: 'input' must be a non-empty string or list.")
        return Answer(400, [Piece(compact(body).encode())], whole=body, routing=[Routing(entity, 400)])
    size = request.get("dimensions")
    size = size if isinstance(size, int) and 0 < size <= _LARGEST else _SIZE
    packed = request.get("encoding_format") == "base64" and options.base64_embeddings
    vectors = [vector(text, size) for text in texts]
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(one) if packed else one}
        for index, one in enumerate(vectors)
    ]
    counts = Tokens(input=sum(max(1, tokens.count(text)) for text in texts))
    usage = {"prompt_tokens": counts.input, "total_tokens": counts.input}
    whole = {"object": "list", "data": data, "model": entity.model, "usage": usage, "id": str(uuid.uuid4())}
    wait = pace.before_first(endpoint, entity, counts.input, texts[0])
    return Answer(
        pieces=[Piece(compact(whole).encode(), wait)],
        whole=whole,
        tokens=counts,
        routing=[Routing(entity, 200)],
    )


def _texts(given: Any) -> list[str]:
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and given and all(isinstance(item, int) for item in given):
        return [" ".join(map(str, given))]
    return [str(item) for item in given] if isinstance(given, list) else []


def _packed(values: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def vector(text: str, size: int = _SIZE) -> list[float]:
    """Return a vector of length 1. Each word adds its own direction, so shared words bring texts near."""
    total = [0.0] * size
    for word in _WORD.findall(text.lower()) or [text]:
        stem = word[:5]
        seed = hashlib.shake_128(stem.encode("utf-8", "replace")).digest(2 * size)
        for index in range(size):
            total[index] += (seed[2 * index] * 256 + seed[2 * index + 1]) / 32768 - 1
    norm = math.sqrt(sum(value * value for value in total)) or 1.0
    return [round(value / norm, 6) for value in total]
