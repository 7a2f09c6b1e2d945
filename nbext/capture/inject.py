"""What is added to an outgoing request: a trace context, and tags and an id if the user asked for them."""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from . import parents, spans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model.attempt import Attempt
    from .recording import Recording, RecordingOptions

_Entry = tuple[bytes, bytes, bytes]

# Databricks AI Gateway takes tags as a header, model serving in the body:
# https://docs.databricks.com/aws/en/ai-gateway/usage-tracking
TAGS_HEADER = "databricks-ai-gateway-request-tags"
# Unity AI Gateway has hosts of its own, too, without `/ai-gateway` in the path.
_OWN_HOST = re.compile(r"https?://[^/?#]+\.ai-gateway\.([\w-]+\.)*(databricks\.com|azuredatabricks\.net)[:/]")


def adopt(attempt: Attempt, recording: Recording, traceparent: str | None) -> None:
    """Put the attempt under the span it is made in.

    A ``traceparent`` that the request carries already names the caller's span (MLflow's autologging
    and anthropic under OpenTelemetry send theirs) and is left as it is.

    Parameters
    ----------
    attempt : Attempt
    recording : Recording
    traceparent : str or None
        The header; None, too, where it is ours, of another `send` of the same request that is still
        on its way.
    """
    parent = None if traceparent is None else parents.of_traceparent(traceparent)
    named = parent is not None
    if parent is None and attempt.number == 0:
        parent = recording.guarded(parents.current_parent)
    if parent is not None:
        attempt.trace_id, attempt.parent_span_id = parent
    # MLflow's tracing is built on it, too.
    if (parent is not None or attempt.number) and "opentelemetry.sdk.trace" in sys.modules:
        recording.guarded(spans.place, attempt, recording, named)


def carrier_of(url: str) -> Literal["header", "body"] | None:
    """Tell what of a request takes tags there; None where nothing does."""
    if "/serving-endpoints/" in url:
        return "body"
    return "header" if "/ai-gateway/" in url or _OWN_HOST.match(url) is not None else None


def tags_for(attempt: Attempt, options: RecordingOptions) -> dict[str, str]:
    """Return the header of tags to set on the request, if any."""
    if carrier_of(attempt.url) != "header":
        return {}
    tags = dict(options.tags)
    if options.request_id:
        tags["client_request_id"] = attempt.call_id
    theirs = attempt.request_headers.get(TAGS_HEADER)
    if theirs is not None:
        tags.update(_object(theirs) or {})
    return {TAGS_HEADER: json.dumps(tags)}


def body_for(attempt: Attempt, options: RecordingOptions) -> bytes | None:
    """Return the request body with tags and id, or None to leave it as it is."""
    if carrier_of(attempt.url) != "body":
        return None
    body = _object(attempt.request_body)
    if body is None:
        return None
    added: dict[str, Any] = {}
    if options.request_id and "client_request_id" not in body:
        added["client_request_id"] = attempt.call_id
    theirs = body.get("usage_context")
    if options.tags and theirs is None:
        added["usage_context"] = dict(options.tags)
    elif options.tags and isinstance(theirs, dict):
        # Their tags stay; the whole is written anew, as there is no way to add inside.
        body["usage_context"] = {**options.tags, **theirs}
        return json.dumps({**body, **added}, ensure_ascii=False).encode()
    if not added:
        return None
    # Spliced in before the last brace, so that numbers and spacing stay as the client wrote them.
    head = attempt.request_body.rstrip()[:-1].rstrip()
    comma = b"" if not body else b","
    return head + comma + json.dumps(added, ensure_ascii=False).encode()[1:]


def _object(text: str | bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


class Changed:
    """Headers set on a request for as long as it is being sent, then put back exactly.

    On the request itself and not on a copy: the response, its redirects and the exceptions name
    the object that was sent, and that must stay the user's own.

    Parameters
    ----------
    headers : mutable mapping
        Case-insensitive, as those of requests are.
    added : mapping
    """

    __slots__ = ("_before", "_headers")

    def __init__(self, headers: Any, added: Mapping[str, str]) -> None:
        self._headers = headers
        self._before = {name: headers.get(name) for name in added}
        for name, value in added.items():
            headers[name] = value

    def undo(self) -> None:
        """Put everything back."""
        self.clean(self._headers)

    def clean(self, headers: Any) -> None:
        """Do the same with a copy of the headers."""
        for name, value in self._before.items():
            if value is None:
                headers.pop(name, None)
            elif name in headers:
                headers[name] = value


@cache
def _encoded(name: str) -> tuple[bytes, bytes]:
    return name.encode(), name.lower().encode()


class ChangedList:
    """The same for the headers of httpx and httpx2, a list of (name, name in lower case, value).

    Their mapping methods look through all headers for a common encoding at each use, which takes
    several times as long as all the rest of a call's record.
    """

    __slots__ = ("_before", "_headers")

    def __init__(self, headers: Any, added: Mapping[str, str]) -> None:
        self._headers: list[_Entry] = headers._list
        self._before: list[tuple[_Entry, _Entry | None]] = []
        for name, value in added.items():
            entry = (*_encoded(name), value.encode())
            # Only set when there is none.
            theirs = None if name == "traceparent" else self._set(entry)
            self._before.append((entry, theirs))
            if theirs is None:
                self._headers.append(entry)

    def _set(self, entry: _Entry) -> _Entry | None:
        """Put an entry in the place of the last one of that name, and give that."""
        for place in range(len(self._headers) - 1, -1, -1):
            theirs = self._headers[place]
            if theirs[1] == entry[1]:
                self._headers[place] = entry
                return theirs
        return None

    def undo(self) -> None:
        """Put everything back."""
        self._undo(self._headers)

    def clean(self, headers: Any) -> None:
        """Do the same with a copy of the headers."""
        self._undo(headers._list)

    def _undo(self, headers: list[_Entry]) -> None:
        for ours, theirs in reversed(self._before):
            place = len(headers) - 1
            while place >= 0 and headers[place] != ours:
                place -= 1
            if place >= 0:
                headers[place : place + 1] = [] if theirs is None else [theirs]
