"""Peculiarities of real clients."""

from __future__ import annotations

import asyncio
import itertools
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import anthropic
import openai
import pytest

from .conftest import attempts
from .server import EVENTS, MESSAGE_EVENTS

if TYPE_CHECKING:
    from .conftest import Record
    from .server import Server

MESSAGES = [{"role": "user", "content": "Hi"}]
_keys = itertools.count()


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Any:
    module = pytest.importorskip("mlflow")
    module.set_tracking_uri(f"sqlite:///{tmp_path_factory.mktemp('mlflow')}/mlflow.db")
    yield module
    module.flush_trace_async_logging()


def whole(recording: Any, events: list[bytes]) -> None:
    (attempt,) = attempts(recording)
    assert b"".join(attempt.pieces) == b"".join(events)
    assert attempt.end_ns is not None
    assert attempt.streamed


def test_openai_reads_the_rest_of_a_stream_past_its_own_iterator(server: Server, record: Record) -> None:
    recording = record()

    async def main() -> None:
        async with openai.AsyncOpenAI(base_url=server.url, api_key="k") as client:
            async for _ in await client.chat.completions.create(model="ok", messages=MESSAGES, stream=True):
                pass

    asyncio.run(main())
    whole(recording, EVENTS)


def test_openai_responses_and_helpers(server: Server, record: Record) -> None:
    recording = record()
    with openai.OpenAI(base_url=server.url, api_key="k", max_retries=0) as client:
        client.responses.with_raw_response.create(model="ok", input="x")
        client.completions.create(model="ok", prompt="x")
        client.chat.completions.parse(model="ok", messages=MESSAGES)
        client.embeddings.create(model="ok", input="x", encoding_format="float")
    endings = [attempt.url.removeprefix(server.url) for attempt in attempts(recording)]
    assert endings == ["/responses", "/completions", "/chat/completions", "/embeddings"]
    assert {attempt.outcome for attempt in attempts(recording)} == {"complete"}


def test_anthropic_under_opentelemetry(server: Server, record: Record) -> None:
    """It sends its own `traceparent` and wraps the body once more, looking for its observer there."""
    recording = record()
    with anthropic.Anthropic(base_url=server.url.removesuffix("/v1"), api_key="k") as client:
        asked = {"model": "ok", "max_tokens": 9, "messages": MESSAGES}
        with client.messages.stream(**asked) as stream:
            assert "".join(stream.text_stream) == "Guten Tag"
    whole(recording, MESSAGE_EVENTS)


@pytest.mark.skipif(find_spec("databricks") is None, reason="databricks-sdk is not in this environment")
def test_databricks_sdk_repeats_without_saying_so(server: Server, record: Record) -> None:
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.service.serving import ChatMessage, ChatMessageRole

    recording = record()
    client = WorkspaceClient(host=server.url.removesuffix("/v1"), token="t")
    client.serving_endpoints.query(
        name=f"429-then-ok-sdk{next(_keys)}", messages=[ChatMessage(role=ChatMessageRole.USER, content="Hi")]
    )
    tries = attempts(recording)
    assert [attempt.status_code for attempt in tries] == [429, 429, 200]
    assert [attempt.number for attempt in tries] == [0, 1, 2]
    assert {attempt.retry_count for attempt in tries} == {None}
    assert {attempt.library for attempt in tries} == {"requests"}


def test_under_the_span_of_mlflow(server: Server, record: Record, mlflow: Any) -> None:
    recording = record()
    with mlflow.start_span("work") as span, openai.OpenAI(base_url=server.url, api_key="k") as client:
        client.chat.completions.create(model="ok", messages=MESSAGES)
    (attempt,) = attempts(recording)
    assert attempt.parent_span_id == span.span_id
    assert attempt.trace_id == span.trace_id.removeprefix("tr-")


def test_mlflow_autologging_sends_the_span_itself(server: Server, record: Record, mlflow: Any) -> None:
    recording = record()
    mlflow.openai.autolog()
    try:
        with openai.OpenAI(base_url=server.url, api_key="k") as client:
            client.chat.completions.create(model="ok", messages=MESSAGES)
    finally:
        mlflow.openai.autolog(disable=True)
    mlflow.flush_trace_async_logging()
    (attempt,) = attempts(recording)
    (span,) = mlflow.get_trace(mlflow.get_last_active_trace_id()).data.spans
    assert attempt.trace_id == span.trace_id.removeprefix("tr-")
    # Under that span, or, where application spans are collected, that span itself.
    assert span.span_id in (attempt.parent_span_id, attempt.call_id)
    assert server.seen[-1].headers["traceparent"][3:35] == attempt.trace_id
