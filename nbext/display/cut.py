"""Makes a wire fit: long texts first, then the last spans, and says so."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from .clean import clean_span, longest
from .pack import dumps, pack

Wire = dict[str, Any]

# Longest text kept, in characters; where that is still too much, one try after another.
LONGEST_TEXT = 100_000
_TEXT_LIMITS = (20_000, 4_000, 1_000)
# A stored form this full is full: trying for more would cost more time than it is worth.
_FULL = 0.8
_TRIES = 8


def fit(wire: Wire, max_bytes: int | None) -> tuple[Wire, Wire]:
    """Give the wire, or as much of it as fits, and its stored form.

    Parameters
    ----------
    wire : Wire
        Not changed.
    max_bytes : int or None
        Most bytes of the stored form. None: everything stays.
    """
    if max_bytes is None:
        return wire, pack(wire)
    # However well a very long text compresses, nobody reads it in an output.
    wire = without_long_texts(wire, LONGEST_TEXT)
    packed = pack(wire)
    if bytes_of(packed) <= max_bytes:
        return wire, packed
    spans = wire["spans"]
    ratio = bytes_of(packed) / len(dumps(spans))
    most = longest(spans)
    for limit in _TEXT_LIMITS:
        if limit >= most:
            continue
        spans = [clean_span(span, limit) for span in spans]
        # Packing takes long and tells nothing new when the texts are still far too many.
        if len(dumps(spans)) * ratio > 2 * max_bytes:
            continue
        smaller = {**wire, "spans": spans}
        packed = pack(smaller)
        if bytes_of(packed) <= max_bytes:
            return smaller, packed
    return _first_spans(wire, spans, max_bytes, ratio)


def without_long_texts(wire: Wire, limit: int) -> Wire:
    """Give a wire with the long texts of its spans cut; the same one if there are none."""
    if longest(wire["spans"]) <= limit:
        return wire
    return {**wire, "spans": [clean_span(span, limit) for span in wire["spans"]]}


def bytes_of(packed: Wire) -> int:
    """Size of a stored form in UTF-8."""
    return len(dumps(packed).encode())


def _first_spans(wire: Wire, spans: list[Wire], max_bytes: int, ratio: float) -> tuple[Wire, Wire]:
    """Keep as many spans from the front as fit; a parent starts before its children and stays."""
    plain = list(accumulate(len(dumps(span)) for span in spans))
    best = _with(wire, spans, 0)
    kept = best, pack(best)
    fits, too_many = 0, len(spans)
    for _ in range(_TRIES):
        wanted = sum(size * ratio <= max_bytes * 0.95 for size in plain)
        count = wanted if fits < wanted < too_many else (fits + too_many) // 2
        if count == fits:
            break
        smaller = _with(wire, spans, count)
        packed = pack(smaller)
        used = bytes_of(packed)
        ratio = used / plain[count - 1]
        if used > max_bytes:
            too_many = count
            continue
        fits = count
        smaller["cut"]["bytes"] = used
        kept = smaller, pack(smaller) if "z" not in packed else packed
        if used >= max_bytes * _FULL:
            break
    return kept


def _with(wire: Wire, spans: list[Wire], count: int) -> Wire:
    return {**wire, "spans": spans[:count], "cut": {"spans": len(wire["spans"])}}
