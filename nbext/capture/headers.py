"""The headers that are kept. Everything else, credentials first of all, is never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

REQUEST_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "anthropic-version",
        "content-encoding",
        "content-type",
        "databricks-ai-gateway-request-tags",
        "traceparent",
        "user-agent",
        "x-request-id",
        "x-stainless-lang",
        "x-stainless-package-version",
        "x-stainless-read-timeout",
        "x-stainless-retry-count",
        "x-stainless-timeout",
    }
)

RESPONSE_HEADERS = frozenset(
    {
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "openai-model",
        "openai-processing-ms",
        "openai-version",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "served-model-name",
        "server",
        "server-timing",
        "traceresponse",
        "transfer-encoding",
        "via",
        "x-amzn-bedrock-input-token-count",
        "x-amzn-bedrock-invocation-latency",
        "x-amzn-bedrock-output-token-count",
        "x-amzn-requestid",
        "x-databricks-org-id",
        "x-databricks-request-id",
        "x-envoy-upstream-service-time",
        "x-request-id",
        "x-should-retry",
    }
)

# Limits come under many names: x-ratelimit-limit-requests, anthropic-ratelimit-tokens-remaining …
_RESPONSE_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-")


class HeaderFilter:
    """Picks the allowed headers, names in lower case. Remembers the verdict for each raw name.

    Parameters
    ----------
    names : iterable of str
        Allowed names, lower case.
    prefixes : tuple of str
        Allowed beginnings of names.
    """

    def __init__(self, names: Iterable[str], prefixes: tuple[str, ...] = ()) -> None:
        self.names = frozenset(name.lower() for name in names)
        self.prefixes = prefixes
        self._known: dict[bytes | str, str | None] = {}

    def pick(self, pairs: Iterable[tuple[bytes, bytes]] | Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the allowed headers of (name, value) pairs; a repeated one is joined by commas."""
        kept: dict[str, str] = {}
        known = self._known
        for raw, value in pairs:
            try:
                name = known[raw]
            except KeyError:
                name = self._look(raw)
            if name is None:
                continue
            text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
            kept[name] = f"{kept[name]}, {text}" if name in kept else text
        return kept

    def _look(self, raw: bytes | str) -> str | None:
        name = (raw.decode("latin-1") if isinstance(raw, bytes) else raw).lower()
        allowed = name if name in self.names or name.startswith(self.prefixes or ("\0",)) else None
        if len(self._known) < 1000:
            self._known[raw] = allowed
        return allowed


def response_filter(extra: Iterable[str] = ()) -> HeaderFilter:
    """Filter for response headers, with the user's own names added."""
    return HeaderFilter({*RESPONSE_HEADERS, *extra}, _RESPONSE_PREFIXES)


def request_filter(extra: Iterable[str] = ()) -> HeaderFilter:
    """Filter for request headers, with the user's own names added."""
    return HeaderFilter({*REQUEST_HEADERS, *extra})
