"""Answers that are not what the API answers: what is said of them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

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


AGENT = "https://host/serving-endpoints/my-agent/invocations"
CRASH = {"databricks_output": {"error": {"error_code": "INTERNAL", "message": "agent crashed"}}}
DELTA = {"type": "response.output_text.delta", "item_id": "m", "delta": "Hel"}
RESPONSE = {"object": "response", "output": [], "status": "completed"}


def streamed(*events: Any) -> dict[str, Any]:
    return {"status": 200, "headers": EVENTS, "events": list(events)}


def plain(body: Any) -> dict[str, Any]:
    return {"status": 200, "headers": {"content-type": "application/json"}, "body": body}


@pytest.mark.parametrize(
    "answer",
    [
        streamed(DELTA, CRASH, "[DONE]"),
        streamed(CRASH),
        streamed(DELTA, {"type": "response.completed", "response": {**RESPONSE, **CRASH}}),
        plain({**RESPONSE, **CRASH}),
        plain(CRASH),
        plain({"databricks_output": {"error": "agent crashed"}}),
    ],
)
@pytest.mark.parametrize("sent", ["Hi", [{"role": "user", "content": "Hi"}]])
def test_an_agent_that_crashed_is_an_error(answer: dict[str, Any], sent: Any) -> None:
    call = call_of_attempts([attempt(AGENT, {"input": sent}, answer)])
    assert (call.status, call.error_message) == ("error", "agent crashed")
    assert "agent crashed" in call.verdict.text[0]


def test_an_error_object_with_http_200_is_an_error() -> None:
    body = {"object": "error", "message": "no such model", "type": "NotFoundError", "code": 404}
    call = call_of_attempts([attempt(request=ASKED, answer=plain(body))])
    assert (call.status, call.error_type, call.error_message) == ("error", "NotFoundError", "no such model")
    del body["type"]
    assert call_of_attempts([attempt(request=ASKED, answer=plain(body))]).error_type == "404"


def fragment(index: int, given: str | None, name: str | None, arguments: str) -> dict[str, Any]:
    call = {"index": index, "id": given, "function": {"name": name, "arguments": arguments}}
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}


def test_tool_calls_under_one_index_are_told_apart_by_their_ids() -> None:
    events = [
        fragment(0, "a", "now", "{}"),
        fragment(0, "b", "add", '{"x"'),
        fragment(0, None, None, ":1"),
        fragment(0, "b", None, "}"),
    ]
    (answer,) = call_of_attempts([attempt(request=ASKED, answer=streamed(*events))]).answers
    assert [(p.id, p.name, p.text) for p in answer.parts] == [("a", "now", "{}"), ("b", "add", '{"x":1}')]
    # Every fragment with an id of its own, as of some servers, is still one call.
    events = [fragment(0, "a", "add", '{"x"'), fragment(0, "r2", None, ":1}")]
    (answer,) = call_of_attempts([attempt(request=ASKED, answer=streamed(*events))]).answers
    assert [(p.id, p.text) for p in answer.parts] == [("a", '{"x":1}')]
