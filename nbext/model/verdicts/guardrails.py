"""Verdicts of what looks into the text: guardrails (route A), service policies (route B), content filters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..call import Verdict
from ..dialects.generate_content import HELD as GEMINI_HELD

if TYPE_CHECKING:
    from ..call import Call
    from ..errors import Failure

Json = Any

_PERSONAL = re.compile(r"\bpii\b|pii_|privacy|personal|email|phone|ssn|credit.?card", re.IGNORECASE)
_NAMED_GUARDRAIL = re.compile(r"(input|output) guardrail '([^']{1,200})'", re.IGNORECASE)
_NAMED_POLICY = re.compile(r"This (request|response) was blocked by the '([^']{1,200})' service policy")


def guardrail_verdict(call: Call, block: dict[str, Json]) -> tuple[Verdict, str]:
    """Read the block of route A, HTTP 400 with this object as JSON inside ``message``.

    Keys: ``input_guardrail`` or ``output_guardrail``, each a list of ``{flagged, categories,
    pii_detection, anonymized_input}``, ``finishReason`` and ``usage``.
    """
    output = "output_guardrail" in block or str(block.get("finishReason", "")).startswith("output")
    found = block.get("output_guardrail" if output else "input_guardrail")
    findings = [f for f in (found if type(found) is list else [found]) if type(f) is dict]
    categories = _flagged(findings)
    pii = any(f.get("pii_detection") is True for f in findings) or "privacy" in categories
    what = "personal data" if pii else "unsafe content" if categories else "text it does not allow"
    side = "Output" if output else "Input"
    verdict = Verdict(
        "guardrail", "Blocked after the model answered" if output else "Blocked before the model saw it"
    )
    verdict.categories = categories
    verdict.hide_input = pii
    verdict.masked = _masked(findings, "anonymized_output" if output else "anonymized_input")
    of = f" of {call.endpoint}" if call.endpoint else ""
    named = (
        f", {'category' if len(categories) == 1 else 'categories'} {', '.join(categories)}"
        if categories
        else ""
    )
    verdict.text = [f"{side} guardrail{of}: {what}{named}. HTTP {call.status_code or 400}, {_used(call)}."]
    if pii:
        verdict.next = (
            "Take the values out before you send, or ask the endpoint’s owner to mask instead of block."
        )
    else:
        verdict.next = "Change the prompt, or ask the endpoint’s owner what the guardrail allows."
    return verdict, f"{what} in the {'answer' if output else 'prompt'}"


def policy_of(response: Json) -> dict[str, Json] | None:
    """Give the service policy that denied the call (route B, HTTP 200), or None.

    ``databricks_service_policy`` holds ``name``, ``action``, ``phase`` and ``reason``; without it,
    the gateway's own answer id or its sentence tells.
    """
    if type(response) is not dict:
        return None
    policy = response.get("databricks_service_policy")
    if type(policy) is dict:
        return policy if str(policy.get("action", "deny")).lower() in ("deny", "block", "") else None
    if response.get("id") != "databricks-guardrail-block":
        return None
    said = str(response.get("choices"))[:2000]
    if named := _NAMED_POLICY.search(said):
        return {"name": named.group(2), "phase": "post_call" if named.group(1) == "response" else "pre_call"}
    if guard := _NAMED_GUARDRAIL.search(said):
        return {
            "name": guard.group(2),
            "phase": "post_call" if guard.group(1).lower() == "output" else "pre_call",
        }
    return {}


def policy_verdict(call: Call, policy: dict[str, Json]) -> tuple[Verdict, str]:
    """Word a denial; the policy's reason is kept apart, for it may quote what was sent."""
    name = policy.get("name") if type(policy.get("name")) is str else None
    after = policy.get("phase") == "post_call"
    reason = policy.get("reason") if type(policy.get("reason")) is str else None
    quoted = f"“{name}”" if name else ""
    when = "after the call" if after else "before the call"
    verdict = Verdict("policy", " ".join(filter(None, ["Blocked by service policy", quoted])) + f", {when}")
    verdict.text = [
        "HTTP said 200 and the SDK raised nothing. The “answer” is the gateway’s text, not the model’s."
    ]
    if after and call.usage.output_tokens:
        verdict.text.append(
            f"The model had answered: {call.usage.output_tokens:,} tokens were made and count."
        )
    verdict.reason = reason
    verdict.hide_input = bool(_PERSONAL.search(f"{name or ''} {reason or ''}"))
    verdict.categories = [name] if name else []
    verdict.next = (
        'In code, treat finish_reason == "content_filter" as a refusal. '
        "Denied calls never reach the inference table."
    )
    return verdict, " ".join(filter(None, ["policy", quoted])) + f", HTTP {call.status_code or 200}"


def provider_filter_verdict(failure: Failure) -> Verdict:
    """Word a refusal by the provider's content filter (OpenAI and Azure: an error with that code)."""
    verdict = Verdict("guardrail", "Blocked by the provider’s content filter")
    who = f"{failure.provider}: " if failure.provider else ""
    verdict.text = [f"{who}{failure.message or failure.code}"]
    verdict.categories = [failure.code] if failure.code else []
    verdict.next = "Change the prompt: sending the same again will be blocked again."
    return verdict


def content_filter_verdict(call: Call) -> tuple[Verdict, str]:
    """Word an answer that ended with the finish reason ``content_filter``, or what Gemini says for it."""
    verdict = Verdict("guardrail", "Stopped by a content filter")
    said = _reason_of(call.response)
    words = f"the {said[0]} is {said[1]}" if said else "the answer’s finish reason is content_filter"
    verdict.text = [f"HTTP said {call.status_code or 200}; {words}."]
    if call.completion:
        verdict.text.append("What stands here is not a full answer.")
    told = f'{said[0]} "{said[1]}"' if said else 'finish_reason == "content_filter"'
    verdict.next = f"In code, treat {told} as a refusal."
    return verdict, "a content filter"


def _reason_of(response: Json) -> tuple[str, str] | None:
    """Give what Gemini calls it: the prompt's block reason, or the finish reason of a candidate."""
    if type(response) is not dict:
        return None
    feedback, candidates = response.get("promptFeedback"), response.get("candidates")
    if type(feedback) is dict and type(feedback.get("blockReason")) is str:
        return "blockReason", feedback["blockReason"]
    for candidate in candidates if type(candidates) is list else []:
        reason = candidate.get("finishReason") if type(candidate) is dict else None
        if reason in GEMINI_HELD:
            return "finishReason", reason
    return None


def _flagged(findings: list[dict[str, Json]]) -> list[str]:
    names: dict[str, None] = {}
    for finding in findings:
        categories = finding.get("categories")
        if type(categories) is dict:
            names.update(dict.fromkeys(str(k) for k, flagged in categories.items() if flagged is True))
        elif type(categories) is list:
            names.update(dict.fromkeys(str(c) for c in categories))
    return list(names)


def _masked(findings: list[dict[str, Json]], key: str) -> str | None:
    """Give the gateway's masked copy of the last message."""
    for finding in findings:
        copies = finding.get(key) or finding.get("anonymized_input")
        copies = copies if type(copies) is list else [copies]
        for message in reversed(copies):
            content = message.get("content") if type(message) is dict else message
            if type(content) is list:
                content = "".join(str(b.get("text", "")) if type(b) is dict else str(b) for b in content)
            if type(content) is str and content:
                return content
    return None


def _used(call: Call) -> str:
    total = call.usage.total_tokens
    if total is None:
        return "tokens unknown"
    return "no tokens used" if total == 0 else f"{total:,} tokens used"
