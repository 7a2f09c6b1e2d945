"""What the text of an exception tells of the HTTP answer behind it."""

from __future__ import annotations

import ast
import re
from typing import Any

Json = Any

_STATUS_IN_TEXT = re.compile(r"^Error code: (\d{3})(?: - (.*))?$", re.DOTALL)


def failure_in(message: str | None) -> tuple[int | None, Json]:
    """Read ``Error code: 400 - {…}``, where the body is written as Python writes a dict."""
    found = _STATUS_IN_TEXT.match(message or "")
    if found is None:
        return None, None
    try:
        body = ast.literal_eval(found[2]) if found[2] else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        body = None
    return int(found[1]), body if type(body) is dict else {"message": found[2] or message}
