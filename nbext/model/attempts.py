"""What the attempts of a call tell, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bodies import MAX_TEXT, parsed
from .call import AttemptFacts
from .dialects import UNKNOWN
from .facts import request_id_of, retry_after_of
from .reading import Reading
from .verdicts import failed_attempt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .attempt import Attempt
    from .bodies import Answer
    from .redact import Redactor

Json = Any


def attempts_of(attempts: Sequence[Attempt], answer: Answer, redactor: Redactor) -> list[AttemptFacts]:
    """Read all attempts of a call; the answer of the last one is read already."""
    facts = []
    last = attempts[-1]
    for attempt in attempts:
        facts += _inner_retries(attempt, redactor)
        facts.append(_last(last, answer, redactor) if attempt is last else _earlier(attempt, redactor))
    for number, one in enumerate(facts):
        one.number = number
    return facts


def _earlier(attempt: Attempt, redactor: Redactor) -> AttemptFacts:
    """Read an attempt that was followed by another: its body says why."""
    value: Json = None
    text: str | None = None
    body = Reading(attempt, UNKNOWN).body()
    if body is not None and not body.streamed and body.size < MAX_TEXT * 16:
        value, text = parsed(body.data().decode("utf-8", "replace"), redactor)
    facts = _plain(attempt, value, redactor)
    if attempt.error is None:
        failed_attempt(facts, value, text)
    return facts


def _last(attempt: Attempt, answer: Answer, redactor: Redactor) -> AttemptFacts:
    facts = _plain(attempt, answer.value, redactor)
    if attempt.error is None and (attempt.status_code or 0) >= 400:
        failed_attempt(facts, answer.value, answer.text)
    return facts


def _plain(attempt: Attempt, body: Json, redactor: Redactor) -> AttemptFacts:
    headers = redactor.headers(attempt.response_headers)
    facts = AttemptFacts(
        number=attempt.number,
        start_ns=attempt.start_ns,
        headers_ns=attempt.headers_ns,
        end_ns=attempt.end_ns,
        status_code=attempt.status_code,
        request_id=request_id_of(headers, body),
        retry_after=retry_after_of(headers),
        outcome=attempt.outcome,
        response_headers=headers,
        request_headers=redactor.headers(attempt.request_headers),
        request_bytes=len(attempt.request_body),
        response_bytes=sum(map(len, attempt.pieces)),
    )
    if attempt.error is not None:
        facts.error_type = attempt.error[0]
        facts.error_message = redactor.text(attempt.error[1])
    return facts


def _inner_retries(attempt: Attempt, redactor: Redactor) -> list[AttemptFacts]:
    """Retries made below the SDK: that there were some is known, when they were is not."""
    return [
        AttemptFacts(
            number=0,
            start_ns=attempt.start_ns,
            end_ns=attempt.start_ns,
            status_code=status,
            error_message=redactor.text(error) if error else None,
            outcome="complete" if status is not None else "error",
            request_bytes=len(attempt.request_body),
        )
        for status, error in attempt.inner_retries
    ]
