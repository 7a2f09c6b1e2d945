"""Calls that MLflow's autologging records too are there once, in the view and in the store."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any

import mlflow
import pytest
from openai import NotFoundError

import nbext
from nbext.display.live import Changes

from .conftest import stored

if TYPE_CHECKING:
    from openai import OpenAI


def ask(client: OpenAI, question: str, model: str = "demo-chat", **more: Any) -> Any:
    return client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], **more
    )


@pytest.fixture
def silent_autolog(autolog: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As before MLflow 3.11: the request does not name the span."""
    # The package's attribute of this name is the function.
    module = import_module("mlflow.openai.autolog")
    monkeypatch.setattr(module, "_inject_tracing_headers", lambda kwargs, span: None)


def test_one_row_by_the_id_of_mlflow(client: OpenAI, autolog: None) -> None:
    with nbext.trace(display=False) as capture:
        ask(client, "q")
    (trace,) = stored()
    (span,) = trace.data.spans
    (row,) = capture.spans
    assert (row.id, row.call.call_id, row.trace_id) == (span.span_id, span.span_id, trace.info.trace_id[3:])
    assert (row.name, row.type, row.origin) == ("Completions", "CHAT_MODEL", "mlflow")
    # Twice the same payload would be twice the memory.
    assert (row.inputs, row.outputs) == (None, None)
    assert trace.info.tags["gateway.request_id"] == row.call.facts.request_id


@pytest.mark.parametrize("stream", [False, True])
def test_without_a_traceparent(client: OpenAI, silent_autolog: None, stream: bool) -> None:
    @mlflow.trace(span_type="AGENT")
    def agent() -> None:
        list(ask(client, "in", stream=stream))

    with nbext.trace(display=False) as capture:
        agent()
        list(ask(client, "out", stream=stream))
    rows = [(row.name, row.type, row.call is not None) for row in capture.spans]
    assert rows == [
        ("agent", "AGENT", False),
        ("Completions", "CHAT_MODEL", True),
        ("Completions", "CHAT_MODEL", True),
    ]
    spans = [(span.name, span.attributes) for trace in stored() for span in trace.data.spans]
    assert [name for name, _ in spans] == ["agent", "Completions", "Completions"]
    told = [attributes["gateway.request_id"] for _, attributes in spans[1:]]
    assert told == [call.facts.request_id for call in capture.calls]
    assert [trace.trace_id for trace in capture.traces] == [t.info.trace_id[3:] for t in stored()]


def test_without_a_traceparent_in_threads(client: OpenAI, silent_autolog: None) -> None:
    with nbext.trace(display=False) as capture:
        threads = [threading.Thread(target=ask, args=(client, f"n {n}")) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(capture.spans) == 12
    told = {
        span.inputs["messages"][0]["content"]: span.attributes["gateway.request_id"]
        for trace in stored()
        for span in trace.data.spans
    }
    assert told == {call.messages[0].text: call.facts.request_id for call in capture.calls}


def test_a_refused_call(client: OpenAI, autolog: None) -> None:
    with nbext.trace(display=False) as capture, pytest.raises(NotFoundError):
        ask(client, "q", model="no-such-endpoint")
    (row,) = capture.spans
    (trace,) = stored()
    assert (row.status, row.call.status_code) == ("error", 404)
    assert trace.data.spans[0].attributes["http.response.status_code"] == 404
    assert trace.data.spans[0].attributes["gateway.verdict"] == row.call.verdict.kind


def test_a_traceparent_of_the_users_own_is_a_parent(client: OpenAI) -> None:
    with nbext.trace(display=False) as capture, mlflow.start_span("mine", span_type="CHAIN"):
        headers = mlflow.tracing.get_tracing_context_headers_for_http_request()
        ask(client, "one", extra_headers=headers)
        ask(client, "two", extra_headers=headers)
    (mine,) = [span for span in capture.spans if span.call is None]
    assert [call.parent_span_id for call in capture.calls] == [mine.id, mine.id]
    assert mine.name == "mine"


def test_a_foreign_traceparent_is_left_alone(client: OpenAI) -> None:
    parent = f"00-{'1' * 32}-{'2' * 16}-01"
    with nbext.trace(display=False) as capture:
        ask(client, "q", extra_headers={"traceparent": parent})
    (call,) = capture.calls
    assert (call.trace_id, call.parent_span_id) == ("1" * 32, "2" * 16)
    assert call.call_id != "2" * 16


def test_a_living_view_tells_each_span_once_and_anew_when_it_ends(client: OpenAI, autolog: None) -> None:
    told: list[dict[str, Any]] = []

    with nbext.trace(display=False) as capture:
        changes = Changes(capture)

        def look() -> None:
            delta = changes.delta()
            told.extend(delta["spans"] if delta else [])

        with mlflow.start_span("agent", span_type="AGENT"):
            stream = iter(ask(client, "q", stream=True))
            next(stream)
            look()
            list(stream)
        look()
        with mlflow.start_span("next", span_type="CHAIN"):
            look()
    look()
    (agent,) = [span for span in capture.spans if span.name == "agent"]
    (call,) = capture.calls
    seen = [(span["id"], span["name"], span.get("status", "ok")) for span in told]
    assert (call.call_id, "Completions", "ok") in seen
    assert {span_id for span_id, _, _ in seen} == {span.id for span in capture.spans}
    last = {span["id"]: span for span in told}
    assert (last[call.call_id]["parent"], last[agent.id].get("status")) == (agent.id, None)
    # Known when it begins, as MLflow's tracing had been set up by then.
    assert [status for _, name, status in seen if name == "next"] == ["running", "ok"]
    assert changes.delta() is None
