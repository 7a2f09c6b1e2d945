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


@pytest.mark.parametrize("body", [[1, 2], "just text", {}, {"answer": 42}, 7])
def test_json_that_is_not_the_apis_is_shown_as_it_came(body: Any) -> None:
    call = call_of_attempts([attempt(request=ASKED, answer=plain(body))])
    ((part,),) = [answer.parts for answer in call.answers]
    assert (part.text if part.kind == "text" else part.value) == body
    assert call.notes == [
        "The answer is JSON, but not what chat.completions answers; it is shown as it came."
    ]


def test_a_body_that_is_not_utf8_is_said_to_be_none() -> None:
    call = answered([b'{"choices":[{"message":{"content":"a\xffb"},"finish_reason":"stop"}]}'])
    assert call.completion == "a\ufffdb"
    assert call.notes == ["The answer holds bytes that are not UTF-8; they are shown as �."]


def test_a_redirect_that_was_not_followed() -> None:
    call = call_of_attempts(
        [attempt(request=ASKED, answer={"status": 307, "headers": {}, "text": ""}, outcome="complete")]
    )
    assert (call.status, call.error_type) == ("error", "redirect")
    assert "HTTP 307" in call.verdict.text[0]


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("/v2/chat", "/v2/chat"),
        ("https://me:pw@login.example.com/oauth?state=s3cret#top", "https://login.example.com/oauth"),
        ("", None),
        ("?to=elsewhere", None),
        ("http://[", None),
    ],
)
def test_where_a_redirect_leads(location: str, place: str | None) -> None:
    answer = {"status": 302, "headers": {"location": location}, "text": ""}
    call = call_of_attempts([attempt(request=ASKED, answer=answer)])
    assert call.verdict.text == [f"HTTP 302: the answer is at {place or 'another address'}."]
    assert call.error_message == f"a redirect{f' to {place}' if place else ''} was not followed"


def test_the_json_null_is_no_empty_body() -> None:
    call = answered([b" null "])
    assert (call.status, call.error_type, call.response_text) == ("error", "empty_body", "null")
    assert call.verdict.text == ["HTTP 200 and the JSON null."]
    assert answered([b""]).verdict.text == ["HTTP 200 and an empty body."]


GEMINI = "https://h/v1beta/models/gemini-2.5-flash:generateContent"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"promptFeedback": {"blockReason": "SAFETY"}}, "the blockReason is SAFETY"),
        ({"candidates": [{"finishReason": "SPII"}]}, "the finishReason is SPII"),
    ],
)
def test_a_content_filter_is_told_in_the_words_of_the_api(body: Any, words: str) -> None:
    call = call_of_attempts([attempt(GEMINI, {"contents": []}, plain(body))])
    assert call.status == "blocked"
    told = " ".join([*call.verdict.text, call.verdict.next])
    assert words in told
    assert "finish_reason" not in told


def test_a_stop_reason_of_refusal_is_said() -> None:
    body = {"type": "message", "role": "assistant", "content": [], "stop_reason": "refusal"}
    call = call_of_attempts([attempt("https://h/v1/messages", ASKED, plain(body))])
    assert call.notes == ["The model refused to answer or to go on: its stop reason is refusal."]


@pytest.mark.parametrize(
    ("url", "request_body", "text"),
    [
        ("https://h/v1/embeddings", {"input": ["Cat", "Dog"]}, "Cat\nDog"),
        ("https://h/v1/completions", {"prompt": ["p1", "p2"]}, "p1\np2"),
        ("https://h/v1/rerank", {"query": "q", "documents": ["a", "b"]}, "a\nb"),
        (
            "https://h/v1/chat/completions",
            {"messages": [{"role": "user", "content": [{"type": "text", "text": t} for t in ("A.", "B.")]}]},
            "A.\nB.",
        ),
    ],
)
def test_texts_sent_as_a_list_do_not_run_together(url: str, request_body: Any, text: str) -> None:
    assert call_of_attempts([attempt(url, request_body, plain({}))]).messages[0].text == text


def test_pieces_of_one_answer_are_one_text() -> None:
    body = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": t} for t in ("The grass ", "is green.")],
    }
    call = call_of_attempts([attempt("https://h/v1/messages", ASKED, plain(body))])
    assert call.completion == "The grass is green."
