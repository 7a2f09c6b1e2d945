"""The spans of MLflow's span table, and the table written by DuckDB.

``otel_variant.parquet`` is what ``python -m tests.unit.mlflow_load.otel`` writes with DuckDB 2: the versions
before it read VARIANT in Parquet but cannot write it, and the tests run with the oldest as well.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

S = 1_000_000_000
COLUMNS = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "start_time_unix_nano",
    "end_time_unix_nano",
    "attributes",
    "status",
)
BEGUN = 1_795_000_000 * S


def attributes(kind: str, **more) -> dict[str, str]:
    return {"mlflow.spanType": json.dumps(kind), **{key: json.dumps(value) for key, value in more.items()}}


CHAT = attributes(
    "CHAT_MODEL",
    **{
        "mlflow.spanInputs": {"model": "a", "messages": [{"role": "user", "content": "hi"}]},
        "mlflow.spanOutputs": {
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}
            ],
            "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
        },
    },
)


def spans(number: int, days: int = 0) -> list[dict]:
    trace, start = f"{number:032x}", BEGUN + days * 86_400 * S
    root = {
        "trace_id": trace,
        "span_id": f"{number * 10:016x}",
        "parent_span_id": "",
        "name": "agent",
        "start_time_unix_nano": start,
        "end_time_unix_nano": start + S,
        "attributes": attributes("AGENT"),
        "status": {"message": "", "code": "STATUS_CODE_OK"},
    }
    call = {
        **root,
        "span_id": f"{number * 10 + 1:016x}",
        "parent_span_id": root["span_id"],
        "name": "Completions",
        "start_time_unix_nano": start + S // 10,
        "attributes": CHAT,
    }
    return [root, call]


AS_MAP = "attributes AS attributes"
AS_VARIANT = "to_json(attributes)::JSON::VARIANT AS attributes"
STORED_VARIANT = Path(__file__).with_name("otel_variant.parquet")


def write(path: Path, made: str) -> None:
    """Write two traces, three days apart, with ``made`` as the attributes of each span."""
    rows = [one for number, days in ((1, 0), (2, 3)) for one in spans(number, days)]
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE spans (trace_id TEXT, span_id TEXT, parent_span_id TEXT, name TEXT, "
            "start_time_unix_nano BIGINT, end_time_unix_nano BIGINT, attributes MAP(TEXT, TEXT), "
            "status STRUCT(message TEXT, code TEXT))"
        )
        for one in rows:
            con.execute("INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?)", [one[name] for name in COLUMNS])
        con.execute(f"COPY (SELECT * REPLACE ({made}) FROM spans) TO '{path}' (FORMAT parquet)")


if __name__ == "__main__":
    write(STORED_VARIANT, AS_VARIANT)
