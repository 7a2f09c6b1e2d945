"""Who was refused with 429, so that a repeated call is answered in the end."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .exchange import Exchange


class Refusals:
    """Remembers refused calls, so that a repeated call is answered in the end.

    A client that says how often it has tried (``x-stainless-retry-count``) is taken at its word, so that
    equal calls sent at once do not disturb each other. For others, calls with the same client, credentials
    and body count together, and the limit lasts at least a moment, as a real limiter's window would.
    """

    _WINDOW_S = 0.25
    _FORGET_S = 60.0
    _MOST = 10_000

    def __init__(self, times: int) -> None:
        self.times = times
        self._seen: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def refuses(self, exchange: Exchange) -> bool:
        """Return whether this request is refused, and count it."""
        retry = exchange.headers.get("x-stainless-retry-count", "")
        if retry.isdigit() and int(retry) > 0:
            return int(retry) < self.times
        key = self._key(exchange)
        now = time.monotonic()
        with self._lock:
            if len(self._seen) > self._MOST:
                self._seen = {one: kept for one, kept in self._seen.items() if now - kept[1] < self._FORGET_S}
            count, since = self._seen.get(key, (0, now))
            if now - since > self._FORGET_S:
                count, since = 0, now
            if count >= self.times and now - since >= self._WINDOW_S:
                self._seen.pop(key, None)
                return False
            self._seen[key] = (count + 1, since)
            return self.times > 0

    @staticmethod
    def _key(exchange: Exchange) -> str:
        parts = (
            exchange.client,
            exchange.headers.get("user-agent", ""),
            exchange.headers.get("authorization", ""),
        )
        return hashlib.sha256("\0".join(parts).encode() + b"\0" + exchange.body).hexdigest()
