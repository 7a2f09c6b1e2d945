"""Verdicts of refusals that look at the caller, not at the text: limits, budgets, errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..call import Verdict

if TYPE_CHECKING:
    from ..call import Call
    from ..errors import Failure

# The sentence of Databricks' own limiter: "Exceeded workspace QPS rate limit for <endpoint>. …"
_EXCEEDED = re.compile(r"[Ee]xceeded (?:the )?(.{1,80}?) rate limit")
_KINDS = {
    "workspace qps": "workspace queries per second",
    "qps": "queries per second",
    "qpm": "queries per minute",
    "tpm": "tokens per minute",
    "rpm": "requests per minute",
}
_BUDGET = re.compile(
    r"^Budget \"([^\"]{1,200})\"(?: \([^)]{0,100}\))? has reached its limit of ([^\s]{1,40}?)\.?(?:\s|$)"
)
_SENTENCE = re.compile(r"^(.{10,300}?[.!?])(?:\s|$)", re.DOTALL)

_TITLES = {
    400: "The gateway refused the request",
    401: "The gateway does not know you",
    403: "You are not allowed to do this",
    404: "There is nothing at this address",
    408: "The gateway waited too long",
    409: "The gateway is busy with another change",
    413: "The request is too large",
    422: "The gateway could not read the request",
    499: "The connection was closed before the answer",
    500: "The gateway failed",
    502: "The gateway got no answer from the model",
    503: "The model is not available",
    504: "The model took too long",
}
_NEXT = {
    401: "Check the token: it may have expired, or belong to another workspace.",
    403: "Ask the endpoint’s owner for permission to query it.",
    404: "Check the name of the model and the base URL.",
    408: "Send it again, or ask for less at once.",
    413: "Send less at once.",
    504: "Send it again, or ask for a shorter answer.",
}


def limit_of(message: str | None) -> str | None:
    """Name the limit that was hit, as far as the sentence says: ``workspace queries per second``."""
    found = _EXCEEDED.search(message or "")
    if found is None:
        return None
    words = found.group(1).strip()
    return _KINDS.get(words.lower(), words)


def rate_limit_verdict(call: Call, failure: Failure) -> Verdict:
    """Word a 429 that stayed one to the last attempt."""
    count = max(len(call.attempts), 1)
    verdict = Verdict(
        "rate_limit", f"Rate limit: gave up after {count} {'attempt' if count == 1 else 'attempts'}"
    )
    message = failure.message
    quoted = ""
    if message:
        first = _SENTENCE.match(message)
        quoted = f"“{first.group(1) if first else message[:300]}” "
    wait = call.attempts[-1].retry_after if call.attempts else None
    code = f" {failure.code}" if failure.code else ""
    after = f", Retry-After {_seconds(wait)}" if wait is not None else ""
    verdict.text = [f"{quoted}{'429' if quoted else 'HTTP 429'}{code}{after}."]
    limit = limit_of(message)
    if limit:
        verdict.categories = [limit]
    verdict.next = (
        f"Wait {_seconds(wait)}, or send fewer at once." if wait else "Wait a little, or send fewer at once."
    )
    if message and "provisioned throughput" in message.lower():
        verdict.next += " The gateway suggests a provisioned throughput endpoint."
    return verdict


def is_budget(failure: Failure) -> bool:
    """Tell a budget that is used up from a permission that is missing: both are 403 PERMISSION_DENIED."""
    return _BUDGET.match(failure.message or "") is not None


def budget_verdict(call: Call, failure: Failure) -> Verdict:
    """Word a 403 of a budget."""
    found = _BUDGET.match(failure.message or "")
    name, limit = found.groups() if found else ("", "")
    verdict = Verdict("budget", f"Budget “{name}” is used up")
    verdict.text = [
        f"HTTP {call.status_code} {failure.code or ''}".rstrip()
        + f". The limit of {limit} is reached; calls that count against it fail until it is raised."
    ]
    verdict.next = "Ask the budget’s admin. Retrying will not help."
    return verdict


def provider_verdict(call: Call, failure: Failure) -> Verdict:
    """Word an error of the model's provider that the gateway passed on."""
    failed = (call.status_code or 0) >= 500
    verdict = Verdict("provider", "The provider failed" if failed else "The provider refused the request")
    words = " ".join(filter(None, [failure.code, failure.message]))
    verdict.text = [f"{failure.provider}: {words}"]
    if failed:
        verdict.next = "Send it again. If it goes on, look at the provider’s status page."
    else:
        verdict.next = "Change the request: the same one will be refused again."
        if len(call.attempts) == 1:
            verdict.next += " The SDK did not retry."
    return verdict


def gateway_verdict(call: Call, failure: Failure, *, page: bool) -> Verdict:
    """Word any other HTTP error."""
    status = call.status_code or 0
    title = _TITLES.get(status) or (
        "The gateway failed" if status >= 500 else "The gateway refused the request"
    )
    verdict = Verdict("error", title)
    code = f" {failure.code}" if failure.code else ""
    if page:
        verdict.text = [f"HTTP {status}, with a web page: “{failure.message}”"]
        verdict.next = "Check the base URL and your sign-in: a proxy or a login page may have answered."
        return verdict
    verdict.text = [
        f"HTTP {status}{code}: {failure.message}" if failure.message else f"HTTP {status}{code}, no words."
    ]
    verdict.next = _NEXT.get(status) or (
        "Send it again. If it goes on, tell the gateway’s owner the request id."
        if status >= 500
        else "Change the request: the same one will be refused again."
    )
    return verdict


def _seconds(seconds: float | None) -> str:
    return f"{seconds:g} s" if seconds is not None else ""


_STATUS_WORDS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    409: "conflict",
    413: "too_large",
    422: "unprocessable",
    429: "rate_limited",
    500: "server_error",
    502: "bad_gateway",
    503: "unavailable",
    504: "timeout",
}


def status_word(status: int) -> str | None:
    """Give a word for an HTTP error that came without a code of its own."""
    return _STATUS_WORDS.get(status, f"http_{status}") if status >= 400 else None
