"""Verdicts of answers that HTTP calls a success and that are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from ..call import Verdict
from ..errors import first_words, html_words, is_html
from .evidence import Outcome

if TYPE_CHECKING:
    from ..call import Call
    from ..errors import Failure
    from .evidence import Evidence


_LONGEST_PLACE = 200


def error_inside(call: Call, evidence: Evidence, failure: Failure) -> Outcome:
    """Word an answer that began with HTTP 200, and whose body or last event says otherwise."""
    if evidence.streamed:
        title = "The stream ended with an error"
    else:
        title = "The gateway answered 200 with an error inside"
    said = ": ".join(filter(None, [failure.provider, failure.code, failure.message]))
    texts = [said or "It gave no words."]
    if call.completion:
        texts.append("The text that had arrived before it is kept.")
    if not evidence.streamed:
        texts.append("The SDK may have raised nothing.")
    verdict = Verdict("provider" if failure.provider else "error", title, texts)
    verdict.next = "Check the answer before you use it, or send the request again."
    return Outcome("error", failure.code or "error", failure.message, verdict)


def damaged_stream(call: Call) -> Outcome:
    """Word a stream that was closed at an event nobody can read: the SDK gave up on it, not the user."""
    verdict = Verdict("error", "A line of the stream could not be read")
    verdict.text = ["The stream was closed there, as SDKs do when a line is no JSON or no UTF-8."]
    if call.completion:
        verdict.text.append("The text that had arrived before it is kept.")
    verdict.next = "Send it again; if it stays broken, tell the gateway’s owner."
    return Outcome("error", "invalid_stream", "a line of the stream could not be read", verdict)


# What httpx, urllib3 and requests raise when a body is not in the encoding its header names.
_DECODING = frozenset({"DecodingError", "DecodeError", "ContentDecodingError"})


def undecodable_body(call: Call, evidence: Evidence) -> Outcome | None:
    """Word a body that is not in its content-encoding; None for others, and where the user stopped it."""
    kind, message = evidence.raised or ("", "")
    if evidence.outcome == "cancelled" or not (evidence.undecodable or kind in _DECODING):
        return None
    if kind and kind not in _DECODING:
        return None
    verdict = Verdict("error", "The answer could not be decoded")
    verdict.text = [
        f"HTTP {call.status_code}, and the body is not in the content-encoding that its header names:"
        f" {evidence.undecodable or message}."
    ]
    if call.completion:
        verdict.text.append("The text that had arrived before it is kept.")
    verdict.next = (
        "Send it again; if it stays so, tell the gateway’s owner, or the owner of a proxy in between."
    )
    # A stream's reader raises where we cannot see it; httpx calls it so.
    return Outcome("error", kind or "DecodingError", message or evidence.undecodable, verdict)


def odd_answer(call: Call, evidence: Evidence) -> Outcome:
    """Word a body that is not what the API answers; most calls end here, with nothing to say."""
    if evidence.streamed:
        return Outcome(notes=[*_refusal_notes(call), *_stream_notes(call, evidence)])
    if not evidence.json_expected or evidence.response is not None:
        return Outcome(notes=_refusal_notes(call))
    text = evidence.text or ""
    if text.strip() in ("", "null"):
        return _nothing(call, evidence, null=bool(text.strip()))
    if is_html(text):
        return _web_page(call, text)
    if text.lstrip()[:1] in ("{", "["):
        return _broken_json(text)
    return Outcome(notes=["The answer is plain text, not JSON."])


def redirected(call: Call) -> Outcome:
    """Word a redirect that the client did not follow."""
    verdict = Verdict("error", "The gateway sent you elsewhere, and the client did not follow")
    place = _place(call)
    where = "another address" if place is None else place
    verdict.text = [f"HTTP {call.status_code}: the answer is at {where}."]
    verdict.next = "Use that address as the base URL, or have the client follow redirects."
    said = "a redirect was not followed" if place is None else f"a redirect to {place} was not followed"
    return Outcome("error", "redirect", said, verdict)


def _place(call: Call) -> str | None:
    """Name where a redirect leads: without the query, which for a sign-in is long and holds tokens."""
    headers = call.attempts[-1].response_headers if call.attempts else {}
    address = re.sub(r"//[^/?#]*@", "//", headers.get("location") or "", count=1)
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    place = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    return place[:_LONGEST_PLACE] or None


def _stream_notes(call: Call, evidence: Evidence) -> list[str]:
    """Say when a stream that was read to its end had none."""
    if not evidence.whole and call.api != "unknown":
        return ["The stream ended without a finish reason: the answer may be cut."]
    ends_so = call.api in ("chat.completions", "completions")
    if ends_so and evidence.outcome == "complete" and not evidence.done:
        return ["The stream had no “[DONE]” at its end."]
    return []


def _refusal_notes(call: Call) -> list[str]:
    """Say that a model would not answer, which Anthropic's tells by the stop reason alone."""
    if "refusal" not in call.finish_reasons:
        return []
    return ["The model refused to answer or to go on: its stop reason is refusal."]


def _nothing(call: Call, evidence: Evidence, *, null: bool) -> Outcome:
    """Word a body that is empty, or the one JSON that holds nothing."""
    if evidence.outcome is None:
        # A stored row without a body says nothing of the answer that was sent.
        return Outcome(notes=["The answer is the JSON null, which says nothing."] if null else [])
    verdict = Verdict("error", "The gateway answered with nothing")
    verdict.text = [f"HTTP {call.status_code} and {'the JSON null' if null else 'an empty body'}."]
    verdict.next = "Send it again. If it stays empty, check the URL and what is between you and the gateway."
    said = "the body is the JSON null" if null else "the body is empty"
    return Outcome("error", "empty_body", said, verdict)


def _web_page(call: Call, text: str) -> Outcome:
    words = html_words(text)
    verdict = Verdict("error", "The gateway answered with a web page")
    verdict.text = [f"“{words}”", f"HTTP {call.status_code}."]
    verdict.next = "Check the base URL and your sign-in: a proxy or a login page may have answered."
    return Outcome("error", "html", f"a web page: {words}", verdict)


def _broken_json(text: str) -> Outcome:
    verdict = Verdict("error", "The answer is not valid JSON")
    verdict.text = [f"It begins “{first_words(text, 120)}”."]
    verdict.next = "The body is kept as it came. If it stays broken, tell the gateway’s owner."
    return Outcome("error", "invalid_json", "the body is not valid JSON", verdict)
