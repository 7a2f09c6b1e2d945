"""What URL and headers tell."""

from __future__ import annotations

from typing import Any

import pytest

from nbext.model.facts import endpoint_of, facts_of, request_id_of, retry_after_of, route_of

H = "https://dbc-00000000-0000.cloud.databricks.com"


@pytest.mark.parametrize(
    ("url", "route", "endpoint"),
    [
        (H + "/serving-endpoints/chat/completions", "serving", "m"),
        (H + "/serving-endpoints/v1/chat/completions", "serving", "m"),
        (H + "/serving-endpoints/support-chat/invocations", "serving", "support-chat"),
        (H + "/serving-endpoints/a/served-models/b/invocations", "serving", "a"),
        (H + "/serving-endpoints/anthropic/v1/messages", "serving", "m"),
        (H + "/ai-gateway/mlflow/v1/chat/completions", "unity", "m"),
        (H + "/ai-gateway/openai/v1/responses", "unity", "m"),
        (
            H + "/ai-gateway/gemini/v1beta/models/gemini-2.5-flash:generateContent",
            "unity",
            "gemini-2.5-flash",
        ),
        ("https://7474648573314045.ai-gateway.cloud.databricks.com/mlflow/v1/embeddings", "unity", "m"),
        ("https://api.openai.com/v1/chat/completions", "other", None),
        (
            "https://x.openai.azure.com/openai/deployments/gpt-prod/chat/completions?api-version=1",
            "other",
            "gpt-prod",
        ),
        ("http://127.0.0.1:5000/gateway/chat/invocations", "other", None),
        ("http://127.0.0.1:5000/endpoints/mine/invocations", "other", "mine"),
        ("http://127.0.0.1:5000/invocations", "other", None),
        ("", "other", None),
    ],
)
def test_route_and_endpoint(url: str, route: str, endpoint: str | None) -> None:
    assert route_of(url) == route
    assert endpoint_of(url, "m") == endpoint


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({"x-request-id": "a", "request-id": "b"}, None, "a"),
        ({"x-databricks-request-id": "d", "request-id": "b"}, None, "d"),
        ({"request-id": "b"}, None, "b"),
        ({"server-timing": 'client_protocol;dur=0, request_id;dur=0;desc="58db"'}, None, "58db"),
        ({"server-timing": "request_id;desc=58db, x;dur=1"}, None, "58db"),
        ({"server-timing": "x;dur=1"}, None, None),
        ({}, {"databricks_output": {"databricks_request_id": "7c"}}, "7c"),
        ({}, {"request_id": "req_9"}, "req_9"),
        ({"x-amzn-requestid": "z"}, None, "z"),
        ({}, [], None),
    ],
)
def test_request_id(headers: dict[str, str], body: Any, expected: str | None) -> None:
    assert request_id_of(headers, body) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "30"}, 30.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after_of(headers) == expected


def facts(**given: Any) -> Any:
    defaults: dict[str, Any] = {
        "request": {},
        "response": {},
        "request_headers": {},
        "response_headers": {},
        "model": "m",
    }
    return facts_of(H + "/serving-endpoints/chat/completions", **{**defaults, **given})


def test_tags_of_both_routes() -> None:
    found = facts(
        request={"usage_context": {"project": "demo", "run": 7}},
        request_headers={"databricks-ai-gateway-request-tags": '{"team": "nlp"}'},
    )
    assert found.tags == {"project": "demo", "run": "7", "team": "nlp"}
    assert found.client_request_id is None
    sent = facts(request_headers={"databricks-ai-gateway-request-tags": '{"client_request_id": "mine"}'})
    assert sent.client_request_id == "mine"
    assert facts(request_headers={"databricks-ai-gateway-request-tags": "not json"}).tags == {}


def test_limits_are_kept_as_they_came() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "anthropic-ratelimit-tokens-reset": "1s",
        "retry-after": "2",
        "x": "y",
    }
    assert facts(response_headers=headers).limits == {k: v for k, v in headers.items() if k != "x"}


def test_who_served_it() -> None:
    found = facts(
        response={"model": "gpt-4o-2024-08-06"}, response_headers={"served-model-name": "gpt-primary"}
    )
    assert found.served_model == "gpt-primary"
    assert facts(response={"model": "x", "provider": "Fireworks"}).provider == "Fireworks"
    assert facts(response={"id": "msg_bdrk_01"}).provider == "amazon-bedrock"
    assert facts(response_headers={"x-amzn-bedrock-invocation-latency": "12"}).server_ms == 12.0


def test_server_timing_is_no_duration() -> None:
    assert facts(response_headers={"server-timing": "request_id;dur=0;desc=x"}).server_ms is None
    assert facts(response_headers={"openai-processing-ms": "420"}).server_ms == 420.0
    assert facts(response_headers={"openai-processing-ms": "soon"}).server_ms is None


@pytest.mark.parametrize("value", ["00-short-1-01", "", "garbage", "00-" + "g" * 32 + "-" + "0" * 16 + "-01"])
def test_traceresponse_that_is_none(value: str) -> None:
    assert facts(response_headers={"traceresponse": value}).gateway_trace_id is None


def test_an_earlier_attempt_served_by_another_model_is_a_fallback() -> None:
    from nbext.model.assemble import call_of_attempts

    from .building import attempt

    first = attempt(answer={"status": 503, "headers": {"served-model-name": "gpt-primary"}, "text": "busy"})
    second = attempt(
        answer={"status": 200, "headers": {"served-model-name": "backup"}, "body": {"choices": []}}, number=1
    )
    assert call_of_attempts([first, second]).facts.fallback
    assert not call_of_attempts([second]).facts.fallback


@pytest.mark.parametrize(
    ("asked", "served", "fallback"),
    [
        ("demo-fallback", "databricks-claude-sonnet-4-5", None),
        ("databricks-gpt-5", "databricks-claude-sonnet-4-5", True),
        ("databricks-gpt-5", "gpt-5-2025-08-07", False),
        ("databricks-gpt-5", None, None),
    ],
)
def test_a_fallback_is_said_only_where_the_names_tell(
    asked: str, served: str | None, fallback: bool | None
) -> None:
    headers = {} if served is None else {"served-model-name": served}
    assert facts(model=asked, response_headers=headers).fallback is fallback
