"""View, frames and MLflow's store agree on an agent with tools, streams, threads and an exception."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from typing import TYPE_CHECKING, Any

import mlflow
import pytest
from openai import AsyncOpenAI, OpenAI

import nbext
from nbext.display.wire import wire_of

from .conftest import stored

if TYPE_CHECKING:
    from nbext.gateway import Gateway


def ask(client: OpenAI, question: str, model: str = "demo-chat", **more: Any) -> Any:
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], **more
    )


@mlflow.trace(span_type="TOOL")
def weather(city: str) -> str:
    return f"sunny in {city}"


@mlflow.trace(span_type="RETRIEVER")
def search(client: OpenAI, query: str) -> int:
    return len(client.embeddings.create(model="demo-embed", input=query).data)


@mlflow.trace
def fails(client: OpenAI) -> None:
    ask(client, "before it fails")
    raise ValueError("no such city")


@mlflow.trace
def pieces(client: OpenAI) -> Any:
    for chunk in ask(client, "tell me", stream=True):
        if chunk.choices:
            yield chunk.choices[0].delta.content or ""


@mlflow.trace(span_type="AGENT")
def agent(client: OpenAI, question: str) -> str:
    ask(client, question, tools=[])
    weather("Rome")
    search(client, "weather in Rome")
    text = "".join(pieces(client))
    with pytest.raises(ValueError, match="no such city"):
        fails(client)
    # The gateway refuses each question twice, once and for all.
    ask(client, question, model="demo-429-then-ok")
    with mlflow.start_span("parallel", span_type="CHAIN"):
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(ask, client, f"branch {n}"))
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return text


def in_store() -> dict[str, tuple[str | None, str, str, str, int | None]]:
    return {
        span.span_id: (
            span.parent_id,
            span.name,
            span.span_type,
            span.status.status_code.value,
            (span.get_attribute("mlflow.chat.tokenUsage") or {}).get("total_tokens"),
        )
        for trace in stored()
        for span in trace.data.spans
    }


def in_frame(capture: Any) -> dict[str, tuple[str | None, str, str, str, int | None]]:
    rows = capture.spans_df().astype(object).where(lambda frame: frame.notna(), None)
    return {
        row.span_id: (
            row.parent_span_id,
            row.name,
            row.type,
            "ERROR" if row.status == "error" else "OK",
            row.tokens,
        )
        for row in rows[["span_id", "parent_span_id", "name", "type", "status", "tokens"]].itertuples(
            index=False
        )
    }


def in_view(capture: Any) -> dict[str, tuple[str | None, str, str, str, int | None]]:
    return {
        span["id"]: (
            span.get("parent"),
            span["name"],
            span["type"],
            "ERROR" if span.get("status") == "error" else "OK",
            span.get("call", {}).get("tokens", {}).get("total"),
        )
        for span in wire_of(capture)["spans"]
    }


def without_names(spans: dict[str, Any]) -> dict[str, Any]:
    return {key: (parent, *rest) for key, (parent, _, *rest) in spans.items()}


@pytest.mark.parametrize("recorded_by", ["autolog", "us"])
def test_all_agree(client: OpenAI, recorded_by: str, request: pytest.FixtureRequest) -> None:
    if recorded_by == "autolog":
        request.getfixturevalue("autolog")
    with nbext.trace("agent", display=False) as capture:
        agent(client, f"What is the weather, {recorded_by}?")
    assert (capture.failures, capture.first_failure) == (0, None)
    frame, view, store = in_frame(capture), in_view(capture), in_store()
    # MLflow counts no tokens of embeddings; we do.
    for key, (parent, name, kind, status, tokens) in frame.items():
        if kind == "EMBEDDING" and recorded_by == "autolog":
            assert tokens
            store[key] = (*store[key][:4], tokens)
        assert (parent, name, kind, status) == store[key][:4]
    assert frame == view == store
    assert len(store) == 6 + 9
    assert len(capture.calls) == 9
    assert sum(len(call.attempts) for call in capture.calls) == 11
    kinds = [span[2] for span in store.values()]
    assert (kinds.count("CHAT_MODEL"), kinds.count("EMBEDDING"), kinds.count("TOOL")) == (8, 1, 1)
    (failed,) = [span for span in capture.spans if span.name == "fails"]
    assert (failed.status, failed.error_type, failed.error_message) == ("error", "ValueError", "no such city")
    assert "raise ValueError" in failed.events[-1]["attributes"]["exception.stacktrace"]


def test_calls_are_told_what_only_the_exchange_knows(client: OpenAI, autolog: None) -> None:
    with nbext.trace(display=False) as capture:
        agent(client, "q")
    facts = {
        span.span_id: span.attributes
        for trace in stored()
        for span in trace.data.spans
        if span.span_type in ("CHAT_MODEL", "EMBEDDING")
    }
    assert set(facts) == {call.call_id for call in capture.calls}
    for call in capture.calls:
        told = facts[call.call_id]
        assert told["http.response.status_code"] == 200
        assert told["gateway.request_id"] == call.facts.request_id
        assert told["gateway.endpoint"] == call.endpoint
        assert told["gateway.attempts"] == len(call.attempts)
    (again,) = [call for call in capture.calls if len(call.attempts) > 1]
    assert facts[again.call_id]["gateway.attempt_statuses"] == [429, 429, 200]


def test_asynchronous(gateway: Gateway) -> None:
    @mlflow.trace(span_type="TOOL")
    async def branch(client: AsyncOpenAI, number: int) -> str:
        answer = await client.chat.completions.create(
            model="demo-chat", messages=[{"role": "user", "content": f"n {number}"}]
        )
        return answer.choices[0].message.content or ""

    @mlflow.trace(span_type="AGENT")
    async def main() -> None:
        async with AsyncOpenAI(base_url=gateway.base_url, api_key="demo") as client:
            await asyncio.gather(*(branch(client, number) for number in range(8)))

    with nbext.trace(display=False) as capture:
        asyncio.run(main())
    assert in_frame(capture) == in_view(capture) == in_store()
    branches = {span.id: span for span in capture.spans if span.name == "branch"}
    assert len(branches) == 8
    for call in capture.calls:
        assert call.messages[0].text == f"n {branches.pop(call.parent_span_id or '').inputs['number']}"


def test_a_thread_without_context_belongs_to_the_block(client: OpenAI) -> None:
    @mlflow.trace
    def work() -> None:
        ask(client, "alone")

    with nbext.trace(display=False) as capture:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert [(span.name, span.type) for span in capture.spans] == [
        ("work", "UNKNOWN"),
        ("Completions", "CHAT_MODEL"),
    ]
    assert in_frame(capture) == in_store()


def test_a_span_that_outlives_its_block(client: OpenAI) -> None:
    with nbext.trace(display=False) as capture:
        later = pieces(client)
        next(later)
    assert [span.status for span in capture.spans if span.name == "pieces"] == ["running"]
    list(later)
    assert [span.status for span in capture.spans] == ["ok", "ok"]
    assert in_frame(capture) == in_store()


def test_what_the_user_stops_is_interrupted(client: OpenAI) -> None:
    def stop() -> None:
        with mlflow.start_span("work"):
            for _ in ask(client, "a story", stream=True):
                raise KeyboardInterrupt

    with nbext.trace(display=False) as capture, pytest.raises(KeyboardInterrupt):
        stop()
    assert {span.name: span.status for span in capture.spans} == {
        "work": "interrupted",
        "Completions": "interrupted",
    }


def test_two_calls_in_one_span_of_a_model_type_stay_two(client: OpenAI) -> None:
    @mlflow.trace(span_type="LLM")
    def with_fallback() -> None:
        ask(client, "one")
        ask(client, "two")

    @mlflow.trace(span_type="LLM")
    def plain() -> None:
        ask(client, "three")

    with nbext.trace(display=False) as capture:
        with_fallback()
        plain()
    assert [(span.name, span.parent_id is None, span.call is not None) for span in capture.spans] == [
        ("with_fallback", True, False),
        ("chat", False, True),
        ("chat", False, True),
        ("plain", True, True),
    ]
    assert [span.name for trace in stored() for span in trace.data.spans] == ["with_fallback", "plain"]
    frame = capture.spans_df()
    assert set(frame["call_id"].dropna()) == set(capture.calls_df()["call_id"])


def test_spans_of_earlier_are_left_out(client: OpenAI) -> None:
    before = mlflow.start_span_no_context("before")
    time.sleep(0.1)
    with nbext.trace(display=False) as capture:
        ask(client, "q")
        before.end()
    assert [span.name for span in capture.spans] == ["chat"]


def test_secrets_stay_out(client: OpenAI) -> None:
    secret = "sk-proj-" + "a1B2c3D4e5F6g7H8" * 3

    @mlflow.trace
    def work(key: str) -> str:
        raise RuntimeError(f"refused {key}")

    with nbext.trace(display=False) as capture, pytest.raises(RuntimeError):
        work(secret)
    assert secret not in repr(capture.spans)
    assert secret not in repr(wire_of(capture))
