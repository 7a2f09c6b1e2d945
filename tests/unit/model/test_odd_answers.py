"""Answers that are not what the API answers: what is said of them."""

from __future__ import annotations

import gzip
from typing import Any

from nbext.model.assemble import call_of_attempts

from .building import attempt

ASKED = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
EVENTS = {"content-type": "text/event-stream"}
CHUNK = b'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n'


def answered(pieces: list[bytes], headers: dict[str, str] | None = None, **how: Any) -> Any:
    given = {"status": 200, "headers": headers or {"content-type": "application/json"}}
    return call_of_attempts([attempt(request=ASKED, answer=given, pieces=pieces, **how)])


def test_a_body_in_another_encoding_than_its_header_names() -> None:
    encoded = {**EVENTS, "content-encoding": "gzip"}
    for outcome in ("closed", "abandoned", "complete"):
        call = answered([b"no gzip"], encoded, outcome=outcome)
        assert (call.status, call.error_type) == ("error", "DecodingError")
        assert "not gzip" in call.error_message
    assert answered([b"no gzip"], encoded, outcome="cancelled").status == "interrupted"
    begun = gzip.compress(CHUNK)[:-9]
    assert answered([begun], encoded, outcome="closed").status == "interrupted"


def test_a_connection_that_broke_after_the_head_was_reached() -> None:
    raised = ("ProtocolError", "('Connection broken: IncompleteRead(9 bytes read)', …)")
    call = answered([], outcome="error", raised=raised)
    assert call.verdict.title == "The connection broke in mid-answer"
    assert "base URL" not in call.verdict.next
    slow = answered([], outcome="error", raised=("ReadTimeout", "timed out"))
    assert slow.verdict.title == "No answer in time"
