"""Which HTTP requests are model calls, and what of their URL is kept."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .known import remember

if TYPE_CHECKING:
    from collections.abc import Hashable

# Path endings of the model APIs: OpenAI, Databricks model serving, Anthropic, Gemini, Cohere-style rerank.
PATHS = (
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/responses",
    "/invocations",
    "/v1/messages",
    ":generateContent",
    ":streamGenerateContent",
    "/images/*",
    "/audio/*",
    "/rerank",
)

# Paths may have ids in them.
_MOST_URLS = 2048


class Matcher:
    """Tells model calls by the path's ending and the host, remembering its answers.

    Parameters
    ----------
    paths : sequence of str
        Endings of the URL's path. ``*`` stands for any text without a slash.
    hosts : sequence of str
        Host patterns as for `fnmatch`; empty means any.
    """

    def __init__(self, paths: tuple[str, ...] = PATHS, hosts: tuple[str, ...] = ()) -> None:
        self.paths = paths
        self.hosts = tuple(host.lower() for host in hosts)
        self._patterns = tuple(("*" + path, max(path.count("/"), 1)) for path in paths)
        self._known: dict[Hashable, str | None] = {}

    def __call__(self, host: str, path: str) -> bool:
        """Tell whether a request to this host and path is a model call."""
        if self.hosts and not any(fnmatchcase(host.lower(), pattern) for pattern in self.hosts):
            return False
        segments = path.partition("?")[0].rstrip("/").split("/")
        # As many segments as the ending has, so that its `*` does not reach over a slash.
        return any(
            fnmatchcase("/" + "/".join(segments[-count:]), pattern) for pattern, count in self._patterns
        )

    def kept_url(self, url: Hashable) -> str | None:
        """Return what is kept of a model call's URL, or None for any other request.

        User info, query values and the fragment are left out: they carry keys and signatures.

        Parameters
        ----------
        url : str, or a hashable whose `str` is the URL
        """
        try:
            return self._known[url]
        except KeyError:
            pass
        parts = urlsplit(str(url))
        kept = None
        if self(parts.hostname or "", parts.path):
            names = "&".join(pair.partition("=")[0] + "=" for pair in parts.query.split("&") if pair)
            kept = parts._replace(netloc=parts.netloc.rpartition("@")[2], query=names, fragment="").geturl()
        return remember(self._known, url, kept, most=_MOST_URLS)
