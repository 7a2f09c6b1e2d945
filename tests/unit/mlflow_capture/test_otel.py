"""Spans of other OpenTelemetry tracers, on the process's own tracer provider."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import nbext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai import OpenAI


@pytest.fixture(scope="module")
def exported() -> InMemorySpanExporter:
    """The provider can be set once in a process."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def instrumented(exported: InMemorySpanExporter) -> Iterator[None]:
    OpenAIInstrumentor().instrument(tracer_provider=trace.get_tracer_provider())
    yield
    OpenAIInstrumentor().uninstrument()


def ask(client: OpenAI, question: str, **more: Any) -> Any:
    return client.chat.completions.create(
        model="demo-chat", messages=[{"role": "user", "content": question}], **more
    )


def test_plain_spans(client: OpenAI, exported: InMemorySpanExporter) -> None:
    tracer = trace.get_tracer("mine")
    with nbext.trace(display=False) as capture, tracer.start_as_current_span("agent") as agent:
        agent.set_attributes({"gen_ai.operation.name": "invoke_agent", "cities": ("Rome", "Oslo")})
        ask(client, "q")
        with (
            pytest.raises(ValueError, match="no city"),
            tracer.start_as_current_span("tool", links=[trace.Link(agent.get_span_context())]) as tool,
        ):
            tool.set_attributes(
                {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.arguments": '{"city": "?"}'}
            )
            raise ValueError("no city")
    spans = {span.name: span for span in capture.spans}
    assert {name: (span.type, span.status, span.origin) for name, span in spans.items()} == {
        "agent": ("AGENT", "ok", "otel"),
        "chat": ("CHAT_MODEL", "ok", None),
        "tool": ("TOOL", "error", "otel"),
    }
    assert spans["chat"].parent_id == spans["tool"].parent_id == spans["agent"].id
    assert spans["tool"].inputs == {"city": "?"}
    assert (spans["tool"].error_type, spans["tool"].error_message) == ("ValueError", "no city")
    assert spans["tool"].links == [{"trace_id": spans["agent"].trace_id, "span_id": spans["agent"].id}]
    assert spans["agent"].attributes["cities"] == ["Rome", "Oslo"]
    # Saved and read again, nothing is lost.
    assert json.loads(json.dumps(spans["agent"].attributes)) == spans["agent"].attributes


def test_a_secret_in_a_name_or_in_what_was_raised(client: OpenAI, exported: InMemorySpanExporter) -> None:
    key = "sk-ant-api03-" + "aB3dE6gH9jK2mN5pQ8sT" * 3
    tracer = trace.get_tracer("mine")
    with nbext.trace(display=False) as capture, tracer.start_as_current_span(f"look up {key}"):
        assert [span.name for span in capture.spans] == ["look up [redacted Anthropic key]"]
        with (
            pytest.raises(OSError, match="refused"),
            tracer.start_as_current_span("tool"),
        ):
            raise OSError("refused: /v1/chat?key=shortKeyVal99&x=1 (again)")
    outer, tool = capture.spans
    assert (outer.name, outer.status) == ("look up [redacted Anthropic key]", "ok")
    assert tool.error_message == "refused: /v1/chat?key=&x= (again)"
    assert "shortKeyVal99" not in repr(tool.events)


@pytest.mark.parametrize("stream", [False, True])
def test_an_instrumented_client(client: OpenAI, instrumented: None, stream: bool) -> None:
    with nbext.trace(display=False) as capture:
        list(ask(client, "q", stream=stream))
    (row,) = capture.spans
    assert (row.name, row.type, row.origin, row.status) == ("ChatCompletion", "LLM", "otel", "ok")
    assert row.call is capture.calls[0]
    assert row.call.parent_span_id == row.id


def test_nothing_is_collected_between_captures(client: OpenAI, exported: InMemorySpanExporter) -> None:
    tracer = trace.get_tracer("mine")
    with nbext.trace(display=False) as capture:
        pass
    exported.clear()
    with tracer.start_as_current_span("outside"):
        ask(client, "q")
    assert capture.spans == []
    assert [span.name for span in exported.get_finished_spans()] == ["outside"]


def test_the_processor_is_added_once(exported: InMemorySpanExporter) -> None:
    tracer = trace.get_tracer("mine")
    for _ in range(3):
        with nbext.trace(display=False) as capture, tracer.start_as_current_span("one"):
            pass
        assert [span.name for span in capture.spans] == ["one"]
