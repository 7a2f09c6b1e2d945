"""The stored forms of a wire: repeated texts once, and compressed when that is smaller.

Read back by `renderers/src/model/decode.ts`, and here by `unpack`.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from typing import Any

Wire = dict[str, Any]

# Below this the JSON itself is kept: it is drawn at once, and can be read in a diff.
PLAIN_BYTES = 8_000
RUNNING_PLAIN_BYTES = 40_000
# A reference costs about ten bytes, twice; shorter texts are not worth one.
_SHORTEST = 24
# Kept beside `z`, so that a header can be drawn before anything is decompressed.
_OUTSIDE = ("v", "uid", "name", "state", "start", "ms", "totals")


def dumps(value: Any) -> str:
    """Write compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def pack(wire: Wire) -> Wire:
    """Give the stored form of a wire: with a string table, and zipped above a few kB.

    Parameters
    ----------
    wire : Wire
        Not changed.

    Returns
    -------
    Wire or WireZipped
        As in `renderers/src/wire/types.ts`.
    """
    packed = with_texts(wire)
    plain = dumps(packed).encode()
    # What is about to be replaced need not be small, but at hand.
    if len(plain) <= (PLAIN_BYTES if wire.get("state") == "done" else RUNNING_PLAIN_BYTES):
        return packed
    # mtime 0: the same capture gives the same bytes, so that a re-saved notebook has no diff.
    zipped = base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode("ascii")
    return {**{key: wire[key] for key in _OUTSIDE if key in wire}, "z": zipped}


def with_texts(wire: Wire) -> Wire:
    """Put texts that occur more than once under the spans into a table."""
    counts: Counter[str] = Counter()
    _count(wire["spans"], counts)
    texts = [text for text, count in counts.items() if count > 1]
    if not texts:
        return wire
    index = {text: i for i, text in enumerate(texts)}
    return {**wire, "spans": _refer(wire["spans"], index), "texts": texts}


def unpack(stored: Wire) -> Wire:
    """Give the plain wire of any stored form.

    Raises
    ------
    ValueError
        It is no wire, or of a version that is not known here.
    """
    if not isinstance(stored, dict) or stored.get("v") != 1:
        version = stored.get("v") if isinstance(stored, dict) else type(stored).__name__
        raise ValueError(f"expected trace data of version 1, got {version!r}")
    if "z" in stored:
        stored = json.loads(gzip.decompress(base64.b64decode(stored["z"])))
    texts = stored.get("texts")
    if not texts:
        return stored
    return {
        key: _resolve(value, texts) if key == "spans" else value
        for key, value in stored.items()
        if key != "texts"
    }


def _count(value: Any, counts: Counter[str]) -> None:
    if isinstance(value, str):
        if len(value) >= _SHORTEST:
            counts[value] += 1
    elif isinstance(value, dict):
        for item in value.values():
            _count(item, counts)
    elif isinstance(value, list):
        for item in value:
            _count(item, counts)


def _refer(value: Any, index: dict[str, int]) -> Any:
    if isinstance(value, str):
        place = index.get(value)
        return value if place is None else {"$": place}
    if isinstance(value, dict):
        # Data that looks like a reference of ours must come back as it was.
        if set(value) == {"$"}:
            return {"$": [_refer(value["$"], index)]}
        return {key: _refer(item, index) for key, item in value.items()}
    if isinstance(value, list):
        return [_refer(item, index) for item in value]
    return value


def _resolve(value: Any, texts: list[str]) -> Any:
    if isinstance(value, dict):
        if set(value) == {"$"}:
            inner = value["$"]
            if isinstance(inner, int) and not isinstance(inner, bool):
                return texts[inner]
            if isinstance(inner, list) and len(inner) == 1:
                return {"$": _resolve(inner[0], texts)}
        return {key: _resolve(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, texts) for item in value]
    return value
