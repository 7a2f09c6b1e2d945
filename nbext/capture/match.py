"""Which HTTP requests are model calls."""

from __future__ import annotations

from fnmatch import fnmatchcase

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

_CACHE_SIZE = 2048


class Matcher:
    """Tells model calls by the path's ending and the host, remembering its answers.

    Parameters
    ----------
    paths : sequence of str
        Endings of the URL's path. ``*`` stands for the rest of a segment.
    hosts : sequence of str
        Host patterns as for `fnmatch`; empty means any.
    """

    def __init__(self, paths: tuple[str, ...] = PATHS, hosts: tuple[str, ...] = ()) -> None:
        self.paths = paths
        self.hosts = hosts
        self._patterns = tuple("*" + path for path in paths)
        self._known: dict[tuple[str, str], bool] = {}

    def __call__(self, host: str, path: str) -> bool:
        key = (host, path)
        known = self._known.get(key)
        if known is None:
            known = self._look(host, path)
            # Paths with ids in them would grow this without end.
            if len(self._known) >= _CACHE_SIZE:
                self._known.clear()
            self._known[key] = known
        return known

    def _look(self, host: str, path: str) -> bool:
        if self.hosts and not any(fnmatchcase(host, pattern) for pattern in self.hosts):
            return False
        path = path.partition("?")[0].rstrip("/")
        return any(fnmatchcase(path, pattern) for pattern in self._patterns)
