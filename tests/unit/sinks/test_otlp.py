"""OTLP/JSON, read by others: OpenTelemetry's own messages, MLflow's translation, wigglystuff's view."""

from __future__ import annotations

import json

import pytest

from nbext.results.captured import Capture
from nbext.sinks import otlp
from tests.contract.captures import CASES


@pytest.fixture(params=sorted(CASES))
def capture(request) -> Capture:
    return Capture.of(CASES[request.param][0]())


def spans_of(document: dict) -> list[dict]:
    return [
        span
        for resource in document["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    ]


def test_it_is_what_opentelemetry_says_it_is(capture, tmp_path):
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    path = capture.export(tmp_path / "trace.otlp.json")
    document = json.loads(path.read_text())
    # An unknown field, or a value of the wrong type, raises.
    request = ParseDict(document, ExportTraceServiceRequest())
    spans = [span for one in request.resource_spans for scope in one.scope_spans for span in scope.spans]
    assert len(spans) == len(capture.spans)


def test_wigglystuff_shows_the_same_tree(capture, tmp_path):
    from wigglystuff import TraceView

    path = capture.export(tmp_path / "trace.otlp.json")
    view = TraceView.from_otlp(path)
    seen = {span["span_id"]: span for span in view.spans}
    for span in capture.spans:
        theirs = seen[span.id]
        assert theirs["parent_id"] == span.parent_id
        assert theirs["trace_id"] == span.trace_id
        if span.call is not None and span.call.usage.input_tokens is not None:
            assert theirs["attributes"]["gen_ai.usage.input_tokens"] == span.call.usage.input_tokens
    assert set(seen) == {span.id for span in capture.spans}


def test_calls_speak_the_conventions():
    capture = next(made for name in sorted(CASES) if (made := CASES[name][0]()).calls)
    call = capture.calls[0]
    span = next(span for span in spans_of(otlp.otlp_of([capture])) if span["spanId"] == call.call_id)
    found = {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}
    assert span["kind"] == 3
    assert found["gen_ai.operation.name"] == "chat"
    assert found["gen_ai.request.model"] == call.model
    messages = json.loads(found["gen_ai.input.messages"])
    assert [message["role"] for message in messages] == [message.role for message in call.messages]
    assert messages[-1]["parts"][0] == {"type": "text", "content": call.messages[-1].text}
