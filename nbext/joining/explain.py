"""Why a call has no row, as far as can be told. Never "missing": the tables lag, normally up to an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sources.inference_table.flavour import UNITY
from .keys import is_id

if TYPE_CHECKING:
    from ..model.call import AttemptFacts, Call
    from ..sources.inference_table.table import InferenceTable

_HOUR_NS = 3_600_000_000_000
# Answers that the Unity AI Gateway's table may leave out.
_MAY_LACK = frozenset({401, 403, 429, 500})
# What the words of an exception tell, in httpx, requests and the operating system.
_UNREACHED = (
    *("connecttimeout", "connect timeout", "refused", "getaddrinfo", "name or service"),
    *("name resolution", "nodename", "unreachable", "certificate", "ssl", "proxyerror"),
)
_ROUTES = {"serving": "/serving-endpoints", "unity": "/ai-gateway"}


def hopeless(call: Call, table: InferenceTable) -> bool:
    """Tell whether waiting is of no use: there is no row to come."""
    return _never(call, table) is not None


def note_of(call: Call, table: InferenceTable, sampling: float | None, now_ns: int) -> str | None:
    """Say in a sentence what more than the lag is known; None when the lag explains it."""
    never = _never(call, table)
    if never is not None or _unanswered(call):
        return never or "No answer came: the row comes if the gateway received the request."
    unity = table.flavour is UNITY
    if unity and call.status_code in _MAY_LACK:
        return f"The table may leave out answers with status {call.status_code}."
    if not unity and call.status_code == 429:
        return "Whether a 429 gets a row in this table is not known."
    if sampling is not None and sampling < 1:
        return f"The table keeps {sampling * 100:g} % of the calls."
    if call.end_ns is not None and now_ns - call.end_ns > _HOUR_NS:
        return "More than an hour has passed: delivery is best effort, the row may not come any more."
    return None


def of_other_route(call: Call, table: InferenceTable) -> bool:
    """Tell whether the call went where this table does not log."""
    return call.facts.route in _ROUTES and (call.facts.route == "unity") != (table.flavour is UNITY)


def _unanswered(call: Call) -> bool:
    return bool(call.attempts) and all(attempt.status_code is None for attempt in call.attempts)


def _unreached(attempt: AttemptFacts) -> bool:
    """Tell whether no connection was made; who only waited in vain may have been heard."""
    said = f"{attempt.error_type} {attempt.error_message}".lower()
    return any(sign in said for sign in _UNREACHED)


def _named(call: Call) -> bool:
    """Tell whether the request carried what its row carries too."""
    return bool(call.facts.client_request_id) or any(map(is_id, call.facts.tags.values()))


def _never(call: Call, table: InferenceTable) -> str | None:
    unity = table.flavour is UNITY
    if _unanswered(call):
        if all(map(_unreached, call.attempts)):
            return "No answer came: the gateway was not reached."
        if not _named(call):
            return (
                "No answer came, and nothing in the request names its row: "
                "%%gateway_trace --request-id sends such a name."
            )
    if of_other_route(call, table):
        here, there = _ROUTES["unity" if unity else "serving"], _ROUTES[call.facts.route or ""]
        return f"The call went to {there}; this table logs {here}."
    if unity and call.verdict is not None and call.verdict.kind == "policy":
        return "What a service policy denies gets no row in this table."
    return None
