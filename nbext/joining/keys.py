"""What a call and a logged row can have in common, best first.

Each is looked for where it is known to be, and every match says which it was. Source of the pairs:
Databricks documentation and recorded answers. That ``x-request-id`` is the logged
``databricks_request_id`` on the serving route, and that ``client_request_id`` is kept on the Unity
route, was not seen in a record; they are tried, and a label that never matches harms nobody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model.call import AttemptFacts, Call

REQUEST_ID = "x-request-id"
CLIENT_ID = "client_request_id"
TRACERESPONSE = "traceresponse"
RESPONSE_ID = "response id"
TIME_AND_TOKENS = "time and tokens (a guess)"
# Where an answer carries the request's id, in the order in which they are trusted.
ID_HEADERS = ("x-request-id", "x-databricks-request-id", "request-id", "server-timing", "x-amzn-requestid")
# A shorter tag value names a team, not a call.
_SHORTEST_ID = 8


@dataclass(frozen=True)
class Key:
    """Something a call has that a row may have too.

    Parameters
    ----------
    kind : {"request", "client", "tag"}
    value : str
    label : str
        What it is called on the client's side.
    attempt : int, optional
        The attempt it is of; None for all of the call.
    tag : str, optional
        The tag's own key.
    """

    kind: str
    value: str
    label: str
    attempt: int | None = None
    tag: str | None = None


def keys_of(calls: Iterable[Call]) -> dict[str, list[Key]]:
    """Give the keys of each call by its id, best first; what two calls share is no key of either."""
    calls = list(calls)
    clients = Counter(call.facts.client_request_id for call in calls if call.facts.client_request_id)
    tags = Counter(pair for call in calls for pair in call.facts.tags.items())
    return {call.call_id: _keys(call, clients, tags) for call in calls}


def is_id(value: str) -> bool:
    """Tell whether a tag's value can name a call."""
    return len(value) >= _SHORTEST_ID


def _keys(call: Call, clients: Counter[str], tags: Counter[tuple[str, str]]) -> list[Key]:
    keys = [
        Key("request", attempt.request_id, _header(attempt), attempt.number)
        for attempt in call.attempts
        if attempt.request_id
    ]
    last = call.facts.request_id
    if last and all(key.value != last for key in keys):
        keys.append(Key("request", last, REQUEST_ID))
    given = call.facts.client_request_id
    if given and clients[given] == 1:
        keys.append(Key("client", given, CLIENT_ID))
    for name, value in call.facts.tags.items():
        if tags[name, value] == 1 and is_id(value):
            keys.append(Key("tag", value, f"tag {name}", tag=name))
    return keys


def _header(attempt: AttemptFacts) -> str:
    """Name the header an attempt's id came in."""
    for name in ID_HEADERS:
        held = attempt.response_headers.get(name)
        if held is not None and attempt.request_id is not None and attempt.request_id in held:
            return name
    return REQUEST_ID


def response_id(call: Call) -> str | None:
    """Give the id inside the answer, if it tells this answer from others."""
    found = call.response.get("id") if isinstance(call.response, dict) else None
    # What a policy denied has the same id every time.
    return (
        found
        if isinstance(found, str) and len(found) >= _SHORTEST_ID and found != "databricks-guardrail-block"
        else None
    )
