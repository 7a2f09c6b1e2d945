"""OTLP files come back: ours as they were, a collector's as one capture for each trace."""

from __future__ import annotations

import json

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

import nbext
from nbext.sinks import otlp as sink
from tests.contract.captures import CASES

NS = 1_791_979_320_000_000_000
TRACE = "434c6710e3a04b7c9d5f00112233aabb"
ROOT, CHAT, TOOL = "00f067aa0ba90201", "00f067aa0ba90202", "00f067aa0ba90203"
INPUT = [
    {"role": "user", "parts": [{"type": "text", "content": "Weather in Rome?"}]},
    {
        "role": "assistant",
        "parts": [
            {"type": "reasoning", "content": "ask the tool"},
            {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Rome"}},
        ],
    },
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": {"sky": "clear"}}]},
]
OUTPUT = [
    {"role": "assistant", "parts": [{"type": "text", "content": "Clear."}], "finish_reason": "stop"},
]


def value(of) -> dict:
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    if isinstance(of, float):
        return {"doubleValue": of}
    if isinstance(of, list):
        return {"arrayValue": {"values": [value(one) for one in of]}}
    if isinstance(of, dict):
        return {"kvlistValue": {"values": attributes(of)}}
    return {"stringValue": of}


def attributes(given: dict) -> list[dict]:
    return [{"key": key, "value": value(one)} for key, one in given.items()]


def span(id_: str, parent: str | None, name: str, at: int, told: dict, **more) -> dict:
    return {
        "traceId": TRACE,
        "spanId": id_,
        **({"parentSpanId": parent} if parent else {}),
        "name": name,
        "kind": 3,
        "startTimeUnixNano": str(NS + at * 1_000_000),
        "endTimeUnixNano": str(NS + (at + 100) * 1_000_000),
        "attributes": attributes(told),
        "status": {},
        **more,
    }


def request(*spans: dict, service: str = "shop") -> dict:
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": attributes({"service.name": service})},
                "scopeSpans": [{"scope": {"name": "my.agent"}, "spans": list(spans)}],
            }
        ]
    }


def agent() -> list[dict]:
    """Two batches, as a collector got them from two processes."""
    chat = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-x",
        "gen_ai.response.model": "claude-x-1",
        "gen_ai.response.id": "msg_1",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.usage.input_tokens": 30,
        "gen_ai.usage.output_tokens": 2,
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
        # Structured, as exporters that can write it do.
        "gen_ai.input.messages": [{**one, "parts": [{**part} for part in one["parts"]]} for one in INPUT],
        "gen_ai.output.messages": json.dumps(OUTPUT),
        "user.id": "0042",
    }
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.call.arguments": '{"city": "Rome"}'}
    failed = {"code": 2, "message": "no city"}
    raised = {
        "name": "exception",
        "timeUnixNano": str(NS + 5_000_000),
        "attributes": attributes({"exception.type": "ValueError", "exception.message": "no city"}),
    }
    return [
        request(
            span(CHAT, ROOT, "chat claude-x", 10, chat),
            span(TOOL, ROOT, "execute_tool weather", 2, tool, status=failed, events=[raised]),
        ),
        request(span(ROOT, None, "invoke_agent shop", 0, {"gen_ai.operation.name": "invoke_agent"})),
    ]


def check(captures) -> None:
    (capture,) = captures
    assert (capture.id, capture.name) == (TRACE[:16], "invoke_agent shop")
    spans = {one.id: one for one in capture.spans}
    assert {id_: (one.type, one.parent_id, one.status) for id_, one in spans.items()} == {
        ROOT: ("AGENT", None, "ok"),
        CHAT: ("CHAT_MODEL", ROOT, "ok"),
        TOOL: ("TOOL", ROOT, "error"),
    }
    assert spans[TOOL].inputs == {"city": "Rome"}
    assert (spans[TOOL].error_type, spans[TOOL].error_message) == ("ValueError", "no city")
    # A text stays a text.
    assert spans[CHAT].attributes["user.id"] == "0042"
    (call,) = capture.calls
    assert (call.call_id, call.model, call.served_model, call.facts.provider) == (
        CHAT,
        "claude-x",
        "claude-x-1",
        "anthropic",
    )
    assert [message.role for message in call.messages] == ["system", "user", "assistant", "tool"]
    asked = call.messages[2].parts[-1]
    assert (asked.kind, asked.name, json.loads(asked.text)) == ("tool_call", "weather", {"city": "Rome"})
    assert json.loads(call.messages[3].parts[0].text) == {"sky": "clear"}
    assert (call.completion, call.finish_reasons, call.params) == ("Clear.", ["stop"], {"temperature": 0.5})
    assert (call.usage.input_tokens, call.usage.output_tokens) == (30, 2)
    row = nbext.calls_df(captures).iloc[0]
    assert (row.model, row.input_tokens, row.status) == ("claude-x", 30, "ok")
    assert len(nbext.spans_df(captures)) == 3


def as_proto(one: dict) -> bytes:
    """The same bytes for the ids, which JSON of OTLP writes in hex and JSON of protobuf in base64."""
    import base64

    changed = json.loads(json.dumps(one))
    for resource in changed["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for item in scope["spans"]:
                for key in ("traceId", "spanId", "parentSpanId"):
                    if key in item:
                        item[key] = base64.b64encode(bytes.fromhex(item[key])).decode()
    return ParseDict(changed, ExportTraceServiceRequest()).SerializeToString()


@pytest.mark.parametrize("name", ["traces.json", "traces.jsonl"])
def test_lines_of_a_collector(tmp_path, name):
    path = tmp_path / name
    path.write_text("".join(json.dumps(one) + "\n" for one in agent()) + '{"resourceSp')
    check(nbext.open(path))


def test_one_request(tmp_path):
    path = tmp_path / "one.json"
    whole = {"resourceSpans": [resource for one in agent() for resource in one["resourceSpans"]]}
    path.write_text(json.dumps(whole, indent=1))
    check(nbext.open(path))


def test_protobuf_with_lengths_and_without(tmp_path):
    parts = [as_proto(one) for one in agent()]
    path = tmp_path / "traces.binpb"
    path.write_bytes(b"".join(len(part).to_bytes(4, "big") + part for part in parts))
    check(nbext.open(path))
    path.write_bytes(b"".join(parts))
    check(nbext.open(path))


def test_ids_in_base64(tmp_path):
    path = tmp_path / "base64.jsonl"
    made = [MessageToDict(ExportTraceServiceRequest.FromString(as_proto(one))) for one in agent()]
    path.write_text("\n".join(map(json.dumps, made)))
    check(nbext.open(path))


def test_messages_of_earlier_conventions(tmp_path):
    told = {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "m"}
    events = [
        {"name": "gen_ai.user.message", "timeUnixNano": str(NS), "attributes": attributes({"content": "42"})},
        {
            "name": "gen_ai.choice",
            "timeUnixNano": str(NS),
            "attributes": attributes(
                {"message": '{"role": "assistant", "content": "yes"}', "finish_reason": "stop", "index": 0}
            ),
        },
    ]
    numbered = {
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": "42",
        "gen_ai.completion.0.content": "yes",
        "gen_ai.completion.0.finish_reason": "stop",
    }
    made = request(span(CHAT, None, "a", 0, told, events=events), span(TOOL, None, "b", 1, told | numbered))
    path = tmp_path / "t.json"
    path.write_text(json.dumps(made))
    (capture,) = nbext.open(path)
    assert [call.prompt for call in capture.calls] == ["42", "42"]
    assert [(call.completion, call.finish_reasons) for call in capture.calls] == [("yes", ["stop"])] * 2
    assert [len(call.messages) for call in capture.calls] == [1, 2]


def test_a_model_inside_a_model_is_one_call(tmp_path):
    told = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 3}
    made = request(span(ROOT, None, "ChatOpenAI", 0, told), span(CHAT, ROOT, "chat m", 1, told))
    path = tmp_path / "t.json"
    path.write_text(json.dumps(made))
    (capture,) = nbext.open(path)
    assert [call.call_id for call in capture.calls] == [CHAT]
    assert nbext.calls_df(capture).input_tokens.sum() == 3
    assert [one.call is not None for one in capture.spans] == [False, True]


@pytest.mark.parametrize("case", sorted(set(CASES) - {"empty"}))
def test_ours_comes_back(tmp_path, case):
    before = CASES[case][0]()
    path = sink.write([before], tmp_path / "x.otlp.json")
    (after,) = nbext.open(path)
    assert (after.id, after.name, after.cell, after.start_ns, after.end_ns or 0) == (
        before.id,
        before.name,
        before.cell,
        before.start_ns,
        before.end_ns or after.end_ns,
    )

    def tree(capture):
        return {
            one.id: (one.parent_id, one.name, one.type, one.start_ns, one.origin) for one in capture.spans
        }

    assert tree(after) == tree(before)
    mine, theirs = {c.call_id: c for c in before.calls}, {c.call_id: c for c in after.calls}
    assert set(mine) == set(theirs)
    for call_id, call in mine.items():
        back = theirs[call_id]
        if call.end_ns is None:
            continue
        assert back.status == call.status, call.error_message
        assert (back.api, back.endpoint, back.model, back.status_code) == (
            call.api,
            call.endpoint,
            call.model,
            call.status_code,
        )
        for name in ("input_tokens", "output_tokens", "cached_tokens"):
            assert getattr(back.usage, name) == getattr(call.usage, name), name
        assert [message.role for message in back.messages] == [message.role for message in call.messages]
        assert [m.text for m in back.messages] == [m.text for m in call.messages]
        assert back.completion == call.completion
        assert (back.facts.request_id, back.facts.route) == (call.facts.request_id, call.facts.route)
        assert back.cost.usd == call.cost.usd


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("logs.json", b'{"resourceLogs": []}', "holds no spans"),
        ("x.binpb", b"\xff\xff\xff", "no ExportTraceServiceRequest"),
        ("x.jsonl", b'{"resourceSpans": []}\nnonsense\n{}\n', "line 2: expected OTLP/JSON"),
        ("x.json", b'{"spans": []}', "or OTLP/JSON"),
    ],
)
def test_what_is_none_is_said(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ValueError, match=words):
        nbext.open(path)
