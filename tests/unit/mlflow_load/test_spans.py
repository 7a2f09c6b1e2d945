"""Stored spans of every schema and of other libraries' autologging."""

from __future__ import annotations

import json

from nbext.sources.mlflow.spans import span_of
from nbext.sources.mlflow.stored import stored_trace

TRACE = "ab" * 16
MS = 1_000_000


def stored(attributes: dict, *, as_json: bool = True, **fields) -> dict:
    given = {key: json.dumps(value) if as_json else value for key, value in attributes.items()}
    return {
        "span_id": "00f067aa0ba902b7",
        "parent_span_id": None,
        "name": "Completions",
        "start_time_unix_nano": 1_795_000_000_000 * MS,
        "end_time_unix_nano": 1_795_000_000_400 * MS,
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": given,
        **fields,
    }


def chat(**more) -> dict:
    return {
        "mlflow.spanType": "CHAT_MODEL",
        "mlflow.spanInputs": {"model": "a", "messages": [{"role": "user", "content": "hi"}]},
        "mlflow.spanOutputs": {
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}
            ],
            "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
        },
        **more,
    }


def test_values_are_read_whether_or_not_they_are_json():
    one, other = (span_of(stored(chat(), as_json=flag), TRACE) for flag in (True, False))
    assert one == other
    assert one.call.prompt == "hi"
    assert one.call.usage.total_tokens == 4


def test_schema_2_is_read():
    item = {
        "context": {"span_id": "0x00f067aa0ba902b7", "trace_id": "0x" + TRACE},
        "parent_id": "0x00f067aa0ba90299",
        "name": "Completions",
        "start_time": 1_695_000_000_000 * MS,
        "end_time": 1_695_000_000_400 * MS,
        "status_code": "ERROR",
        "status_message": "Error code: 403 - {'error_code': 'PERMISSION_DENIED', 'message': 'no'}",
        "attributes": {
            key: json.dumps(value) for key, value in chat().items() if key != "mlflow.spanOutputs"
        },
        "events": [],
    }
    span = span_of(item, TRACE)
    assert (span.id, span.parent_id, span.duration_ms) == ("00f067aa0ba902b7", "00f067aa0ba90299", 400)
    assert (span.status, span.call.status_code) == ("error", 403)
    assert span.call.response == {"error_code": "PERMISSION_DENIED", "message": "no"}


def test_chunks_of_a_stream_tell_its_times():
    events = [
        {"name": f"mlflow.chunk.item.{i}", "time_unix_nano": (1_795_000_000_100 + i) * MS, "attributes": {}}
        for i in range(3)
    ]
    span = span_of(stored(chat(), events=events), TRACE)
    assert span.call.stream
    assert span.call.ttft_ms == 100
    assert len(span.call.chunk_ns) == 3
    assert span.events == []


def test_what_nbext_exported_comes_back():
    gateway = {
        "gateway.request_id": "123456",
        "gateway.status": "blocked",
        "gateway.verdict": "guardrail",
        "gateway.verdict_title": "Blocked by a guardrail",
        "http.response.status_code": 400,
        "gateway.endpoint": "prod-chat",
        "gateway.route": "serving",
        "gateway.tags": {"team": "a"},
        "gateway.time_to_first_token_ms": 120.5,
        "url.full": "https://host/serving-endpoints/chat/completions",
    }
    call = span_of(stored(chat(**gateway)), TRACE).call
    assert (call.status, call.verdict.kind, call.status_code, call.endpoint) == (
        "blocked",
        "guardrail",
        400,
        "prod-chat",
    )
    assert (call.facts.request_id, call.facts.route, call.facts.tags) == ("123456", "serving", {"team": "a"})
    assert call.ttft_ms == 120.5


def test_an_answer_of_anthropic_is_read():
    span = span_of(
        stored(
            {
                "mlflow.spanType": "CHAT_MODEL",
                "mlflow.message.format": "anthropic",
                "mlflow.spanInputs": {
                    "model": "claude",
                    "max_tokens": 9,
                    "messages": [{"role": "user", "content": "hi"}],
                },
                "mlflow.spanOutputs": {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "text", "text": "yes"}],
                    "stop_reason": "end_turn",
                    "usage": {"input_tokens": 3, "output_tokens": 1},
                },
            }
        ),
        TRACE,
    )
    assert (span.call.api, span.call.completion, span.call.usage.total_tokens) == ("messages", "yes", 4)


def test_langchains_messages_are_read_as_chat():
    span = span_of(
        stored(
            {
                "mlflow.spanType": "CHAT_MODEL",
                "mlflow.message.format": "langchain",
                "mlflow.llm.model": "gpt-4o-mini",
                "mlflow.spanInputs": [
                    [{"type": "system", "content": "be brief"}, {"type": "human", "content": "hi"}]
                ],
                "mlflow.spanOutputs": {
                    "generations": [
                        [
                            {
                                "text": "yes",
                                "generation_info": {"finish_reason": "stop"},
                                "message": {
                                    "type": "ai",
                                    "content": "yes",
                                    "tool_calls": [{"name": "look", "args": {"q": 1}, "id": "c1"}],
                                },
                            }
                        ]
                    ],
                    "llm_output": {
                        "token_usage": {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
                    },
                },
            }
        ),
        TRACE,
    )
    call = span.call
    assert [m.role for m in call.messages] == ["system", "user"]
    assert (call.model, call.completion, call.usage.total_tokens, call.finish_reasons) == (
        "gpt-4o-mini",
        "yes",
        6,
        ["stop"],
    )
    assert [(p.name, p.text) for p in call.answers[0].parts if p.kind == "tool_call"] == [
        ("look", '{"q": 1}')
    ]


def test_opentelemetrys_words_are_read():
    span = span_of(
        stored(
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "gpt-4o",
                "gen_ai.usage.input_tokens": 7,
                "gen_ai.usage.output_tokens": 2,
                "gen_ai.prompt": "hi",
                "gen_ai.completion": "yes",
            },
            as_json=False,
        ),
        TRACE,
    )
    assert (span.type, span.call.model, span.call.usage.input_tokens) == ("CHAT_MODEL", "gpt-4o", 7)


def test_a_trace_of_mlflows_own_gateway_is_linked():
    span = span_of(stored(chat(**{"mlflow.gateway.linkedTraceId": "tr-" + "cd" * 16})), TRACE)
    assert span.links == [{"trace_id": "cd" * 16, "span_id": ""}]
    assert span.call.facts.gateway_trace_id == "tr-" + "cd" * 16


def test_judgements_hang_at_their_spans_and_replaced_ones_are_gone():
    given = [
        {
            "assessment_id": "a1",
            "assessment_name": "grounded",
            "source": {"source_type": "LLM_JUDGE", "source_id": "databricks-claude"},
            "feedback": {"value": "no"},
            "rationale": "made up",
            "span_id": "00f067aa0ba902b7",
            "create_time": "2026-11-18T06:26:40Z",
            "valid": True,
        },
        {"assessment_name": "grounded", "feedback": {"value": "yes"}, "valid": False},
        {
            "assessment_name": "expected_response",
            "source": {"source_type": "HUMAN", "source_id": "a@b.c"},
            "expectation": {"serialized_value": {"serialization_format": "JSON", "value": '{"a": [1]}'}},
        },
        {
            "assessment_name": "broken",
            "feedback": {"error": {"error_code": "X", "error_message": "no judge"}},
        },
    ]
    found = stored_trace({"trace_id": "tr-" + TRACE, "assessments": given}, [stored(chat())])
    call = found.trace.calls[0]
    assert [(a.name, a.kind, a.value, a.source) for a in call.assessments] == [
        ("grounded", "feedback", "no", "LLM_JUDGE"),
        ("expected_response", "expectation", {"a": [1]}, "HUMAN"),
        ("broken", "feedback", None, "CODE"),
    ]
    assert call.assessments[2].error == "no judge"


def test_a_secret_in_a_stored_trace_is_masked():
    key = "sk-" + "a1B2c3D4" * 6
    inputs = {"model": "a", "messages": [{"role": "user", "content": key}], "extra_headers": {"x": key}}
    span = span_of(stored(chat(**{"mlflow.spanInputs": inputs})), TRACE)
    assert key not in repr(span)


def test_a_key_in_a_name_is_not_shown():
    key = "sk-ant-api03-" + "aB3dE6gH9jK2mN5pQ8sT" * 3
    assert span_of(stored({}, name=f"look up {key}"), TRACE).name == "look up [redacted Anthropic key]"
