"""How a call ended: SQL, the overview and the frame say the same of every form of an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import nbext

from . import samples

if TYPE_CHECKING:
    from pathlib import Path

CHAT = samples.answer()
BEGUN, ENDED = samples.chunks("a")
ERROR = {"message": "boom", "code": "overloaded"}
POLICY = {"name": "PII", "action": "deny", "phase": "post_call", "reason": "r"}
FILTERED = {**ENDED, "choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]}
MESSAGE = {"type": "message", "role": "assistant", "id": "msg_1", "model": "claude", "content": []}
START = {"type": "message_start", "message": {**MESSAGE, "usage": {"input_tokens": 5, "output_tokens": 1}}}
SPENT = {"input_tokens": 5}
RESPONSE = {"object": "response", "id": "resp_1", "output": []}
TOOL = {"type": "mcp_call", "id": "m", "name": "f", "arguments": "{}", "error": {"message": "no"}}


def sse(*events: Any, name: str | None = None) -> str:
    texts = [f"data: {json.dumps(event)}\n\n" for event in events]
    if name is not None:
        texts[-1] = f"event: {name}\n{texts[-1]}"
    return "".join(texts)


def inside(**message: Any) -> dict[str, Any]:
    return {"error_code": "BAD_REQUEST", "message": json.dumps(message)}


def text(words: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": words}], "stop_reason": "end_turn"}


def gemini(reason: str) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": [{"text": "x"}]}, "finishReason": reason}]}


FORMS: dict[str, tuple[str, int | None, Any]] = {
    "an answer": ("ok", 200, CHAT),
    "compact": ("ok", 200, json.dumps(CHAT, separators=(",", ":"))),
    "indented": ("ok", 200, json.dumps(CHAT, indent=2)),
    "chunks": ("ok", 200, [BEGUN, ENDED]),
    "events": ("ok", 200, sse(BEGUN, ENDED)),
    "a chunk a line": ("ok", 200, f"{json.dumps(BEGUN)}\n{json.dumps(ENDED)}\n"),
    "an error among chunks": ("error", 200, [BEGUN, {"error": ERROR}]),
    "an error code among chunks": ("error", 200, [BEGUN, {"error_code": "INTERNAL", "message": "boom"}]),
    "an error among events": ("error", 200, sse(BEGUN, {"error": ERROR})),
    "an error behind a stop": ("error", 200, sse(BEGUN, ENDED, {"error": ERROR})),
    "an error in a line": ("error", 200, f"{json.dumps(BEGUN)}\n{json.dumps({'error': ERROR})}\n"),
    "an event named error": ("error", 200, sse(BEGUN, {"message": "x"}, name="error")),
    "an error with choices": ("error", 200, sse(BEGUN, {**ENDED, "error": ERROR})),
    "an agent's error": ("error", 200, sse(BEGUN, {"databricks_output": {"error": ERROR}})),
    "chunks filtered": ("blocked", 200, [BEGUN, FILTERED]),
    "events filtered": ("blocked", 200, sse(BEGUN, FILTERED)),
    "events with a policy": ("blocked", 200, sse(BEGUN, {**ENDED, "databricks_service_policy": POLICY})),
    "a policy": ("blocked", 200, {**CHAT, "databricks_service_policy": POLICY}),
    "a policy that masks": ("ok", 200, {**CHAT, "databricks_service_policy": {**POLICY, "action": "mask"}}),
    "a policy without action": ("blocked", 200, {**CHAT, "databricks_service_policy": {"name": "PII"}}),
    "no policy": ("ok", 200, {**CHAT, "databricks_service_policy": None}),
    "a block by its id": ("blocked", 200, samples.answer("Blocked.", id="databricks-guardrail-block")),
    "an error that is null": ("ok", 200, {"error": None, **CHAT}),
    "an error": ("error", 200, {"error": ERROR}),
    "an error behind an id": ("error", 200, {"id": "x", "error": ERROR}),
    "an error behind the usage": ("error", 200, {**CHAT, "error": ERROR}),
    "an error code behind": ("error", 200, {"message": "m", "error_code": "c"}),
    "an error of a filter": ("blocked", 200, {"error": {"message": "m", "code": "content_filter"}}),
    "spoken of": ("ok", 200, samples.answer('{"finish_reason":"content_filter", "error": {"a": 1}}')),
    "text": ("ok", 200, "upstream connect error"),
    "a web page": ("error", 200, "<html><title>Bad</title></html>"),
    "cut": ("error", 200, '{"choices":[{"message":{"content":"cut'),
    "cut at a bracket": ("error", 200, json.dumps(CHAT)[:-1]),
    "cut chunks": ("error", 200, json.dumps([BEGUN, ENDED])[:-1]),
    "nothing": ("ok", 200, None),
    "a message": ("ok", 200, {**MESSAGE, "stop_reason": "end_turn", "usage": SPENT}),
    "a message refused": ("ok", 200, {**MESSAGE, "stop_reason": "refusal"}),
    "a message broken off": (
        "error", 200, sse(START, {"type": "error", "error": {"type": "overloaded_error"}}, name="error")
    ),
    "a message in events": ("ok", 200, sse(START, {"type": "message_stop"})),
    "a response": ("ok", 200, {**RESPONSE, "status": "completed", "error": None}),
    "a response whose tool failed": ("ok", 200, {**RESPONSE, "status": "completed", "output": [TOOL]}),
    "a response failed": ("error", 200, {**RESPONSE, "status": "failed", "error": ERROR}),
    "a response filtered": (
        "blocked", 200,
        {**RESPONSE, "status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
    ),
    "a response failed in events": (
        "error", 200,
        [
            {"type": "response.created", "response": {**RESPONSE, "error": None}},
            {"type": "response.failed", "response": {**RESPONSE, "status": "failed", "error": ERROR}},
        ],
    ),
    "a tool failed in events": (
        "ok", 200,
        sse(
            {"type": "response.output_item.done", "item": TOOL},
            {"type": "response.completed", "response": {**RESPONSE, "status": "completed", "error": None}},
        ),
    ),
    "a message that says error": ("ok", 200, {**MESSAGE, **text('an "error": "x"'), "usage": SPENT}),
    "a message with an error": ("error", 200, {"error": ERROR, **MESSAGE, "usage": SPENT}),
    "a response with usage": ("ok", 200, {**RESPONSE, "error": None, "usage": SPENT}),
    "a response failed with usage": (
        "error", 200, {**RESPONSE, "status": "failed", "error": ERROR, "usage": SPENT}
    ),
    "two errors, one null": (
        "error", 200, [{"error": None, **BEGUN}, {**ENDED, "error": ERROR, "usage": SPENT}]
    ),
    "a cut response with usage": ("error", 200, json.dumps({**RESPONSE, "usage": SPENT, "x": []})[:-1]),
    "cut chunks with usage": ("error", 200, json.dumps([{**BEGUN, "usage": {}}, {"x": [{"y": 1}]}])[:-2]),
    "filtered chunks with usage": ("blocked", 200, [BEGUN, {**FILTERED, "usage": {"prompt_tokens": 1}}]),
    "a policy on chunks with usage": (
        "blocked", 200, [{**BEGUN, "databricks_service_policy": POLICY}, {**ENDED, "usage": {}}]
    ),
    "a block by its id in events": (
        "blocked", 200, sse({**ENDED, "id": "databricks-guardrail-block", "usage": {"prompt_tokens": 0}})
    ),
    "an error refused with usage": ("error", 500, {**CHAT, "message": "x"}),
    "gemini": ("ok", 200, gemini("STOP")),
    "gemini held": ("blocked", 200, gemini("SAFETY")),
    "gemini held in chunks": ("blocked", 200, [gemini("STOP"), gemini("PROHIBITED_CONTENT")]),
    "gemini held the prompt": ("blocked", 200, {"promptFeedback": {"blockReason": "SAFETY"}}),
    "a guardrail": ("blocked", 400, samples.block()),
    "a guardrail on the answer": ("blocked", 400, inside(output_guardrail=[{"flagged": True}])),
    "a guardrail in words": ("error", 400, samples.failure("BAD", "Request blocked by input guardrail 'X'")),
    "a guardrail spoken of": ("error", 400, samples.failure("BAD", "unknown parameter input_guardrail")),
    "a filter": ("blocked", 400, {"error": {"code": "content_filter", "message": "x"}}),
    "a filter of a provider": (
        "blocked", 400,
        inside(external_model_provider="openai", external_model_error={"error": {"code": "content_filter"}}),
    ),
    "a filter spoken of": ("error", 400, {"error": {"code": "bad", "param": "content_filter"}}),
    "a limit": ("rate_limited", 429, samples.LIMIT),
    "a limit without words": ("rate_limited", 429, None),
    "a budget": ("blocked", 403, samples.failure("PERMISSION_DENIED", samples.BUDGET)),
    "not allowed": ("error", 403, samples.failure("PERMISSION_DENIED", "no")),
    "failed": ("error", 500, "oops"),
    "sent elsewhere": ("error", 302, None),
    "sent elsewhere with an answer": ("error", 307, CHAT),
    "no code": ("ok", None, CHAT),
}  # fmt: skip


def table_of(forms: list[str]) -> Any:
    first = samples.serving_rows()[0]
    rows = [
        {
            **first,
            "sampling_fraction": 1.0,
            "databricks_request_id": form,
            "request": json.dumps(samples.request()),
            "status_code": FORMS[form][1],
            "response": body if body is None or type(body) is str else json.dumps(body),
        }
        for form, body in ((form, FORMS[form][2]) for form in forms)
    ]
    return samples.pa.Table.from_pylist(rows, schema=samples.A_SCHEMA)


def told(table: Any) -> dict[str, str]:
    """What SQL says, by id."""
    return {row["id"]: row["status"] for row in table.aggregate("SELECT id, status FROM calls").to_pylist()}


def counts(table: Any) -> dict[str, int]:
    totals = table.overview(since="2026-01-01").totals.iloc[0]
    named = {"error": totals.errors, "rate_limited": totals.rate_limited, "blocked": totals.blocked}
    return {**named, "ok": totals.requests - sum(named.values())}


WANTED = {form: status for form, (status, _, _) in FORMS.items()}


def test_every_form() -> None:
    table = nbext.inference_table(table_of(list(FORMS)))
    frame = table.calls_df()
    assert dict(zip(frame.request_id, frame.status, strict=True)) == WANTED
    assert told(table) == WANTED
    kept = {
        status: list(WANTED.values()).count(status) for status in ("ok", "error", "blocked", "rate_limited")
    }
    assert counts(table) == kept
    assert set(table.errors().calls_df().request_id) == {f for f, s in WANTED.items() if s == "error"}
    assert set(table.blocked().calls_df().request_id) == {f for f, s in WANTED.items() if s == "blocked"}


@pytest.mark.parametrize("form", FORMS)
def test_the_overview_of_one_form(form: str) -> None:
    """No form is told by the one beside it."""
    found = counts(nbext.inference_table(table_of([form])))
    assert {status for status, count in found.items() if count} == {WANTED[form]}


def test_every_form_on_spark(spark: Any, tmp_path: Path) -> None:
    path = tmp_path / "forms.parquet"
    samples.pa.parquet.write_table(table_of(list(FORMS)), path)
    table = nbext.inference_table(spark.read.parquet(str(path)))
    assert told(table) == WANTED
    assert counts(table) == counts(nbext.inference_table(path))


def test_the_model_of_a_stream() -> None:
    table = nbext.inference_table(table_of(["chunks", "events", "a message in events", "an answer"]))
    frame = table.calls_df().set_index("request_id").served_model.to_dict()
    sql = table.aggregate("SELECT id, served_model FROM calls").to_pylist()
    assert {row["id"]: row["served_model"] for row in sql} == frame
    assert table.where("served_model = 'llama-x'").count() == 2
