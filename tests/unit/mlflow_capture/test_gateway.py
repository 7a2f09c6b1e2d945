"""MLflow's own AI Gateway, a real server whose provider is the stand-in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import mlflow
import pytest
from mlflow.entities import GatewayEndpointModelConfig, GatewayModelLinkageType
from mlflow.tracking._tracking_service.utils import _get_store
from openai import OpenAI

import nbext
from nbext.model.assemble import call_of_bodies
from tests.mlflow_server import mlflow_server

from .conftest import stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbext.gateway import Gateway


@pytest.fixture(scope="module")
def server(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mlflow_server(tmp_path_factory) as url:
        before = mlflow.get_tracking_uri()
        mlflow.set_tracking_uri(url)
        store = _get_store()
        secret = store.create_gateway_secret(
            "key", {"api_key": "demo"}, provider="openai", auth_config={"api_base": gateway.base_url}
        )
        model = store.create_gateway_model_definition("model", secret.secret_id, "openai", "demo-chat")
        config = GatewayEndpointModelConfig(model.model_definition_id, GatewayModelLinkageType.PRIMARY, 1.0)
        store.create_gateway_endpoint("my-chat", [config])
        mlflow.set_experiment("callers")
        yield url
        mlflow.set_tracking_uri(before)


def test_a_real_server(server: str) -> None:
    client = OpenAI(base_url=f"{server}/gateway/mlflow/v1", api_key="x", max_retries=0)
    messages: Any = [{"role": "user", "content": "Hi"}]

    @mlflow.trace(span_type="AGENT")
    def agent() -> None:
        client.chat.completions.create(model="my-chat", messages=messages)
        list(client.chat.completions.create(model="my-chat", messages=messages, stream=True))

    with nbext.trace(display=False) as capture:
        agent()
        httpx.post(f"{server}/gateway/my-chat/mlflow/invocations", json={"messages": messages}, timeout=30)
        with pytest.raises(Exception, match="404"):
            client.chat.completions.create(model="nobody", messages=messages)
    assert [(c.status, c.api, c.endpoint, c.facts.route) for c in capture.calls] == [
        *[("ok", "chat.completions", "my-chat", "mlflow")] * 3,
        ("error", "chat.completions", "nobody", "mlflow"),
    ]
    assert capture.calls[-1].error_message == "GatewayEndpoint not found (name='nobody')"
    assert all(call.facts.server_ms is not None for call in capture.calls)
    assert [call.facts.provider for call in capture.calls[:3]] == ["openai"] * 3
    # What the gateway records of a call hangs under our span of it, by the traceparent we sent.
    (trace,) = stored()
    spans = {span.span_id: span for span in trace.data.spans}
    linked = [span for span in spans.values() if span.get_attribute("mlflow.gateway.linkedTraceId")]
    assert [span.name for span in linked] == ["gateway/my-chat"] * 2
    assert {span.parent_id for span in linked} == {call.call_id for call in capture.calls[:2]}


def refused(status: int, detail: Any) -> Any:
    return call_of_bodies(
        call_id="1" * 16,
        trace_id="2" * 32,
        start_ns=0,
        end_ns=10**6,
        url="http://127.0.0.1:5000/gateway/mlflow/v1/chat/completions",
        request={"model": "my-chat", "messages": [{"role": "user", "content": "q"}]},
        response=json.dumps({"detail": detail}),
        status_code=status,
    )


def test_a_guardrail() -> None:
    call = refused(400, "Guardrail 'no-secrets' blocked: The prompt holds a key.\nSecond line.")
    assert (call.status, call.verdict.kind) == ("blocked", "guardrail")
    assert call.verdict.title == "Blocked by the guardrail “no-secrets”"
    # It may quote what was sent.
    assert call.verdict.reason == "The prompt holds a key.\nSecond line."
    assert "key" not in "".join(call.verdict.text)


def test_a_budget() -> None:
    call = refused(
        429,
        "Budget limit exceeded. Limit: $5.00 USD per 2 days. Budget resets at 2026-11-26T00:00:00Z. "
        "Request rejected.",
    )
    assert (call.status, call.verdict.kind) == ("blocked", "budget")
    assert call.verdict.title == "Budget of $5.00 per 2 days is used up"
    assert "2026-11-26T00:00:00Z" in call.verdict.text[0]


def test_other_refusals_stay_what_they_are() -> None:
    assert refused(429, "Too many requests").status == "rate_limited"
    assert refused(400, "Invalid JSON payload: x").status == "error"
    call = refused(404, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such endpoint"})
    assert (call.error_type, call.error_message) == ("RESOURCE_DOES_NOT_EXIST", "no such endpoint")
