"""Which texts are files in base64 and nothing else, so that no key is looked for in them."""

from __future__ import annotations

import re

from .assignments import holds, words_in
from .key_shapes import KEYS

# Base64 of images is most of what large bodies hold, and looking through it most of the work. Shorter
# texts are looked through anyway.
_SHORTEST = 2000
_DATA_URL = re.compile(r"data:(?:[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]{1,40}=[\w.+-]{1,40}){0,4};base64,")
_DATA = re.compile(r"[A-Za-z0-9+/_-]*={0,2}\Z")
# Without a header only the plain alphabet: with "-" and "_" in it, a run may be a name with a key behind it.
_BARE_DATA = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
# How PNG, JPEG, GIF, WebP and WAV, PDF and MP3 begin.
_FILES = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "JVBERi", "SUQz")
# Two letters stand everywhere.
_TRIGGERS = tuple(
    dict.fromkeys(text for shape in KEYS for text in shape.triggers if text.isalnum() and len(text) > 2)
)
_KEY_INSIDE = re.compile(f"[+/](?:{'|'.join(_TRIGGERS)})")


def is_blob(text: str) -> bool:
    """Tell whether a text is a long piece of base64, bare or as a data URL, and holds no key."""
    if len(text) < _SHORTEST:
        return False
    if text.startswith("data:"):
        head = _DATA_URL.match(text)
        return head is not None and _DATA.match(text, head.end()) is not None and _is_plain(head[0])
    if _BARE_DATA.match(text) is None:
        return False
    return text.startswith(_FILES) or not (text.startswith(_TRIGGERS) or _KEY_INSIDE.search(text))


def _is_plain(head: str) -> bool:
    return not (words_in(head.lower()) or holds(head, tuple(t for shape in KEYS for t in shape.triggers)))
