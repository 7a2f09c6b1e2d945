"""Which attempt continues which call."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model.attempt import Attempt
    from .context import Flow

_RETRYABLE = frozenset({408, 409, 425, 429})
# Nobody waits longer than this between two attempts of one call; past it, the same body is a new call.
_WINDOW_NS = 300 * 10**9

# What attempts of one call have in common: where they go and what the client asks.
Key = tuple[str, bytes]


class Retries:
    """Remembers attempts that failed in a way clients repeat.

    An attempt continues a call when it repeats the URL and body of one that failed, in the same
    task or thread, whoever repeats it: an SDK, a library above it, a loop of the user's. A client
    that counts its retries (``x-stainless-retry-count``) is believed: a rising count may come from
    another task (`asyncio.wait_for` makes one per attempt), and a count that begins anew after it
    had risen is another call.

    Attributes
    ----------
    pending : dict
        Failed attempts that have not been repeated, by key and flow.
    """

    def __init__(self) -> None:
        self.pending: dict[Key, dict[Flow, Attempt]] = {}

    def earlier(self, key: Key, flow: Flow, count: int | None, start_ns: int) -> Attempt | None:
        """Take out the attempt that one starting now repeats."""
        failed = self.pending.get(key)
        if not failed:
            return None
        attempt = failed.pop(flow, None)
        if attempt is None and count:
            # Several calls may have failed alike; the oldest that stands one lower is as good as any.
            for other, candidate in list(failed.items()):
                if candidate.retry_count == count - 1:
                    attempt = failed.pop(other, None)
                    break
        if attempt is None or start_ns - (attempt.end_ns or start_ns) > _WINDOW_NS:
            return None
        if count == 0 and attempt.retry_count:
            return None
        return attempt

    def failed(self, key: Key, flow: Flow, attempt: Attempt) -> None:
        """Remember an attempt that may be repeated."""
        self.pending.setdefault(key, {})[flow] = attempt


def may_be_retried(attempt: Attempt) -> bool:
    """Tell whether clients repeat a request that went like this."""
    status = attempt.status_code
    if status is None or attempt.outcome == "error":
        return attempt.outcome == "error"
    return status in _RETRYABLE or status >= 500 or attempt.response_headers.get("x-should-retry") == "true"
