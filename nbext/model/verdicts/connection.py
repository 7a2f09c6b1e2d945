"""Verdicts of calls that got no answer, or half of one: the connection broke, or the user stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..call import Verdict
from .hint import seconds_word

if TYPE_CHECKING:
    from ..call import Call
    from .evidence import Evidence

# What the words of an exception tell, first match wins: httpx, requests and the operating system.
_TITLES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("connecttimeout", "connect timeout"), "No connection in time"),
    (("timeout", "timed out"), "No answer in time"),
    (("certificate", "ssl"), "The gateway’s certificate was not accepted"),
    (("name or service", "getaddrinfo", "name resolution", "nodename"), "There is no host of that name"),
    (("refused",), "Nothing listens at this address"),
    (("connect",), "The gateway could not be reached"),
)


def connection_verdict(call: Call, kind: str, message: str, *, arrived: bool) -> Verdict:
    """Word what the HTTP library raised; `kind` is the exception's type, in httpx's or requests' words."""
    low = f"{kind} {message}".lower()
    slow = "timeout" in low or "timed out" in low
    # The head had come: whoever it was can be reached, though none of the body was handed out.
    arrived = arrived or (call.status_code is not None and not slow)
    verdict = Verdict("connection", _title(low, arrived=arrived))
    verdict.text = [f"{kind}: {message}" if message else kind]
    if arrived and call.completion:
        verdict.text.append("The text that had arrived is kept.")
    verdict.next = _next(low, arrived=arrived)
    return verdict


def _title(low: str, *, arrived: bool) -> str:
    if arrived:
        return "The connection broke in mid-answer"
    for words, title in _TITLES:
        if any(word in low for word in words):
            return title
    return "The connection broke before an answer"


def _next(low: str, *, arrived: bool) -> str:
    if arrived:
        return "Send it again. If it breaks at the same place, ask for a shorter answer."
    if "timeout" in low or "timed out" in low:
        return "Raise the client’s timeout, or ask for less at once."
    if "certificate" in low or "ssl" in low:
        return "Check the client’s certificates: a proxy in between may use its own."
    return "Check the base URL and the network."


def interrupted_verdict(call: Call, evidence: Evidence) -> Verdict:
    """Word a call that the user stopped, or a stream that was dropped."""
    seconds = seconds_word(call.duration_ms)
    who = "The answer was dropped" if evidence.outcome == "abandoned" else "You stopped it"
    title = f"{who} after {seconds}" if seconds else "It was stopped before its end"
    made = call.usage.output_tokens
    kept = f"{made:,} {'token' if made == 1 else 'tokens'} had arrived and are kept." if made else None
    if not evidence.arrived:
        kept = "Nothing had arrived."
    texts = [" ".join(filter(None, [kept, "The gateway may have gone on and counted more."]))]
    return Verdict("interrupted", title, texts, next="Run the cell again, or replay this call alone.")
