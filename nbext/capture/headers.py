"""The headers that are kept. Everything else, credentials first of all, is never read."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from .known import remember

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_Layout = list[tuple[int, str]]

REQUEST_HEADERS = frozenset(
    {
        "anthropic-version",
        "content-encoding",
        "content-type",
        "databricks-ai-gateway-request-tags",
        "traceparent",
        "user-agent",
        "x-request-id",
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
        "x-mlflow-gateway-duration-ms",
        "x-mlflow-gateway-overhead-duration-ms",
        "x-should-retry",
    }
)

# Limits come under many names: x-ratelimit-limit-requests, anthropic-ratelimit-tokens-remaining …
_RESPONSE_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-")


# Not even when a user's own list of names has them.
_CREDENTIALS = frozenset(
    {"api-key", "authorization", "cookie", "ocp-apim-subscription-key", "proxy-authorization", "set-cookie"}
    | {"x-api-key", "x-goog-api-key"}
)

MOST_LAYOUTS = 512
_name = itemgetter(0)


def names_of(headers: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Give the names, as they stand: what knows its way about them is remembered by those."""
    return tuple(map(_name, headers))


def value_of(headers: Sequence[tuple[Any, ...]], name: bytes) -> str | None:
    """Give the value of a header by its name in lower case; None if there is none.

    Parameters
    ----------
    headers : sequence of (name, name in lower case, value)
        In bytes, see `entries_of`.
    name : bytes
    """
    for entry in headers:
        if entry[1] == name:
            return str(entry[2].decode("latin-1"))
    return None


def entries_of(headers: Any) -> Sequence[tuple[Any, ...]]:
    """Give all headers of httpx or httpx2 as (name, name in lower case, value), in bytes.

    They are a list inside; the mapping around it looks for a common encoding at each use, which
    takes longer than all the rest of a call's record.
    """
    try:
        entries: Sequence[tuple[Any, ...]] = headers._list
    except AttributeError:
        entries = [(name, name.lower(), value) for name, value in headers.raw]
    return entries


class HeaderFilter:
    """Picks the allowed headers, names in lower case.

    A client sends the same names in the same order again and again, so where the allowed ones are
    is remembered by those.

    Parameters
    ----------
    names : iterable of str
        Allowed names. Those of credentials are left out.
    prefixes : tuple of str
        Allowed beginnings of names.
    """

    def __init__(self, names: Iterable[str], prefixes: tuple[str, ...] = ()) -> None:
        self.names = frozenset(name.lower() for name in names) - _CREDENTIALS
        self.prefixes = prefixes
        self._layouts: dict[tuple[Any, ...], tuple[_Layout, bool]] = {}

    def pick(
        self, headers: Sequence[tuple[Any, ...]], names: tuple[Any, ...] | None = None
    ) -> dict[str, str]:
        """Return the allowed headers; a repeated one is joined by commas.

        Parameters
        ----------
        headers : sequence of tuples
            The name comes first and the value last, both bytes or both text.
        names : tuple, optional
            Theirs, where `names_of` has given them already.
        """
        if names is None:
            names = tuple(map(_name, headers))
        layout, simple = self._layouts.get(names) or self._lay_out(names)
        kept: dict[str, str] = {}
        if simple:
            for place, name in layout:
                kept[name] = headers[place][-1].decode("latin-1")
            return kept
        for place, name in layout:
            value = headers[place][-1]
            text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
            kept[name] = f"{kept[name]}, {text}" if name in kept else text
        return kept

    def _lay_out(self, names: tuple[Any, ...]) -> tuple[_Layout, bool]:
        layout: _Layout = []
        for place, raw in enumerate(names):
            name = (raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)).lower()
            allowed = name in self.names or (bool(self.prefixes) and name.startswith(self.prefixes))
            if allowed and name not in _CREDENTIALS:
                layout.append((place, name))
        # None repeated, and all in bytes.
        simple = len({name for _, name in layout}) == len(layout) and all(
            isinstance(names[place], bytes) for place, _ in layout
        )
        return remember(self._layouts, names, (layout, simple), most=MOST_LAYOUTS)


def response_filter(extra: Iterable[str] = ()) -> HeaderFilter:
    """Filter for response headers, with the user's own names added."""
    return HeaderFilter({*RESPONSE_HEADERS, *extra}, _RESPONSE_PREFIXES)


def request_filter(extra: Iterable[str] = ()) -> HeaderFilter:
    """Filter for request headers, with the user's own names added."""
    return HeaderFilter({*REQUEST_HEADERS, *extra})
