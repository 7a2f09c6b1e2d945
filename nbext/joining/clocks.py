"""What the clock of this machine and the gateway's have between them, as the answers' ``date`` tells it."""

from __future__ import annotations

from datetime import timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..sources.inference_table.times import EPOCH

if TYPE_CHECKING:
    from ..model.call import Call

# The header tells whole seconds, and an answer takes a while: less is no difference of clocks.
_LEAST_NS = 60_000_000_000


def ahead_ns(call: Call) -> int:
    """Tell how far the gateway's clock is ahead of this machine's, in ns; negative behind, 0 where alike."""
    for attempt in reversed(call.attempts):
        here = attempt.headers_ns or attempt.end_ns
        there = _date(attempt.response_headers.get("date"))
        if here is not None and there is not None:
            return there - here if abs(there - here) > _LEAST_NS else 0
    return 0


def _date(given: str | None) -> int | None:
    try:
        moment = None if given is None else parsedate_to_datetime(given)
    except (TypeError, ValueError, IndexError):
        return None
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return int((moment - EPOCH).total_seconds()) * 1_000_000_000
