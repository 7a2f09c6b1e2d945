"""Model text made harmless where nothing else escapes it: terminals and plain HTML.

A model can write terminal commands (ESC, C1), end a line early (NUL, CR) or turn the reading
order round (bidi controls), so that what is read is not what is there. Such characters are
shown by their code instead.
"""

from __future__ import annotations

import html
import re
import unicodedata

# C0 but for tab and newline, DEL, C1, bidi marks and controls, line and paragraph separators,
# the BOM, lone surrogates, tag characters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_SPACE = re.compile(r"\s+")


def visible(text: str) -> str:
    """Show control characters by their code; tabs and newlines stay."""
    return _UNSAFE.sub(_code, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Make text safe for a line of its own: white space runs become one space."""
    return visible(_SPACE.sub(" ", text)).strip()


def markup(text: str) -> str:
    """Make text safe between HTML tags; not for attributes."""
    return html.escape(visible(text), quote=False)


def columns(text: str) -> int:
    """Count terminal columns: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def cut(text: str, width: int) -> str:
    """Shorten to a number of columns, with ``…`` in place of what is left out."""
    if columns(text) <= width:
        return text
    kept: list[str] = []
    used = 0
    for char in text:
        used += _columns(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def pad(text: str, width: int) -> str:
    """Fill up with spaces to a number of columns."""
    return text + " " * max(0, width - columns(text))


def _columns(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _code(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
