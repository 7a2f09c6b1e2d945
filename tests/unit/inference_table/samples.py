"""Rows as a gateway logs them, in the forms the wire facts name."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 7, 4, 22, 0, tzinfo=timezone.utc)
A_SCHEMA = pa.schema(
    [
        ("databricks_request_id", pa.string()),
        ("request_date", pa.date32()),
        ("client_request_id", pa.string()),
        ("request_time", pa.timestamp("us", tz="UTC")),
        ("status_code", pa.int32()),
        ("sampling_fraction", pa.float64()),
        ("execution_duration_ms", pa.int64()),
        ("request", pa.string()),
        ("response", pa.string()),
        ("logging_error_codes", pa.list_(pa.string())),
        ("served_entity_id", pa.string()),
        ("requester", pa.string()),
    ]
)
B_SCHEMA = pa.schema(
    [
        ("event_time", pa.timestamp("us", tz="UTC")),
        ("request_id", pa.string()),
        ("invocation_id", pa.string()),
        ("request_tags", pa.map_(pa.string(), pa.string())),
        ("status_code", pa.int32()),
        ("sampling_fraction", pa.float64()),
        ("latency_ms", pa.int64()),
        ("time_to_first_byte_ms", pa.int64()),
        ("request", pa.string()),
        ("response", pa.string()),
        ("destination_type", pa.string()),
        ("destination_name", pa.string()),
        ("destination_id", pa.string()),
        ("destination_model", pa.string()),
        ("logging_error_codes", pa.list_(pa.string())),
        ("requester", pa.string()),
        ("schema_version", pa.string()),
        ("url", pa.string()),
        ("api_type", pa.string()),
    ]
)
LEGACY_SCHEMA = pa.schema(
    [
        ("databricks_request_id", pa.string()),
        ("client_request_id", pa.string()),
        ("date", pa.date32()),
        ("timestamp_ms", pa.int64()),
        ("status_code", pa.int32()),
        ("sampling_fraction", pa.float64()),
        ("execution_time_ms", pa.int64()),
        ("request", pa.string()),
        ("response", pa.string()),
        ("request_metadata", pa.map_(pa.string(), pa.string())),
    ]
)
USAGE = {"prompt_tokens": 22, "completion_tokens": 3, "total_tokens": 25}
HOSTILE = [
    "",
    "not json",
    "{",
    '{"choices": [{"message": {"content": "cut',
    "null",
    "[]",
    "[1, 2]",
    '"text"',
    "{}",
    "\x00\x01",
    "'; DROP TABLE payload; --",
    '{"choices": {"0": 1}, "usage": []}',
    '{"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": {"a": [1]}}}]}',
    '{"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": 42}}]}',
    '{"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": "x"}}], "usage": '
    '{"prompt_tokens": -5, "completion_tokens": 1e3, "total_tokens": "many"}}',
    '{"error": {"message": "inside a 200", "code": "overloaded"}}',
    "<!doctype html><title>502 Bad Gateway</title>",
    "[" * 500 + "]" * 500,
    '{"a": NaN, "b": 1' + "0" * 400 + "}",
]


def answer(content: Any = "Paris.", **more: Any) -> dict[str, Any]:
    """A chat completion."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content},
        "finish_reason": "stop",
        "logprobs": None,
    }
    return {
        "id": "chatcmpl_1",
        "object": "chat.completion",
        "created": 1783194026,
        "model": "meta-llama-3.3-70b-instruct-121024",
        "choices": [choice],
        "usage": USAGE,
        **more,
    }


def request(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A chat request."""
    asked = messages or (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Capital of France?"},
    )
    return {"messages": list(asked), "max_tokens": 64, **more}


def chunks(*pieces: str) -> list[dict[str, Any]]:
    """The chunks of a stream, usage on each as Databricks sends it."""
    base = {"id": "chatcmpl_7", "object": "chat.completion.chunk", "created": 1, "model": "llama-x"}
    made = [
        {
            **base,
            "choices": [{"index": 0, "delta": {"content": p}, "finish_reason": None}],
            "usage": {**USAGE},
        }
        for p in pieces
    ]
    made.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": {**USAGE}})
    return made


def sse(events: list[dict[str, Any]]) -> str:
    """The text of a stream."""
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


def block() -> str:
    """A guardrail's block on route A."""
    inner = {
        "usage": {"prompt_tokens": 0, "total_tokens": 0},
        "input_guardrail": [
            {
                "flagged": True,
                "categories": {"privacy": True},
                "pii_detection": True,
                "anonymized_input": [{"role": "user", "content": "mail <EMAIL_ADDRESS>"}],
            }
        ],
        "finishReason": "input_guardrail_triggered",
    }
    return json.dumps({"error_code": "BAD_REQUEST", "message": json.dumps(inner)})


LIMIT = json.dumps(
    {
        "error_code": "REQUEST_LIMIT_EXCEEDED",
        "message": "REQUEST_LIMIT_EXCEEDED: Exceeded workspace QPS rate limit for demo-chat. Please wait.",
    }
)


BUDGET = 'Budget "team" (b-1) has reached its limit of $0.05. To continue, contact an admin.'


def failure(code: str, message: str) -> dict[str, Any]:
    """An error in Databricks' form."""
    return {"error_code": code, "message": message}


def exchanges() -> list[tuple[int, str | None, str | None]]:
    """Status, request and response of one of everything."""
    tool = {
        "id": "call_1",
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city": "Rome"}'},
    }
    asked = request()
    long = request({"role": "user", "content": "first"}, {"role": "assistant", "content": "ok"},
                   {"role": "user", "content": "naïve Größe 東京 — “quoted” \\ back"})  # fmt: skip
    loop = request(
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": None, "tool_calls": [tool]},
        {"role": "tool", "tool_call_id": "call_1", "content": "18 °C"},
    )
    parts = request({"role": "user", "content": [{"type": "text", "text": "in parts"}]})
    claude = answer("from a cache", model="us.anthropic.claude-sonnet-4-5-20250929-v1:0", id="msg_bdrk_1")
    claude["usage"] = {
        "prompt_tokens": 4,
        "completion_tokens": 9,
        "total_tokens": 13,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 7,
    }
    reasoning = answer("thought")
    reasoning["usage"] = {
        **USAGE,
        "completion_tokens_details": {"reasoning_tokens": 2},
        "prompt_tokens_details": {"cached_tokens": 11},
    }
    called = answer(None)
    called["choices"][0]["message"]["tool_calls"] = [tool]
    called["choices"][0]["finish_reason"] = "tool_calls"
    two = answer()
    two["choices"] = [*two["choices"], {**two["choices"][0], "index": 1}]
    response = {
        "object": "response",
        "id": "resp_1",
        "status": "completed",
        "output": [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hi"}]}
        ],
        "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
    }
    events = [
        {"type": "response.created", "response": {"id": "resp_1", "output": []}},
        {"type": "response.output_text.delta", "delta": "hi", "output_index": 0, "content_index": 0},
        {"type": "response.completed", "response": response},
    ]
    denial = answer("This request was blocked by the 'PII' service policy.", id="databricks-guardrail-block")
    denial["choices"][0]["finish_reason"] = "content_filter"
    vectors = {
        "object": "list",
        "model": "gte",
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
        "data": [{"object": "embedding", "index": 0, "embedding": [0.1, -0.2]}],
    }
    provider = {
        "external_model_provider": "openai",
        "external_model_error": {"error": {"message": "no", "code": "bad"}},
    }
    rows: list[tuple[int, Any, Any]] = [
        (200, asked, answer()),
        (200, {**asked, "model": "demo-chat", "client_request_id": "tr-1"}, answer("with a model")),
        (200, long, answer("naïve Größe 東京 — “quoted” \\ back\n\tend")),
        (200, loop, answer("18 °C")),
        (200, parts, answer([{"type": "text", "text": "in "}, {"type": "text", "text": "blocks"}])),
        (200, asked, called),
        (200, asked, reasoning),
        (200, asked, claude),
        (200, asked, two),
        (200, asked, answer('{"json": "mode"}')),
        (200, asked, answer("[1, 2]")),
        (200, asked, answer("42")),
        (200, asked, answer("my key is sk-abcdefghijklmnopqrstuvwx0123456789")),
        (200, request({"role": "user", "content": "password=hunter2hunter2"}), answer()),
        (200, {**asked, "stream": True}, answer("streamed, kept whole")),
        (200, {**asked, "stream": True}, chunks("Hello", " world")),
        (200, {**asked, "stream": True}, sse(chunks("Hello", " events"))),
        (200, {"input": "hi", "instructions": "brief"}, response),
        (200, {"input": "hi", "stream": True, "instructions": "brief"}, events),
        (200, {"input": ["a", "b"]}, vectors),
        (200, asked, denial),
        (400, asked, block()),
        (400, asked, failure("BAD_REQUEST", json.dumps(provider))),
        (403, asked, failure("PERMISSION_DENIED", BUDGET)),
        (403, asked, failure("PERMISSION_DENIED", "User is not allowed to query this endpoint.")),
        (404, asked, {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "The endpoint is not there"}),
        (429, asked, LIMIT),
        (429, asked, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}),
        (500, asked, {"error_code": "INTERNAL_ERROR", "message": "The model server failed."}),
        (502, asked, "<html><title>Bad gateway</title></html>"),
        (200, asked, None),
        (200, None, answer("only the answer")),
        (200, "not json", answer()),
    ]  # fmt: skip
    made = [(code, _text(sent), _text(got)) for code, sent, got in rows]
    return [*made, *((200, _text(asked), text) for text in HOSTILE)]


def _text(body: Any) -> str | None:
    return body if body is None or isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def serving_rows() -> list[dict[str, Any]]:
    """Rows of route A, across a midnight; two requests were delivered twice."""
    rows = []
    for n, (code, sent, got) in enumerate(exchanges()):
        at = START + timedelta(minutes=5 * n, milliseconds=n)
        rows.append(
            {
                "databricks_request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"a{n}")),
                "request_date": at.date(),
                "client_request_id": f"tr-{n:032x}" if n % 5 == 0 else None,
                "request_time": at,
                "status_code": code,
                "sampling_fraction": 0.5 if n % 4 == 0 else 1.0,
                "execution_duration_ms": (n * 37) % 1000 if n % 9 else None,
                "request": sent,
                "response": got,
                "logging_error_codes": ["MAX_RESPONSE_SIZE_EXCEEDED"] if got is None else [],
                "served_entity_id": f"{n % 2:032x}",
                "requester": None if n % 11 == 0 else f"user{n % 3}@example.com",
            }
        )
    return [*rows, dict(rows[2]), dict(rows[7]), dict(rows[7])]


def unity_rows() -> list[dict[str, Any]]:
    """Rows of route B."""
    rows = []
    for n, (code, sent, got) in enumerate(exchanges()):
        chat = not (sent or "").startswith('{"input"')
        api = "mlflow/v1/chat/completions" if chat else "openai/v1/responses"
        rows.append(
            {
                "event_time": START + timedelta(minutes=5 * n),
                "request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"b{n}")),
                "invocation_id": f"i{n}",
                "request_tags": {"team": f"t{n % 2}", "mlflow_trace_id": f"tr-{n}"} if n % 3 else {},
                "status_code": code,
                "sampling_fraction": 1.0,
                "latency_ms": 100 + n,
                "time_to_first_byte_ms": 90 + n,
                "request": sent,
                "response": got,
                "destination_type": "PAY_PER_TOKEN_FOUNDATION_MODEL",
                "destination_name": f"system.ai.model-{n % 2}",
                "destination_id": f"d{n}",
                "destination_model": f"model-{n % 2}",
                "logging_error_codes": [],
                "requester": f"user{n % 3}@example.com",
                "schema_version": "1",
                "url": f"https://dbc-1.cloud.databricks.com/ai-gateway/{api}",
                "api_type": api,
            }
        )
    return rows


def legacy_rows() -> list[dict[str, Any]]:
    """Rows of the legacy table."""
    rows = []
    for n, (code, sent, got) in enumerate(exchanges()):
        at = START + timedelta(minutes=5 * n)
        rows.append(
            {
                "databricks_request_id": f"legacy-{n}",
                "client_request_id": None,
                "date": at.date(),
                "timestamp_ms": int(at.timestamp() * 1000),
                "status_code": code,
                "sampling_fraction": 1.0,
                "execution_time_ms": 10 + n,
                "request": sent,
                "response": got,
                "request_metadata": {"endpoint_name": f"ep-{n % 2}", "model_name": "m", "model_version": "1"},
            }
        )
    return rows


TABLES: dict[str, tuple[pa.Schema, Any]] = {
    "serving": (A_SCHEMA, serving_rows),
    "unity": (B_SCHEMA, unity_rows),
    "legacy": (LEGACY_SCHEMA, legacy_rows),
}


def arrow(kind: str) -> pa.Table:
    """A table of samples as Arrow."""
    schema, rows = TABLES[kind]
    return pa.Table.from_pylist(rows(), schema=schema)


def write_parquet(kind: str, path: Path) -> Path:
    """Write a table of samples."""
    pyarrow.parquet.write_table(arrow(kind), path)
    return path


def strings(row: dict[str, Any]) -> dict[str, str | None]:
    """A row as the Statement Execution API answers it: all strings, nested values as JSON."""

    def one(value: Any) -> str | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (list, dict)):
            return json.dumps(value)
        return str(value)

    return {name: one(value) for name, value in row.items()}
