"""Bodies as tables and trace stores keep them: every form gives the same call."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nbext.model.assemble import call_of_bodies

if TYPE_CHECKING:
    from nbext.model.call import Call

REQUEST = {"messages": [{"role": "user", "content": "Hello?"}], "stream": True}
CHUNKS: list[dict[str, Any]] = [
    {
        "id": "chatcmpl_7268e4ee",
        "object": "chat.completion.chunk",
        "created": 1758326500,
        "model": "meta-llama-3.3-70b-instruct-121024",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
        "usage": {"prompt_tokens": 14, "completion_tokens": made, "total_tokens": 14 + made},
    }
    for delta, reason, made in (
        ({"role": "assistant", "content": ""}, None, 3),
        ({"content": "Hello! "}, None, 3),
        ({"content": "You?"}, None, 5),
        ({"content": ""}, "stop", 7),
    )
]
WHOLE = {
    **{k: v for k, v in CHUNKS[0].items() if k not in ("choices", "object")},
    "object": "chat.completion",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Hello! You?"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 14, "completion_tokens": 7, "total_tokens": 21},
}
SSE = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in CHUNKS) + "data: [DONE]\n\n"
FORMS: dict[str, Any] = {
    "parsed": WHOLE,
    "text": json.dumps(WHOLE),
    "bytes": json.dumps(WHOLE).encode(),
    "json in json": json.dumps(json.dumps(WHOLE)),
    "chunks as text": json.dumps(CHUNKS),
    "chunks parsed": CHUNKS,
    "chunks each as text": [json.dumps(chunk) for chunk in CHUNKS],
    "chunks each as an event": [f"data: {json.dumps(chunk)}\n\n" for chunk in CHUNKS],
    "events as text": SSE,
    "events as bytes": SSE.encode(),
    "events with CRLF": SSE.replace("\n", "\r\n"),
    "events without [DONE]": SSE.replace("data: [DONE]\n\n", ""),
    "JSON lines": "\n".join(json.dumps(chunk) for chunk in CHUNKS),
}


def stored(request: Any, response: Any, **more: Any) -> Call:
    return call_of_bodies(
        call_id="c" * 16,
        trace_id="7" * 32,
        start_ns=10**18,
        end_ns=10**18 + 10**9,
        request=request,
        response=response,
        **more,
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("request_form", [REQUEST, json.dumps(REQUEST), json.dumps(REQUEST).encode()])
def test_every_form_of_a_stored_stream(form: str, request_form: Any) -> None:
    call = stored(request_form, FORMS[form], status_code=200)
    assert call.status == "ok"
    assert call.api == "chat.completions"
    assert call.prompt == "Hello?"
    assert call.completion == "Hello! You?"
    assert call.finish_reasons == ["stop"]
    assert (call.usage.input_tokens, call.usage.output_tokens) == (14, 7)
    assert not call.usage.estimated
    assert call.served_model == "meta-llama-3.3-70b-instruct-121024"
    assert call.response["choices"][0]["message"]["content"] == "Hello! You?"
    assert call.first_token_ns is None
    assert call.stream


def test_response_that_was_not_logged() -> None:
    call = stored(json.dumps(REQUEST), None, status_code=200)
    assert call.status == "ok"
    assert call.response is None
    assert call.answers == []
    assert call.usage.total_tokens is None
    assert call.cost.usd is None


@pytest.mark.parametrize("request_body", [None, "", "not json", "[1, 2", 5, [1], {"a": float("nan")}])
@pytest.mark.parametrize(
    "response", [None, "", "not json", "{", 5, [], [None], [[]], {}, "null", b"\xff", "<html>x</html>"]
)
def test_anything_is_a_call(request_body: Any, response: Any) -> None:
    call = stored(request_body, response)
    assert call.status in ("ok", "error")
    json.dumps([call.request, call.response], allow_nan=False)


@pytest.mark.parametrize(
    ("api", "url", "request_body", "expected"),
    [
        ("mlflow/v1/chat/completions", "", {}, "chat.completions"),
        ("mlflow/v1/embeddings", "", {}, "embeddings"),
        ("openai/v1/responses", "", {}, "responses"),
        ("anthropic/v1/messages", "", {}, "messages"),
        ("gemini/v1/generateContent", "", {}, "generate_content"),
        ("unmanaged", "", {}, "unknown"),
        ("llm/v1/chat", "", {}, "chat.completions"),
        ("llm/v1/completions", "", {}, "completions"),
        ("llm/v1/embeddings", "", {}, "embeddings"),
        ("chat.completions", "", {}, "chat.completions"),
        (None, "https://h/serving-endpoints/v1/chat/completions", {}, "chat.completions"),
        (None, "https://h/v1/chat/completions?api-version=1", {}, "chat.completions"),
        (None, "", {"messages": []}, "chat.completions"),
        (None, "", {"messages": [], "anthropic_version": "x"}, "messages"),
        (None, "", {"contents": []}, "generate_content"),
        (None, "", {"prompt": "x"}, "completions"),
        (None, "", {"input": "x"}, "embeddings"),
        (None, "", {"input": ["x"], "dimensions": 8}, "embeddings"),
        (None, "", {"input": "x", "instructions": "y"}, "responses"),
        (None, "", {"input": [{"role": "user", "content": "x"}]}, "responses"),
        (None, "", {"query": "x", "documents": []}, "rerank"),
        (None, "", {"dataframe_split": {}}, "unknown"),
        (None, "", None, "unknown"),
    ],
)
def test_api_of_a_row(api: str | None, url: str, request_body: Any, expected: str) -> None:
    assert stored(request_body, None, api=api, url=url).api == expected


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"object": "response", "output": []}, "responses"),
        ({"output": [{"type": "message", "content": []}]}, "responses"),
        ({"type": "message", "content": [], "role": "assistant"}, "messages"),
        ({"candidates": []}, "generate_content"),
        ({"data": [{"embedding": [1.0]}]}, "embeddings"),
        ({"choices": [{"text": "x"}]}, "completions"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "chat.completions"),
        ({"predictions": [1]}, "unknown"),
    ],
)
def test_answer_tells_the_api_of_a_custom_endpoint(response: Any, expected: str) -> None:
    call = stored({"inputs": "What?"}, response, url="https://h/serving-endpoints/mine/invocations")
    assert call.api == expected
    assert call.messages[0].parts[0].value == {"inputs": "What?"}


def test_input_that_was_guessed_is_read_as_the_api_that_answered() -> None:
    answer = {
        "object": "response",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}],
    }
    call = stored({"input": "Hello"}, answer)
    assert (call.api, call.messages[0].role, call.completion) == ("responses", "user", "Hi")


def test_blocked_row_of_an_inference_table() -> None:
    block = {
        "finishReason": "input_guardrail_triggered",
        "input_guardrail": [{"flagged": True, "pii_detection": True}],
    }
    call = stored(
        REQUEST, json.dumps({"error_code": "BAD_REQUEST", "message": json.dumps(block)}), status_code=400
    )
    assert call.status == "blocked"
    assert call.verdict is not None
    assert call.verdict.hide_input


def test_headers_of_a_row() -> None:
    call = stored(REQUEST, WHOLE, response_headers={"X-Request-Id": "r1", "Authorization": "Bearer x"})
    assert call.facts.request_id == "r1"


def test_messages_as_langchain_writes_them() -> None:
    request = {"messages": [[{"type": "system", "content": "Be brief."}, {"type": "human", "content": "Hi"}]]}
    call = stored(request, None)
    assert [(m.role, m.text) for m in call.messages] == [("system", "Be brief."), ("user", "Hi")]
