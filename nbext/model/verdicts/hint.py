"""A verdict in a few words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import first_words

if TYPE_CHECKING:
    from ..call import Call

_BUDGET = re.compile(r"^Budget (.*) is used up$")


def hint_of(call: Call) -> str | None:
    """Give in a few words what went wrong, for a row among its siblings; None when nothing did."""
    verdict = call.verdict
    if call.status in ("ok", "running") or verdict is None:
        return None
    if call.status == "rate_limited":
        count = len(call.attempts)
        words = f"rate limited, {count} attempts" if count > 1 else "rate limited"
    elif verdict.kind == "budget":
        words = _BUDGET.sub(r"budget \1 used up", verdict.title)
    elif call.status == "blocked":
        words = f"blocked: {first_words(call.error_message, 60)}" if call.error_message else "blocked"
    elif call.status == "error":
        words = _error(call, verdict.kind)
    else:
        words = call.status
    return words


def _error(call: Call, kind: str) -> str:
    if call.status_code and call.status_code >= 400:
        return f"{call.status_code} from the provider" if kind == "provider" else f"error {call.status_code}"
    return call.error_type or "error"


def seconds_word(ms: float | None) -> str | None:
    """Give a duration as the view writes it: ``6.0 ms``, ``0.39 s``, ``4 min 12 s``.

    >>> seconds_word(2310)
    '2.31 s'
    """
    if ms is None:
        return None
    if ms < 10:
        return f"{ms:.1f} ms"
    if ms < 59_995:
        return f"{ms / 1000:.2f} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s"
