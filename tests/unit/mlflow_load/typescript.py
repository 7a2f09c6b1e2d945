"""Traces as MLflow's TypeScript SDK writes them.

Values are plain JSON, chat is of type ``LLM``, the root's parent is ``""``, times are whole
milliseconds, and spans stand only in the artifact ``traces.json``; what is stored of a stream is the
object that would have given it.
"""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode

MS = 1_000_000
START = 1_795_000_000_000 * MS


def trace_id(number: int) -> str:
    return f"{number:032x}"


def span(number: int, index: int, name: str, kind: str, *, parent: str = "", **attributes) -> dict:
    return {
        "trace_id": b64encode(bytes.fromhex(trace_id(number))).decode(),
        "span_id": b64encode(bytes.fromhex(f"{number * 100 + index:016x}")).decode(),
        "parent_span_id": parent and b64encode(bytes.fromhex(parent)).decode(),
        "name": name,
        "start_time_unix_nano": str(START + index * 10 * MS),
        "end_time_unix_nano": str(START + (index * 10 + 250) * MS),
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "events": [],
        "attributes": {
            "mlflow.traceRequestId": f"tr-{trace_id(number)}",
            "mlflow.spanType": kind,
            **attributes,
        },
    }


def chat(number: int, index: int = 0, *, parent: str = "") -> dict:
    return span(
        number,
        index,
        "Completions",
        "LLM",
        parent=parent,
        **{
            "mlflow.message.format": "openai",
            "mlflow.spanInputs": {
                "model": "databricks-claude-sonnet-4",
                "messages": [{"role": "user", "content": "Say hi"}],
            },
            "mlflow.spanOutputs": {
                "id": "chatcmpl-ts-1",
                "object": "chat.completion",
                "model": "claude-sonnet-4",
                "choices": [
                    {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi."}}
                ],
                "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
            },
            "mlflow.chat.tokenUsage": {"input_tokens": 9, "output_tokens": 2, "total_tokens": 11},
        },
    )


def stream(number: int, index: int = 0, *, parent: str = "") -> dict:
    found = chat(number, index, parent=parent)
    found["attributes"]["mlflow.spanInputs"]["stream"] = True
    found["attributes"]["mlflow.spanOutputs"] = {"iterator": "[Function]", "controller": {}}
    del found["attributes"]["mlflow.chat.tokenUsage"]
    return found


def refused(number: int) -> dict:
    found = chat(number)
    del found["attributes"]["mlflow.spanOutputs"], found["attributes"]["mlflow.chat.tokenUsage"]
    message = "429 Request rate limit exceeded"
    found["status"] = {"code": "STATUS_CODE_ERROR", "message": message}
    found["events"] = [
        {
            "name": "exception",
            "time_unix_nano": str(START + 200 * MS),
            "attributes": {"exception.type": "REQUEST_LIMIT_EXCEEDED", "exception.message": message},
        }
    ]
    return found


def store(uri: str, experiment_id: str, number: int, spans: list[dict]) -> str:
    """Store a trace as the SDK does: its head over REST, its spans as an artifact."""
    own = f"tr-{trace_id(number)}"
    head = {
        "trace_id": own,
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": experiment_id},
        },
        "request_time": "2026-11-18T06:26:40.000Z",
        "execution_duration": "0.250s",
        "state": "OK",
        "trace_metadata": {"mlflow.trace_schema.version": "3"},
        "tags": {},
        "request_preview": "Say hi",
    }
    answer = _send(f"{uri}/api/3.0/mlflow/traces", "POST", {"trace": {"trace_info": head}})
    place = answer["trace"]["trace_info"]["tags"]["mlflow.artifactLocation"].removeprefix(
        "mlflow-artifacts:/"
    )
    _send(f"{uri}/api/2.0/mlflow-artifacts/artifacts/{place}/traces.json", "PUT", {"spans": spans})
    return own


def _send(url: str, method: str, body: dict) -> dict:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"{}")
