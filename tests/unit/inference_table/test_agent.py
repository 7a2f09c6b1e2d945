"""Agent rows: the logged trace becomes the tree below the row's call."""

from __future__ import annotations

import base64
import json
from typing import Any

import pandas as pd
import pytest

import nbext
from nbext.sources.inference_table.agent import version_of

from . import samples

TRACE = "0123456789abcdef0123456789abcdef"
ROOT, MODEL, TOOL = "00000000000000a1", "00000000000000b2", "00000000000000c3"
T0 = 1783202400_100_000_000
MS = 1_000_000
ASKED = {"messages": [{"role": "user", "content": "weather?"}], "model": "demo-chat"}
FAILURE = (
    "Error code: 400 - {'error_code': 'BAD_REQUEST', 'message': "
    '\'{"external_model_provider":"openai",'
    '"external_model_error":{"error":{"message":"no such tool","code":"bad"}}}\'}'
)


def b64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def v3(ids: Any = lambda text: text, *, encoded: bool = True) -> dict[str, Any]:
    """What MLflow 3 logs; ids are hex or base64, attribute values JSON as text or plain."""

    def value(given: Any) -> Any:
        return json.dumps(given) if encoded else given

    def span(
        identity: str, parent: str | None, name: str, kind: str, start: int, end: int, **more: Any
    ) -> Any:
        attributes = {"mlflow.spanType": value(kind), **{key: value(item) for key, item in more.items()}}
        return {
            "trace_id": ids(TRACE),
            "span_id": ids(identity),
            "parent_span_id": ids(parent) if parent else None,
            "name": name,
            "start_time_unix_nano": T0 + start * MS,
            "end_time_unix_nano": str(T0 + end * MS),
            "events": [],
            "status": {"code": "STATUS_CODE_OK", "message": ""},
            "attributes": attributes,
        }

    return {
        "info": {
            "trace_id": f"tr-{TRACE}",
            "request_time": "2026-07-04T22:00:00.100Z",
            "state": "OK",
            "execution_duration_ms": 900,
            "trace_metadata": {"mlflow.trace_schema.version": "3"},
        },
        "data": {
            "spans": [
                span(ROOT, None, "predict", "AGENT", 0, 900),
                span(MODEL, ROOT, "Completions", "CHAT_MODEL", 10, 400,
                     **{"mlflow.spanInputs": ASKED, "mlflow.spanOutputs": samples.answer("18 °C")}),
                span(TOOL, ROOT, "weather", "TOOL", 410, 500,
                     **{"mlflow.spanInputs": {"city": "Rome"}, "mlflow.spanOutputs": "18 °C"}),
            ]
        },
    }  # fmt: skip


def v2() -> dict[str, Any]:
    """What MLflow 2 logs."""
    spans = [
        (ROOT, None, "predict", "AGENT", 0, 900, None, None),
        (MODEL, ROOT, "Completions", "CHAT_MODEL", 10, 400, ASKED, samples.answer("18 °C")),
        (TOOL, ROOT, "weather", "TOOL", 410, 500, {"city": "Rome"}, "18 °C"),
    ]
    return {
        "mlflow.trace_schema.version": 2,
        "start_timestamp": "2026-07-04T22:00:00.100000+00:00",
        "spans": [
            {
                "name": name,
                "context": {"span_id": f"0x{identity}", "trace_id": f"0x{TRACE}"},
                "parent_id": f"0x{parent}" if parent else None,
                "start_time": T0 + start * MS,
                "end_time": T0 + end * MS,
                "status_code": "OK",
                "status_message": "",
                "attributes": {
                    "mlflow.traceRequestId": json.dumps(f"tr-{TRACE}"),
                    "mlflow.spanType": json.dumps(kind),
                    **({"mlflow.spanInputs": json.dumps(given)} if given else {}),
                    **({"mlflow.spanOutputs": json.dumps(made)} if made else {}),
                },
                "events": [],
            }
            for identity, parent, name, kind, start, end, given, made in spans
        ],
    }


def v1() -> dict[str, Any]:
    """The first form: no version, no info, times as text."""
    return {
        "start_timestamp": "2026-07-04T22:00:00.100Z",
        "spans": [
            {"span_id": ROOT, "parent_id": "", "name": "predict", "span_type": "AGENT",
             "start_timestamp": "2026-07-04T22:00:00.100Z", "end_timestamp": "2026-07-04T22:00:01.000Z",
             "status": "OK"},
            {"span_id": MODEL, "parent_id": ROOT, "name": "Completions", "span_type": "CHAT_MODEL",
             "start_timestamp": "2026-07-04T22:00:00.110Z", "end_timestamp": "2026-07-04T22:00:00.500Z",
             "inputs": ASKED, "outputs": samples.answer("18 °C"), "status": {"status_code": "OK"}},
            {"span_id": TOOL, "parent_id": ROOT, "name": "weather", "span_type": "TOOL",
             "start_timestamp": "2026-07-04T22:00:00.510Z", "end_timestamp": "2026-07-04T22:00:00.600Z",
             "inputs": {"city": "Rome"}, "outputs": "18 °C"},
        ],
    }  # fmt: skip


def table_of(trace: Any, *, answer: dict[str, Any] | None = None) -> Any:
    row = samples.serving_rows()[0]
    row["execution_duration_ms"] = 1000
    row["request"] = json.dumps({"input": [{"role": "user", "content": "weather?"}]})
    body = answer or {
        "object": "response",
        "id": "resp_1",
        "output": [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "18 °C"}]}
        ],
    }
    body["databricks_output"] = {"databricks_request_id": row["databricks_request_id"], "trace": trace}
    row["response"] = json.dumps(body)
    return nbext.inference_table(pd.DataFrame([row]))


FORMS = {
    "v3": v3(),
    "v3 base64": v3(b64),
    "v3 plain values": v3(encoded=False),
    "v3 as text": json.dumps(v3()),
    "v2": v2(),
    "v1": v1(),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_tree(form: str) -> None:
    table = table_of(FORMS[form])
    (trace,) = table.traces()
    root, agent, model, tool = trace.spans
    assert [span.name for span in trace.spans[1:]] == ["predict", "Completions", "weather"]
    assert [span.type for span in trace.spans[1:]] == ["AGENT", "CHAT_MODEL", "TOOL"]
    assert (agent.parent_id, model.parent_id, tool.parent_id) == (root.id, agent.id, agent.id)
    assert {span.trace_id for span in trace.spans} == {trace.trace_id}
    if form != "v1":
        assert (agent.id, model.id, tool.id) == (ROOT, MODEL, TOOL)
    if form.startswith("v3"):
        assert trace.trace_id == TRACE
    assert (model.start_ns, model.end_ns) == (T0 + 10 * MS, T0 + 400 * MS)
    assert tool.inputs == {"city": "Rome"}
    assert tool.outputs == "18 °C"
    assert model.call is not None
    assert model.call.completion == "18 °C"
    assert model.call.usage.input_tokens == 22
    assert root.call is not None
    assert root.call.completion == "18 °C"
    assert root.duration_ms == 1000


@pytest.mark.parametrize(("form", "version"), [("v3", 3), ("v2", 2), ("v1", 1)])
def test_versions(form: str, version: int) -> None:
    assert version_of(FORMS[form]) == version


def test_frames_and_view() -> None:
    table = table_of(v3())
    spans = table.spans_df()
    assert spans["depth"].tolist() == [0, 1, 2, 2]
    assert len(table.calls_df()) == 1
    (capture,) = table.captures()
    assert [span.name for span in capture.spans if span.call is None] == ["predict", "weather"]
    assert "weather" in capture._repr_mimebundle_()["text/plain"]


def test_a_model_call_that_failed() -> None:
    trace = v3()
    failed = trace["data"]["spans"][1]
    failed["status"] = {"code": "STATUS_CODE_ERROR", "message": "BadRequestError"}
    failed["attributes"].pop("mlflow.spanOutputs")
    failed["events"] = [
        {
            "name": "exception",
            "time_unix_nano": T0 + 400 * MS,
            "attributes": {"exception.type": "BadRequestError", "exception.message": FAILURE},
        }
    ]
    model = table_of(trace).traces()[0].spans[2]
    assert model.status == "error"
    assert model.call.status_code == 400
    assert model.call.error_message == "no such tool"
    assert model.call.verdict.kind == "provider"
    assert model.events[0]["attributes"]["exception.type"] == "BadRequestError"


def test_langchains_messages_are_read_as_chat() -> None:
    trace = v3()
    trace["data"]["spans"][1]["attributes"] |= {
        "mlflow.spanInputs": json.dumps([[{"type": "human", "content": "weather?"}]]),
        "mlflow.spanOutputs": json.dumps(
            {
                "generations": [[{"message": {"type": "ai", "content": "18 °C"}}]],
                "llm_output": {"token_usage": {"prompt_tokens": 5, "completion_tokens": 3}},
            }
        ),
    }
    call = table_of(trace).traces()[0].spans[2].call
    assert [(m.role, m.text) for m in call.messages] == [("user", "weather?")]
    assert (call.completion, call.usage.input_tokens, call.usage.output_tokens) == ("18 °C", 5, 3)


@pytest.mark.parametrize(
    "trace",
    [
        None,
        "",
        "no json",
        [],
        {},
        {"spans": None},
        {"data": "x"},
        {"data": {"spans": [None, 1, "x"]}},
        {"info": 5},
    ],
)
def test_what_is_no_trace_leaves_the_call(trace: Any) -> None:
    (found,) = table_of(trace).traces()
    assert len(found.spans) == 1
    assert found.spans[0].call is not None


def test_spans_that_say_nothing_are_still_spans() -> None:
    (trace,) = table_of(
        {"spans": [{}, {"name": "x", "parent_id": "nowhere", "attributes": 3, "events": [1]}]}
    ).traces()
    assert len(trace.spans) == 3
    assert all(span.parent_id == trace.spans[0].id for span in trace.spans[1:])
    assert len({span.id for span in trace.spans}) == 3


def test_secrets_inside_a_trace_are_masked() -> None:
    trace = v3()
    trace["data"]["spans"][2]["attributes"]["mlflow.spanOutputs"] = json.dumps(
        "token dapi0123456789abcdef0123456789abcdef"
    )
    (found,) = table_of(trace).traces()
    assert "0123456789abcdef0123456789abcdef" not in str(found.spans[3].outputs)


def test_the_trace_names_the_endpoint_where_the_request_does_not() -> None:
    trace = v3()
    metadata = trace["info"].setdefault("trace_metadata", {})
    metadata["mlflow.databricks.modelServingEndpointName"] = "agents_ep"
    table = table_of(trace)
    assert table.calls_df()["endpoint"].item() == "agents_ep"
    assert table.endpoint("agents_ep").count() == 1
    assert table.endpoint("other").count() == 0
    overview = table.overview(since="2026-01-01")
    assert overview.by_endpoint["endpoint"].tolist() == ["agents_ep"]
    assert overview.numbers.notes == []


@pytest.mark.parametrize("beside", ["response.output_item.done", "response.completed", "of its own"])
@pytest.mark.parametrize("form", ["list", "sse"])
def test_the_trace_beside_an_event_of_a_stream(beside: str, form: str) -> None:
    item = {"type": "message", "id": "m", "content": [{"type": "output_text", "text": "18 °C"}]}
    answer = {"object": "response", "id": "resp_1", "status": "completed", "output": [item]}
    # The answer's own part does not take the trace's place.
    answer["databricks_output"] = {"databricks_request_id": "r1"}
    events: list[dict[str, Any]] = [
        {"type": "response.output_item.done", "item": item, "output_index": 0},
        {"type": "response.completed", "response": answer},
    ]
    if beside == "of its own":
        events.append({})
    holder = next((event for event in events if event.get("type") == beside), events[-1])
    holder["databricks_output"] = {"trace": v3()}
    row = samples.serving_rows()[0]
    row["request"] = json.dumps({"input": [{"role": "user", "content": "weather?"}], "stream": True})
    row["response"] = (
        json.dumps(events) if form == "list" else "".join(f"data: {json.dumps(one)}\n\n" for one in events)
    )
    (trace,) = nbext.inference_table(pd.DataFrame([row])).traces()
    assert [span.name for span in trace.spans[1:]] == ["predict", "Completions", "weather"]
    root = trace.spans[0].call
    assert root is not None
    assert root.completion == "18 °C"
    assert root.response["databricks_output"]["databricks_request_id"] == "r1"
