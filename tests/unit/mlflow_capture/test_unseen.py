"""Model calls that no HTTP request we watch tells of: each is a call, and none is one twice."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import aiohttp
import mlflow
import pytest
from opentelemetry.sdk.trace import TracerProvider

import nbext
from nbext.display.live import Changes
from nbext.display.wire import whole_wire

from .conftest import stored

if TYPE_CHECKING:
    from openai import OpenAI

    from nbext.gateway import Gateway

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
ANSWER = {
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "Rayleigh."}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
}


@mlflow.trace(span_type="CHAT_MODEL", name="local")
def local(messages: list, model: str = "tiny") -> dict:
    return ANSWER


def counted(capture: nbext.Capture) -> tuple[int, int, int]:
    """Calls as the capture, the frames and the view count them."""
    return len(capture), len(nbext.calls_df(capture)), whole_wire(capture)["totals"]["calls"]


def test_a_model_in_this_process(experiment: str) -> None:
    with nbext.trace(display=False) as capture, mlflow.start_span("agent", span_type="AGENT") as agent:
        local(QUESTION)
    (call,) = capture.calls
    assert (call.prompt, call.completion, call.model, call.status) == (
        "Why is the sky blue?",
        "Rayleigh.",
        "tiny",
        "ok",
    )
    assert (call.usage.input_tokens, call.usage.output_tokens) == (7, 2)
    assert (call.parent_span_id, call.capture_id) == (agent.span_id, capture.id)
    assert counted(capture) == (1, 1, 1)
    assert {one.name: one.call is not None for one in capture.spans} == {"agent": False, "local": True}
    assert nbext.messages_df(capture).text.tolist() == ["Why is the sky blue?", "Rayleigh."]
    # As the store tells it.
    stored()
    (loaded,) = nbext.mlflow_traces(experiment=experiment)
    columns = ["call_id", "model", "status", "input_tokens", "output_tokens", "finish_reason"]
    mine, theirs = (nbext.calls_df(one, columns=columns) for one in (capture, loaded))
    assert mine.to_dict("records") == theirs.to_dict("records")


def test_what_was_saved_tells_it_too(tmp_path) -> None:
    with nbext.trace(display=False) as capture:
        local(QUESTION)
    (call,) = capture.calls
    call.feedback(True, comment="right")
    for name in ("a.json", "a.html", "a.otlp.json"):
        (back,) = nbext.open(capture.export(tmp_path / name))
        assert [(one.call_id, one.completion) for one in back.calls] == [(call.call_id, "Rayleigh.")], name


@pytest.mark.parametrize("autolog_on", [False, True])
def test_a_wrapper_around_a_recorded_call_is_not_another(
    client: OpenAI, autolog_on: bool, request: pytest.FixtureRequest
) -> None:
    if autolog_on:
        request.getfixturevalue("autolog")

    @mlflow.trace(span_type="CHAT_MODEL", name="ChatOpenAI")
    def wrapper() -> str:
        answer = client.chat.completions.create(model="demo-chat", messages=QUESTION)
        return answer.choices[0].message.content

    with nbext.trace(display=False) as capture:
        wrapper()
    (call,) = capture.calls
    assert len(call.attempts) == 1
    assert counted(capture) == (1, 1, 1)


def test_a_model_that_fails(experiment: str) -> None:
    @mlflow.trace(span_type="LLM")
    def broken(prompt: str) -> str:
        raise RuntimeError("out of memory")

    with nbext.trace(display=False) as capture, pytest.raises(RuntimeError):
        broken("hi")
    (call,) = capture.calls
    assert (call.status, call.error_type, call.error_message) == ("error", "RuntimeError", "out of memory")


def test_a_client_on_aiohttp_told_by_opentelemetry(gateway: Gateway) -> None:
    # What an instrumentation of such a client does.
    provider = TracerProvider()
    tracer = provider.get_tracer("aiohttp client")

    async def ask() -> None:
        with tracer.start_as_current_span("chat demo-chat") as span:
            body = {"model": "demo-chat", "messages": QUESTION}
            async with (
                aiohttp.ClientSession(headers={"authorization": "Bearer demo"}) as session,
                session.post(f"{gateway.base_url}/chat/completions", json=body) as response,
            ):
                answer = await response.json()
            said = answer["choices"][0]["message"]["content"]
            span.set_attributes(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "demo-chat",
                    "gen_ai.usage.input_tokens": answer["usage"]["prompt_tokens"],
                    "gen_ai.usage.output_tokens": answer["usage"]["completion_tokens"],
                    "gen_ai.input.messages": json.dumps(
                        [{"role": "user", "parts": [{"type": "text", "content": QUESTION[0]["content"]}]}]
                    ),
                    "gen_ai.output.messages": json.dumps(
                        [{"role": "assistant", "parts": [{"type": "text", "content": said}]}]
                    ),
                }
            )

    from nbext.capture.spans import otel

    with nbext.trace(display=False) as capture:
        otel.watch(provider)
        asyncio.run(ask())
    (call,) = capture.calls
    assert (call.api, call.model, call.prompt) == ("chat.completions", "demo-chat", QUESTION[0]["content"])
    assert call.completion
    assert call.usage.input_tokens > 0
    assert counted(capture) == (1, 1, 1)


def test_a_living_view_learns_of_it_when_it_ends() -> None:
    with nbext.trace(display=False) as capture:
        changes = Changes(capture)
        with mlflow.start_span("before"):
            # From the first on, beginnings are told too.
            pass
        changes.delta()
        with mlflow.start_span("model", span_type="CHAT_MODEL") as span:
            span.set_inputs({"model": "tiny", "messages": QUESTION})
            begun = changes.delta()
            span.set_outputs(ANSWER)
        ended = changes.delta()
        assert changes.delta() is None
    assert ["call" in one for one in begun["spans"]] == [False]
    assert [one["call"]["model"] for one in ended["spans"]] == ["tiny"]
    assert ended["totals"]["calls"] == 1
    assert ended["totals"]["tokens"] == 9


def test_a_span_beside_its_request_is_the_same_call(client: OpenAI) -> None:
    """Some instrumentation does not make its span the active one."""
    with nbext.trace(display=False) as capture, mlflow.start_span("agent") as agent:
        span = mlflow.start_span_no_context("chat", span_type="CHAT_MODEL", parent_span=agent)
        span.set_inputs({"model": "demo-chat", "messages": QUESTION})
        client.chat.completions.create(model="demo-chat", messages=QUESTION)
        span.set_outputs(ANSWER)
        span.end()
        local(QUESTION)
    assert sorted(call.model for call in capture.calls) == ["demo-chat", "tiny"]
    assert counted(capture) == (2, 2, 2)
