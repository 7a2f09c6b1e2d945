"""How a call ended: the order in which what happened is told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Failure, failure_of, first_words, html_words, is_html
from . import mlflow_gateway
from .connection import connection_verdict, interrupted_verdict
from .evidence import Evidence, Outcome
from .guardrails import (
    content_filter_verdict,
    guardrail_verdict,
    policy_of,
    policy_verdict,
    provider_filter_verdict,
)
from .odd import damaged_stream, error_inside, odd_answer, redirected, undecodable_body
from .refusals import (
    budget_verdict,
    gateway_verdict,
    is_budget,
    provider_verdict,
    rate_limit_verdict,
    status_word,
)

if TYPE_CHECKING:
    from ..call import AttemptFacts, Call

Json = Any
# What OpenAI and Azure call an error of their content filter.
_FILTERED = frozenset({"content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"})


def outcome_of(call: Call, evidence: Evidence) -> Outcome:
    """Reach the verdict on a call whose other fields are filled in."""
    failure = failure_of(evidence.response)
    held = _held_back(call, evidence, failure)
    if held is not None:
        return held
    if call.status_code is not None and call.status_code >= 400:
        return _refused(call, evidence, failure or Failure(message=_words_of(evidence.text)))
    if call.status_code is not None and call.status_code >= 300:
        return redirected(call)
    if failure is not None and _says_error(evidence.response):
        return error_inside(call, evidence, failure)
    broken = None if evidence.complete else _broken_off(call, evidence)
    return broken or odd_answer(call, evidence)


def _held_back(call: Call, evidence: Evidence, failure: Failure | None) -> Outcome | None:
    """Tell guardrails and policies, which answer with any status, 200 included."""
    if failure is not None and failure.guardrail is not None:
        verdict, words = guardrail_verdict(call, failure.guardrail)
        return Outcome("blocked", failure.code, words, verdict)
    mlflow = mlflow_gateway.held_back(call, failure)
    if mlflow is not None:
        return mlflow
    policy = policy_of(evidence.response)
    if policy is not None:
        verdict, words = policy_verdict(call, policy)
        return Outcome("blocked", "content_filter", words, verdict)
    if failure is not None and failure.code in _FILTERED:
        return Outcome("blocked", failure.code, failure.message, provider_filter_verdict(failure))
    if (call.status_code or 200) < 400 and "content_filter" in call.finish_reasons:
        verdict, words = content_filter_verdict(call)
        return Outcome("blocked", "content_filter", words, verdict)
    return None


def _refused(call: Call, evidence: Evidence, failure: Failure) -> Outcome:
    """Tell the HTTP errors apart."""
    status = call.status_code or 0
    code = failure.code or status_word(status)
    if status == 429:
        return Outcome("rate_limited", code, failure.message, rate_limit_verdict(call, failure))
    if status == 403 and is_budget(failure):
        return Outcome("blocked", code, failure.message, budget_verdict(call, failure))
    if failure.provider is not None:
        return Outcome("error", code, failure.message, provider_verdict(call, failure))
    page = evidence.text is not None and is_html(evidence.text)
    return Outcome("error", code, failure.message, gateway_verdict(call, failure, page=page))


def _broken_off(call: Call, evidence: Evidence) -> Outcome | None:
    """Tell who ended an answer before its end: the connection, the SDK, or the user; None for nobody."""
    undecodable = undecodable_body(call, evidence)
    if undecodable is not None or evidence.outcome in (None, "complete"):
        return undecodable
    if evidence.outcome == "error":
        kind, message = evidence.raised or ("error", "")
        verdict = connection_verdict(call, kind, message, arrived=evidence.arrived)
        return Outcome("error", kind, message, verdict)
    if evidence.outcome == "closed" and evidence.damaged:
        return damaged_stream(call)
    return Outcome("interrupted", verdict=interrupted_verdict(call, evidence))


def failed_attempt(facts: AttemptFacts, response: Json, text: str | None) -> None:
    """Fill in what an attempt that was no success said."""
    failure = failure_of(response)
    if failure is not None:
        facts.error_type, facts.error_message = failure.code, failure.message
    else:
        facts.error_message = _words_of(text)
    if facts.error_type is None and facts.status_code is not None:
        facts.error_type = status_word(facts.status_code)


def _says_error(response: Json) -> bool:
    """Tell an error from a success that has a ``message`` of its own, where HTTP said 200."""
    if type(response) is list:
        response = response[0] if response else None
    if type(response) is not dict:
        return False
    output = response.get("databricks_output")
    inside = type(output) is dict and output.get("error")
    if response.get("object") == "response":
        return bool(response.get("status") == "failed" or inside)
    named = type(response.get("error_code")) is str or "error" in (
        response.get("type"),
        response.get("object"),
    )
    return bool(response.get("error") or inside or named)


def _words_of(text: str | None) -> str | None:
    if not text:
        return None
    return html_words(text) if is_html(text) else first_words(text)
