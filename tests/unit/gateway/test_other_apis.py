import json
import math

import anthropic
import pytest

from .conftest import HTTP, user

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
    "required": ["city"],
}


def test_completions(client):
    whole = client.completions.create(model="demo-chat", prompt="Capital of Japan?")
    assert "Tokyo" in whole.choices[0].text
    stream = client.completions.create(model="demo-chat", prompt="Capital of Japan?", stream=True)
    chunks = list(stream)
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


def test_embeddings_are_near_for_shared_words(client):
    texts = ["refund my invoice", "a refund for the invoice", "spark shuffle memory"]
    answer = client.embeddings.create(model="demo-embed", input=texts)
    a, b, c = (item.embedding for item in answer.data)
    assert math.isclose(sum(x * x for x in a), 1, abs_tol=1e-3)
    dot = lambda p, q: sum(x * y for x, y in zip(p, q, strict=True))  # noqa: E731
    assert dot(a, b) > dot(a, c) + 0.3
    assert answer.model == "gte-large-en-v1.5"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens > 0


@pytest.mark.parametrize("form", ["float", "base64"])
def test_embedding_forms_and_size(client, form):
    vector = (
        client.embeddings.create(model="demo-embed", input="x", dimensions=64, encoding_format=form)
        .data[0]
        .embedding
    )
    if form == "base64":
        assert isinstance(vector, str)
    else:
        assert len(vector) == 64


def test_embeddings_refuse_empty_input(gw):
    assert (
        HTTP.post(gw.base_url + "/embeddings", json={"model": "demo-embed", "input": []}).status_code == 400
    )


def test_responses(client, unity):
    for one in (client, unity):
        answer = one.responses.create(model="demo-chat", input="Capital of Japan?", instructions="Be brief.")
        assert "Tokyo" in answer.output_text
        assert answer.status == "completed"
        assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    cut = client.responses.create(model="demo-chat", input="What is a Delta table?", max_output_tokens=4)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_responses_stream_assembles_to_the_whole(client):
    ask = {"model": "databricks-gpt-oss-120b", "input": "What is a Delta table?"}
    with client.responses.stream(**ask) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created" and events[-1].type == "response.completed"
    assert final.output_text == client.responses.create(**ask).output_text
    assert [item.type for item in final.output] == ["reasoning", "message"]
    deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert deltas == final.output_text


def test_responses_tool_loop(client):
    tools = [
        {"type": "function", "name": "get_weather", "description": "Weather in a city", "parameters": WEATHER}
    ]
    items = user("What is the weather in Oslo?")
    first = client.responses.create(model="demo-chat", input=items, tools=tools)
    call = first.output[0]
    assert (call.type, call.name, json.loads(call.arguments)) == (
        "function_call",
        "get_weather",
        {"city": "Oslo"},
    )
    items += [
        call.to_dict(),
        {"type": "function_call_output", "call_id": call.call_id, "output": '{"celsius": 7}'},
    ]
    second = client.responses.create(model="demo-chat", input=items, tools=tools)
    assert "7" in second.output_text


@pytest.mark.parametrize("route", ["anthropic_url", "unity_anthropic_url"])
def test_anthropic_messages(gw, route):
    with anthropic.Anthropic(base_url=getattr(gw, route), auth_token="x", max_retries=0) as client:
        ask = {"model": "databricks-claude-haiku-4-5", "max_tokens": 500}
        answer = client.messages.create(**ask, messages=user("Capital of Japan?"))
        assert "Tokyo" in answer.content[0].text and answer.stop_reason == "end_turn"
        assert answer.id.startswith("msg_bdrk_")
        tools = [{"name": "get_weather", "description": "Weather in a city", "input_schema": WEATHER}]
        with client.messages.stream(
            **{**ask, "max_tokens": 4000},
            messages=user("What is the weather in Oslo?"),
            tools=tools,
            thinking={"type": "enabled", "budget_tokens": 1024},
        ) as stream:
            kinds = [event.type for event in stream]
            final = stream.get_final_message()
        assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
        assert [block.type for block in final.content] == ["thinking", "text", "tool_use"]
        assert final.content[2].input == {"city": "Oslo"} and final.stop_reason == "tool_use"
        assert final.content[0].signature
        result = {"type": "tool_result", "tool_use_id": final.content[2].id, "content": "7 degrees"}
        turns = [
            *user("What is the weather in Oslo?"),
            {"role": "assistant", "content": final.content},
            {"role": "user", "content": [result]},
        ]
        assert "7 degrees" in client.messages.create(**ask, messages=turns, tools=tools).content[0].text


def test_anthropic_input_tokens_leave_out_the_cache(gw):
    with anthropic.Anthropic(base_url=gw.anthropic_url, auth_token="x", max_retries=0) as client:
        block = {"type": "text", "text": "Rules of the desk. " * 60, "cache_control": {"type": "ephemeral"}}
        usages = [
            client.messages.create(
                model="databricks-claude-haiku-4-5", max_tokens=50, system=[block], messages=user("hello")
            ).usage
            for _ in range(2)
        ]
    assert usages[0].cache_creation_input_tokens == usages[1].cache_read_input_tokens > 100
    assert usages[0].input_tokens == usages[1].input_tokens < 50


def test_gemini(gw):
    url = gw.gemini_url + "/v1beta/models/databricks-gemini-2-5-flash"
    body = {"contents": [{"role": "user", "parts": [{"text": "What is the weather in Oslo?"}]}]}
    tool = {
        "name": "get_weather",
        "description": "Weather",
        "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
    }
    called = HTTP.post(
        f"{url}:generateContent", json={**body, "tools": [{"functionDeclarations": [tool]}]}
    ).json()
    assert called["candidates"][0]["content"]["parts"][0]["functionCall"] == {
        "name": "get_weather",
        "args": {"city": "Oslo"},
    }
    plain = HTTP.post(f"{url}:generateContent", json=body).json()
    streamed = HTTP.post(f"{url}:streamGenerateContent?alt=sse", json=body)
    parts = [json.loads(line.removeprefix("data: ")) for line in streamed.text.split("\n\n") if line]
    text = "".join(part["candidates"][0]["content"]["parts"][0]["text"] for part in parts)
    assert text == plain["candidates"][0]["content"]["parts"][0]["text"]
    assert parts[-1]["candidates"][0]["finishReason"] == "STOP"
    array = HTTP.post(f"{url}:streamGenerateContent", json=body).json()
    assert [part["candidates"] for part in array] == [part["candidates"] for part in parts]


def test_native_openai_surface_of_route_b(gw):
    answer = HTTP.post(gw.openai_url + "/responses", json={"model": "databricks-gpt-5", "input": "hello"})
    assert answer.status_code == 200
    assert gw.exchanges[-1].surface.api_type == "openai/v1/responses"
