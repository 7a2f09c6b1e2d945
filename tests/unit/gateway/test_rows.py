import datetime as dt
import json

import httpx
import pytest

import nbext.gateway

from .conftest import FAST, HTTP, user

PAYLOAD = [
    *("databricks_request_id", "request_date", "client_request_id", "request_time", "status_code"),
    *("sampling_fraction", "execution_duration_ms", "request", "response", "logging_error_codes"),
    *("served_entity_id", "requester"),
]


@pytest.fixture
def fresh():
    opened = []

    def start(**options):
        opened.append(nbext.gateway.serve(speed=options.pop("speed", FAST), **options))
        return opened[-1]

    yield start
    for gateway in opened:
        gateway.close()


def chat(gw, model="demo-chat", url=None, text="hello", headers=None, **body):
    url = gw.base_url if url is None else url
    given = {"model": model, "messages": user(text), **body}
    return HTTP.post(url + "/chat/completions", json=given, headers=headers, timeout=20)


def test_route_a_row(fresh):
    gw = fresh()
    answer = chat(gw, client_request_id="mine-1", usage_context={"project": "demo"})
    (row,) = gw.rows
    assert list(row) == PAYLOAD
    assert row["databricks_request_id"] == answer.headers["x-request-id"]
    assert row["client_request_id"] == "mine-1"
    assert row["request_time"].tzinfo is dt.timezone.utc and row["request_time"].microsecond % 1000 == 0
    assert row["request_date"] == row["request_time"].date()
    assert (row["status_code"], row["sampling_fraction"], row["logging_error_codes"]) == (200, 1.0, [])
    assert json.loads(row["response"]) == answer.json()
    assert json.loads(row["request"])["usage_context"] == {"project": "demo"}
    assert len(row["served_entity_id"]) == 32
    (usage,) = gw.endpoint_usage
    assert usage["databricks_request_id"] == row["databricks_request_id"]
    assert usage["usage_context"] == {"project": "demo"}
    assert usage["input_token_count"] == answer.json()["usage"]["prompt_tokens"]
    assert usage["output_token_count"] == answer.json()["usage"]["completion_tokens"]
    assert usage["input_character_count"] == 5 and usage["output_character_count"] > 5
    assert usage["request_streaming"] is False
    assert not gw.unity_rows and not gw.gateway_usage


def test_served_entity_tells_endpoint_and_model(fresh):
    gw = fresh()
    chat(gw)
    chat(gw, "demo-slow")
    chat(gw, "demo-fallback")
    chat(gw, "databricks-brand-new-claude")
    entities = {row["served_entity_id"]: row for row in gw.served_entities}
    found = [entities[row["served_entity_id"]] for row in gw.rows]
    assert [row["endpoint_name"] for row in found] == [
        "demo-chat",
        "demo-slow",
        "demo-fallback",
        "databricks-brand-new-claude",
    ]
    # The second entity of the endpoint answered.
    assert found[2]["served_entity_name"] == "databricks-claude-sonnet-4-5"
    assert found[0]["entity_type"] == "FOUNDATION_MODEL" and found[0]["task"] == "llm/v1/chat"


def test_unverified_request_forms(fresh):
    gw = fresh(keep_model=False, keep_client_fields=False)
    chat(gw, client_request_id="mine", usage_context={"a": "b"})
    assert json.loads(gw.rows[0]["request"]).keys() == {"messages"}
    assert gw.rows[0]["client_request_id"] == "mine"


def test_invocations_row_has_no_model(fresh):
    gw = fresh()
    HTTP.post(gw.base_url + "/demo-chat/invocations", json={"messages": user("hello")})
    assert "model" not in json.loads(gw.rows[0]["request"])


def test_failures_are_logged_on_route_a(fresh):
    gw = fresh()
    for model in ("demo-429", "demo-guardrail", "demo-400", "demo-budget", "no-such-endpoint"):
        chat(gw, model)
    assert [row["status_code"] for row in gw.rows] == [429, 400, 400, 403, 404]
    assert "input_guardrail_triggered" in gw.rows[1]["response"]
    assert [row["input_token_count"] for row in gw.endpoint_usage] == [0, 0, 0, 0]
    other = fresh(log_rate_limited=False, zero_tokens_on_failure=False)
    chat(other, "demo-429")
    assert other.rows == [] and other.endpoint_usage[0]["input_token_count"] is None


def test_route_b_row_and_usage(fresh):
    gw = fresh()
    tags = {
        "Databricks-Ai-Gateway-Request-Tags": '{"mlflow_trace_id": "tr-1", "n": "2"}',
        "user-agent": "mine/1",
    }
    answer = chat(gw, "system.ai.llama-4-maverick", gw.unity_url, headers=tags)
    (row,), (usage,) = gw.unity_rows, gw.gateway_usage
    assert row["request_id"] == usage["request_id"] == answer.headers["x-request-id"]
    assert row["invocation_id"] == usage["invocation_id"]
    assert row["request_tags"] == usage["request_tags"] == {"mlflow_trace_id": "tr-1", "n": "2"}
    assert row["api_type"] == usage["api_type"] == "mlflow/v1/chat/completions"
    assert usage["user_agent"] == "mine/1" and usage["ip_address"] == "127.0.0.1"
    for name in ("destination_type", "destination_name", "destination_id", "destination_model"):
        assert row[name] == usage[name]
    assert row["destination_name"] == "system.ai.llama-4-maverick"
    assert row["destination_type"] == "PAY_PER_TOKEN_FOUNDATION_MODEL"
    assert usage["endpoint_metadata"]["destinations"] == [
        {
            "name": "system.ai.llama-4-maverick",
            "traffic_percent": 100.0,
            "type": "PAY_PER_TOKEN_FOUNDATION_MODEL",
        }
    ]
    assert usage["service_type"] == "MODEL_SERVICE" and usage["service_name"] == "system.ai.llama-4-maverick"
    assert usage["total_tokens"] == answer.json()["usage"]["total_tokens"]
    assert usage["event_time"].microsecond == 0
    (attempt,) = usage["routing_information"]["attempts"]
    assert (attempt["priority"], attempt["action"], attempt["status_code"]) == ("1", "INITIAL_ATTEMPT", 200)
    assert attempt["latency_ms"] <= usage["latency_ms"]
    assert not gw.rows and not gw.endpoint_usage


def test_bare_endpoint_name_on_route_b_has_no_service(fresh):
    gw = fresh()
    chat(gw, "databricks-llama-4-maverick", gw.unity_url)
    (usage,) = gw.gateway_usage
    assert usage["service_type"] is usage["service_id"] is usage["service_name"] is None


def test_fallback_attempts(fresh):
    gw = fresh(speed=1)
    chat(gw, "demo-fallback", gw.unity_url)
    (usage,) = gw.gateway_usage
    first, second = usage["routing_information"]["attempts"]
    assert (first["action"], first["status_code"], first["destination"]) == (
        "INITIAL_ATTEMPT",
        429,
        "system.ai.gpt-primary",
    )
    assert (second["action"], second["status_code"], second["destination"]) == (
        "FALLBACK",
        200,
        "system.ai.claude-sonnet-4-5",
    )
    assert first["end_time"] == second["start_time"] > first["start_time"]
    assert usage["destination_name"] == "system.ai.claude-sonnet-4-5"
    assert [one["name"] for one in usage["endpoint_metadata"]["fallbacks"]] == ["system.ai.claude-sonnet-4-5"]


def test_usage_of_failures_on_route_b(fresh):
    gw = fresh()
    for model in ("demo-budget", "demo-400", "demo-500"):
        chat(gw, model, gw.unity_url)
    HTTP.post(gw.host + "/ai-gateway/nowhere", json={"model": "demo-chat"})
    budget, bad, broken, lost = gw.gateway_usage
    assert budget["routing_information"] == broken["routing_information"] == {"attempts": None}
    assert budget["destination_name"] is None
    assert (
        bad["destination_model"] == "gpt-4o"
        and bad["routing_information"]["attempts"][0]["status_code"] == 400
    )
    for row in (budget, bad, broken):
        assert row["input_tokens"] is row["total_tokens"] is None
        assert row["response_content_type"] == "application/json"
    assert (lost["api_type"], lost["status_code"], lost["response_content_type"]) == ("unmanaged", 404, None)
    assert lost["destination_model"] is None


def test_embeddings_usage_has_no_output(fresh):
    gw = fresh()
    for url in (gw.unity_url, gw.base_url):
        HTTP.post(url + "/embeddings", json={"model": "demo-embed", "input": ["a", "b"]})
    assert gw.gateway_usage[0]["output_tokens"] is None
    assert gw.gateway_usage[0]["input_tokens"] == gw.gateway_usage[0]["total_tokens"] > 0
    assert gw.endpoint_usage[0]["output_token_count"] is None


def test_denials_are_in_no_payload_table(fresh):
    gw = fresh()
    chat(gw, "demo-policy", gw.unity_url)
    assert gw.unity_rows == [] and gw.gateway_usage == []
    assert [exchange.status for exchange in gw.exchanges] == [200]
    other = fresh(log_denials_in_usage=True)
    chat(other, "demo-policy", other.unity_url)
    assert other.gateway_usage[0]["total_tokens"] == 0 and other.unity_rows == []


def test_unity_failures_may_be_missing(fresh):
    gw = fresh(log_unity_failures=False)
    chat(gw, "demo-429", gw.unity_url)
    chat(gw, "demo-400", gw.unity_url)
    assert [row["status_code"] for row in gw.unity_rows] == [400]
    assert len(gw.gateway_usage) == 2


def test_stored_forms_of_a_stream(fresh):
    gw = fresh(stream_form="mixed")
    for _ in range(3):
        chat(gw, text="What is a Delta table?", stream=True)
    whole, chunks, sse = (row["response"] for row in gw.rows)
    assert json.loads(whole)["object"] == "chat.completion"
    text = json.loads(whole)["choices"][0]["message"]["content"]
    parts = json.loads(chunks)
    assert {part["object"] for part in parts} == {"chat.completion.chunk"}
    assert "".join(part["choices"][0]["delta"].get("content") or "" for part in parts) == text
    assert sse.startswith("data: {") and sse.endswith("data: [DONE]\n\n")
    assert all(usage["request_streaming"] for usage in gw.endpoint_usage)


@pytest.mark.parametrize("form, object_of", [("completion", "response"), ("chunks", None), ("sse", None)])
def test_stored_forms_of_a_responses_stream(fresh, form, object_of):
    gw = fresh(stream_form=form)
    HTTP.post(gw.base_url + "/responses", json={"model": "demo-chat", "input": "hello", "stream": True})
    stored = gw.rows[0]["response"]
    if form == "sse":
        assert stored.startswith("event: response.created\ndata: ")
    elif form == "chunks":
        assert json.loads(stored)[-1]["type"] == "response.completed"
    else:
        assert json.loads(stored)["object"] == object_of


def test_a_broken_stream_keeps_what_was_sent(fresh):
    gw = fresh(stream_form="completion")
    with pytest.raises(httpx.RemoteProtocolError):
        chat(gw, "demo-disconnect", stream=True)
    assert gw.rows[0]["response"].startswith("data: ") and "[DONE]" not in gw.rows[0]["response"]


def test_a_client_that_hangs_up_stops_the_stream(fresh):
    gw = fresh(speed=4)
    body = {"model": "demo-slow", "messages": user("What is a Delta table?"), "stream": True}
    with HTTP.stream("POST", gw.base_url + "/chat/completions", json=body) as answer:
        next(answer.iter_bytes())
    for _ in range(200):
        if gw.exchanges:
            break
        import time

        time.sleep(0.02)
    (exchange,) = gw.exchanges
    assert exchange.client_left and 0 < exchange.answer.body.count(b"data: ") < 40


def test_size_caps(fresh):
    gw = fresh()
    chat(gw, "demo-huge")
    chat(gw, text="x" * (1024 * 1024 + 1))
    response, request = gw.rows
    assert response["response"] is None and response["logging_error_codes"] == ["MAX_RESPONSE_SIZE_EXCEEDED"]
    assert request["request"] is None and request["logging_error_codes"] == ["MAX_REQUEST_SIZE_EXCEEDED"]
    assert request["response"] is not None
    # Route B keeps ten times as much.
    chat(gw, "demo-huge", gw.unity_url)
    assert gw.unity_rows[0]["logging_error_codes"] == []
    small = fresh(max_unity_payload_bytes=10)
    chat(small, url=small.unity_url)
    assert small.unity_rows[0]["request"] is small.unity_rows[0]["response"] is None
    assert len(small.unity_rows[0]["logging_error_codes"]) == 2


def test_sampling_and_duplicates(fresh):
    gw = fresh(sampling_fraction=0.5, duplicate_fraction=0.4, seed=7)
    for _ in range(60):
        chat(gw)
    ids = [row["databricks_request_id"] for row in gw.rows]
    assert len(gw.endpoint_usage) == len(gw.exchanges) == 60
    assert 15 < len(set(ids)) < 45
    assert 0 < len(ids) - len(set(ids)) < len(set(ids))
    assert {row["sampling_fraction"] for row in gw.rows} == {0.5}


def test_a_seed_repeats_ids(fresh):
    ids = []
    for _ in range(2):
        gw = fresh(seed=3)
        chat(gw)
        ids.append(gw.rows[0]["databricks_request_id"])
    assert ids[0] == ids[1]


def test_rows_arrive_late(fresh):
    gw = fresh(delay_s=3600, usage_delay_s=0)
    chat(gw)
    assert gw.rows == [] and len(gw.endpoint_usage) == 1 and len(gw.exchanges) == 1
    gw.deliver()
    assert len(gw.rows) == 1
    gw.clear()
    assert gw.rows == [] and gw.exchanges == []
