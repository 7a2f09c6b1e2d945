import json

import pytest

from .conftest import HTTP, user

FAMILIES = {
    "demo-chat": ("chatcmpl_", "meta-llama-3.3-70b-instruct-121024"),
    "databricks-claude-haiku-4-5": ("msg_bdrk_", "us.anthropic.claude-haiku-4-5-20251001-v1:0"),
    "databricks-gpt-oss-120b": ("chatcmpl_", "gpt-oss-120b-080525"),
}


def sse(gw, body, path="/chat/completions"):
    text = HTTP.post(gw.base_url + path, json={**body, "stream": True}, timeout=10).text
    events = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    return [json.loads(event) for event in events if event != "[DONE]"], events[-1]


@pytest.mark.parametrize("model", FAMILIES)
def test_answer_names_the_backend_not_the_endpoint(client, model):
    prefix, backend = FAMILIES[model]
    answer = client.chat.completions.create(model=model, messages=user("Capital of France?"))
    assert answer.id.startswith(prefix)
    assert answer.model == backend
    assert "Paris" in json.dumps(answer.choices[0].message.to_dict(warnings=False))
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_same_question_same_answer_other_question_other_answer(client):
    def ask(text):
        return (
            client.chat.completions.create(model="demo-chat", messages=user(text)).choices[0].message.content
        )

    assert ask("Why are my Spark jobs slow?") == ask("Why are my Spark jobs slow?")
    assert ask("Why are my Spark jobs slow?") != ask("How do I reset my password?")


def test_claude_key_order_and_cache_counts(gw):
    body = {"model": "databricks-claude-haiku-4-5", "messages": user("hello")}
    answer = HTTP.post(gw.base_url + "/chat/completions", json=body).json()
    assert list(answer) == ["model", "choices", "usage", "object", "id", "created"]
    assert "logprobs" not in answer["choices"][0]
    assert answer["usage"]["cache_read_input_tokens"] == answer["usage"]["cache_creation_input_tokens"] == 0


def test_claude_cache_is_written_then_read(client):
    long = "The handbook says a lot about refunds. " * 40
    block = {"type": "text", "text": long, "cache_control": {"type": "ephemeral"}}
    messages = [{"role": "system", "content": [block]}, *user("hello")]
    first = client.chat.completions.create(model="databricks-claude-haiku-4-5", messages=messages).usage
    second = client.chat.completions.create(model="databricks-claude-haiku-4-5", messages=messages).usage
    assert first.cache_creation_input_tokens > 100 and first.cache_read_input_tokens == 0
    assert second.cache_read_input_tokens == first.cache_creation_input_tokens
    assert second.cache_creation_input_tokens == 0
    assert second.prompt_tokens == first.prompt_tokens


def test_llama_stream_counts_up_and_the_last_usage_is_final(gw, client):
    body = {"model": "demo-chat", "messages": user("What is a Delta table?")}
    chunks, end = sse(gw, body)
    whole = client.chat.completions.create(**body)
    assert end == "[DONE]"
    counts = [chunk["usage"]["completion_tokens"] for chunk in chunks]
    assert counts == sorted(counts) and counts[0] < counts[-1]
    assert chunks[-1]["usage"] == whole.usage.to_dict()
    assert (
        "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks)
        == whole.choices[0].message.content
    )
    assert [c["choices"][0]["finish_reason"] for c in chunks[-2:]] == [None, "stop"]
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_claude_stream_knows_its_tokens_only_at_the_end(gw):
    chunks, _ = sse(gw, {"model": "databricks-claude-haiku-4-5", "messages": user("What is a Delta table?")})
    for chunk in chunks[:-1]:
        assert chunk["usage"]["completion_tokens"] is None and chunk["usage"]["total_tokens"] is None
    assert all(chunk["choices"][0]["delta"]["role"] == "assistant" for chunk in chunks)
    assert chunks[-1]["usage"]["completion_tokens"] > 10


def test_gpt_oss_streams_a_reasoning_block_per_token(gw):
    chunks, _ = sse(gw, {"model": "databricks-gpt-oss-120b", "messages": user("What is a Delta table?")})
    blocks = [
        c["choices"][0]["delta"]["content"]
        for c in chunks
        if isinstance(c["choices"][0]["delta"]["content"], list)
    ]
    assert len(blocks) > 5
    assert {block[0]["type"] for block in blocks} == {"reasoning"}
    assert all(len(block) == 1 and block[0]["summary"][0]["type"] == "summary_text" for block in blocks)


def test_claude_thinks_when_asked(client):
    ask = {"model": "databricks-claude-haiku-4-5", "messages": user("What is a Delta table?")}
    content = (
        client.chat.completions.create(
            **ask, extra_body={"thinking": {"type": "enabled", "budget_tokens": 1024}}
        )
        .choices[0]
        .message.content
    )
    assert [block["type"] for block in content] == ["reasoning", "text"]
    assert content[0]["summary"][0]["signature"]
    assert isinstance(client.chat.completions.create(**ask).choices[0].message.content, str)


def test_gemini_content_is_blocks_with_a_signature(client):
    answer = client.chat.completions.create(model="databricks-gemini-2-5-flash", messages=user("hello"))
    assert answer.choices[0].message.content[0].keys() == {"type", "text", "thoughtSignature"}


def test_limits(client):
    def ask(**options):
        return client.chat.completions.create(
            model="demo-chat", messages=user("What is a Delta table?"), **options
        )

    cut = ask(max_tokens=5)
    assert cut.choices[0].finish_reason == "length" and cut.usage.completion_tokens == 5
    full = ask().choices[0].message.content
    assert ask(stop=" table").choices[0].message.content == full.partition(" table")[0]
    texts = {choice.message.content for choice in ask(n=3).choices}
    assert len(texts) == 3


def test_bad_requests_get_the_databricks_error_body(gw):
    post = lambda path, **kw: HTTP.post(gw.base_url + path, **kw)  # noqa: E731
    missing = post("/chat/completions", json={"model": "no-such", "messages": user("x")})
    assert missing.status_code == 404
    assert missing.json()["error_code"] == "RESOURCE_DOES_NOT_EXIST"
    assert missing.json()["details"][0]["request_id"] == missing.headers["x-request-id"]
    for body in (
        {"model": "demo-chat"},
        {"model": "demo-chat", "messages": 5},
        {"messages": user("x")},
        {"model": "demo-embed", "messages": user("x")},
    ):
        answer = post("/chat/completions", json=body)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "BAD_REQUEST"), body
    assert post("/chat/completions", content=b"{nope").status_code == 400
    assert post("/nowhere", json={}).status_code == 404
    assert HTTP.get(gw.base_url + "/chat/completions").status_code == 405


def test_invocations_need_no_model(gw):
    answer = HTTP.post(gw.base_url + "/demo-chat/invocations", json={"messages": user("Capital of Peru?")})
    assert "Lima" in answer.json()["choices"][0]["message"]["content"]
    vectors = HTTP.post(gw.base_url + "/demo-embed/invocations", json={"input": "a"}).json()
    assert vectors["object"] == "list"
    text = HTTP.post(gw.base_url + "/demo-chat/invocations", json={"prompt": "Capital of Peru?"}).json()
    assert text["object"] == "text_completion"


def test_v1_paths_work_on_route_a(gw):
    answer = HTTP.post(
        gw.base_url + "/v1/chat/completions", json={"model": "demo-chat", "messages": user("hello")}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "name",
    ["system.ai.llama-4-maverick", "main.llm.demo-chat", "main.llm.claude-support", "databricks-new-model"],
)
def test_names_of_services_and_unknown_databricks_models(unity, name):
    assert unity.chat.completions.create(model=name, messages=user("hello")).choices[0].message.content
