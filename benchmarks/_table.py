"""Makes a route-A inference table of realistic rows, for the benchmarks: 1–1.5 kB a body, all outcomes."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = datetime(2026, 7, 1, tzinfo=timezone.utc)
CHUNK = 50_000
SCHEMA = pa.schema(
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
_WORDS = [
    "the",
    "region",
    "sales",
    "report",
    "quarter",
    "customer",
    "order",
    "invoice",
    "late",
    "shipment",
    "warehouse",
    "north",
    "south",
    "margin",
    "total",
    "average",
    "compare",
    "explain",
    "summary",
    "table",
    "column",
    "join",
    "window",
    "function",
    "model",
    "answer",
    "question",
    "list",
    "amount",
    "euro",
    "growth",
    "decline",
    "forecast",
    "product",
    "category",
    "supplier",
    "contract",
    "renewal",
    "support",
    "ticket",
    "priority",
    "status",
    "owner",
    "review",
    "please",
    "write",
    "short",
    "clear",
    "email",
    "reply",
    "about",
    "policy",
    "refund",
    "delay",
    "apology",
    "offer",
    "discount",
    "next",
    "step",
]
_MODELS = (
    ("demo-chat", "meta-llama-3.3-70b-instruct-121024"),
    ("demo-claude", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
    ("demo-gpt", "gpt-4o-mini-2024-07-18"),
)
_SYSTEM = " ".join(
    ["You are an assistant of the sales team. Answer in plain words and name your sources."] * 4
)
_LIMIT = json.dumps(
    {
        "error_code": "REQUEST_LIMIT_EXCEEDED",
        "message": "REQUEST_LIMIT_EXCEEDED: Exceeded workspace QPS rate limit for demo-chat.",
    }
)
_FAILED = json.dumps({"error_code": "INTERNAL_ERROR", "message": "The model serving container failed."})
_BLOCK = json.dumps(
    {
        "error_code": "BAD_REQUEST",
        "message": json.dumps(
            {
                "usage": {"prompt_tokens": 0, "total_tokens": 0},
                "input_guardrail": [
                    {"flagged": True, "categories": {"privacy": True}, "pii_detection": True}
                ],
                "finishReason": "input_guardrail_triggered",
            }
        ),
    }
)


def write(path: Path, count: int, *, days: int = 14, seed: int = 1) -> Path:
    """Write the table, a chunk at a time."""
    from deltalake import write_deltalake

    reader = pa.RecordBatchReader.from_batches(SCHEMA, batches(count, days=days, seed=seed))
    write_deltalake(str(path), reader, mode="overwrite")
    return path


def repeat(source: Path, target: Path, times: int, *, days: int = 14) -> Path:
    """Write a table again and again with new ids and later times: ten times as many rows in a minute."""
    import duckdb
    from deltalake import DeltaTable, write_deltalake

    files = DeltaTable(str(source)).file_uris()
    for n in range(times):
        shift = n * days
        later = f"request_date + {shift} AS request_date"
        later += f", request_time + INTERVAL {shift} DAY AS request_time"
        replaced = f"CAST(uuid() AS VARCHAR) AS databricks_request_id, {later}"
        found = duckdb.sql(f"SELECT * REPLACE ({replaced}) FROM read_parquet({files})")
        read = getattr(found, "to_arrow_reader", None) or found.fetch_arrow_reader
        write_deltalake(str(target), read(CHUNK), mode="append")
    return target


def batches(count: int, *, days: int = 14, seed: int = 1) -> Iterator[pa.RecordBatch]:
    """Make the rows in order of time."""
    rng = random.Random(seed)
    texts = [" ".join(rng.choices(_WORDS, k=rng.randint(40, 160))) for _ in range(5000)]
    for first in range(0, count, CHUNK):
        rows = [_row(n, count, days, rng, texts) for n in range(first, min(first + CHUNK, count))]
        columns = list(zip(*rows, strict=True))
        yield pa.RecordBatch.from_arrays(
            [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)],
            schema=SCHEMA,
        )


def _row(n: int, count: int, days: int, rng: random.Random, texts: list[str]) -> tuple[Any, ...]:
    received = START + timedelta(seconds=days * 86_400 * n / count)
    model, served = _MODELS[n % 3]
    messages = [{"role": "system", "content": _SYSTEM}]
    for _ in range(rng.choice((0, 0, 1))):
        messages.append({"role": "user", "content": rng.choice(texts)[:200]})
        messages.append({"role": "assistant", "content": rng.choice(texts)[:200]})
    messages.append({"role": "user", "content": f"{n}: {rng.choice(texts)}"})
    request = json.dumps({"model": model, "messages": messages, "max_tokens": 512, "temperature": 0.2})
    status, response = _answer(n, served, rng, texts)
    raw = f"{rng.getrandbits(128):032x}"
    identity = f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-8{raw[17:20]}-{raw[20:]}"
    return (
        identity,
        received.date(),
        None,
        received,
        status,
        1.0,
        int(rng.lognormvariate(6.6, 0.8)),
        request,
        response,
        [],
        f"{n % 3:032x}",
        f"user{rng.randint(1, 40)}@example.com",
    )


def _answer(n: int, served: str, rng: random.Random, texts: list[str]) -> tuple[int, str]:
    luck = rng.random()
    if luck < 0.03:
        return 429, _LIMIT
    if luck < 0.034:
        return 400, _BLOCK
    if luck < 0.044:
        return 500, _FAILED
    text = rng.choice(texts)
    usage = {"prompt_tokens": 250 + n % 97, "completion_tokens": len(text.split()) * 4 // 3}
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    if luck < 0.046:
        return 200, _stream(n, served, text, usage)
    message: dict[str, Any] = {"role": "assistant", "content": text}
    finish = "stop"
    if luck < 0.09:
        arguments = json.dumps({"query": text[:80], "limit": 10})
        tool = {"id": f"call_{n}", "type": "function", "function": {"name": "search", "arguments": arguments}}
        message, finish = {"role": "assistant", "content": None, "tool_calls": [tool]}, "tool_calls"
    return 200, json.dumps(
        {
            "id": f"chatcmpl_{n:032x}",
            "object": "chat.completion",
            "created": 1783036800 + n,
            "model": served,
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
            "usage": usage,
        }
    )


def _stream(n: int, served: str, text: str, usage: dict[str, int]) -> str:
    """Write the text of the events, one of the forms a streamed answer may be stored in."""
    base = {
        "id": f"chatcmpl_{n:032x}",
        "object": "chat.completion.chunk",
        "created": 1783036800,
        "model": served,
    }
    words = text.split()
    pieces = [" ".join(words[i : i + 20]) + " " for i in range(0, len(words), 20)]
    choices = [{"index": 0, "delta": {"content": piece}, "finish_reason": None} for piece in pieces]
    choices.append({"index": 0, "delta": {"content": ""}, "finish_reason": "stop"})
    lines = [json.dumps({**base, "choices": [choice], "usage": usage}) for choice in choices]
    return "".join(f"data: {line}\n\n" for line in lines) + "data: [DONE]\n\n"
