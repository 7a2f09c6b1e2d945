"""Calls per second from memory to a DataFrame: nbext, a loop over parsed JSON, and MLflow's search_traces.

    python benchmarks/frames.py [--calls 20000] [--no-mlflow]

All in one run on one machine, so that the ratios mean something. nbext's frame has all declared
columns; the loop makes the ten that people usually pull out of request and response JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time

import pandas as pd

import nbext
from nbext.model.call import AttemptFacts, Call, Cost, GatewayFacts, Message, Part, Usage

MS = 1_000_000
START = 1_700_000_000_000_000_000


def make_calls(count: int) -> list[Call]:
    """Make chat calls as they are after a cell: three messages in, one out, one attempt."""
    calls = []
    for n in range(count):
        start = START + n * 10 * MS
        calls.append(
            Call(
                call_id=f"{n:016x}",
                trace_id=f"{n:032x}",
                start_ns=start,
                capture_id="c" * 16,
                cell=3,
                end_ns=start + 400 * MS,
                status="ok",
                status_code=200,
                api="chat.completions",
                url="https://host/serving-endpoints/chat/completions",
                endpoint="demo-chat",
                model="demo-chat",
                served_model="demo-chat-v1",
                messages=[
                    Message("system", [Part("text", "You are terse.")]),
                    Message(
                        "user", [Part("text", f"Question {n}: how many regions sold more than last year?")]
                    ),
                ],
                answers=[
                    Message("assistant", [Part("text", f"Answer {n}: seven of them did, most in the north.")])
                ],
                finish_reasons=["stop"],
                usage=Usage(input_tokens=40 + n % 7, output_tokens=12, total_tokens=52 + n % 7),
                cost=Cost(0.0001, "listed", "genai-prices"),
                facts=GatewayFacts(route="serving", request_id=f"{n:032x}", served_model="demo-chat-v1"),
                attempts=[
                    AttemptFacts(0, start, start + 300 * MS, start + 400 * MS, 200, outcome="complete")
                ],
            )
        )
    return calls


def make_rows(count: int) -> list[tuple[str, str, int, int]]:
    """Make the same calls as request and response JSON."""
    rows = []
    for n in range(count):
        request = {
            "model": "demo-chat",
            "messages": [
                {"role": "system", "content": "You are terse."},
                {"role": "user", "content": f"Question {n}: how many regions sold more than last year?"},
            ],
        }
        response = {
            "id": f"chatcmpl-{n}",
            "model": "demo-chat-v1",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {
                        "role": "assistant",
                        "content": f"Answer {n}: seven of them did, most in the north.",
                    },
                }
            ],
            "usage": {"prompt_tokens": 40 + n % 7, "completion_tokens": 12, "total_tokens": 52 + n % 7},
        }
        rows.append((json.dumps(request), json.dumps(response), START + n * 10 * MS, 400))
    return rows


def loop(rows: list[tuple[str, str, int, int]]) -> pd.DataFrame:
    """Make the frame as people do by hand."""
    found = []
    for request_text, response_text, start, ms in rows:
        request, response = json.loads(request_text), json.loads(response_text)
        choice = response["choices"][0]
        found.append(
            {
                "start_time": pd.Timestamp(start, tz="UTC"),
                "duration_ms": ms,
                "model": request["model"],
                "served_model": response["model"],
                "prompt": request["messages"][-1]["content"],
                "completion": choice["message"]["content"],
                "finish_reason": choice["finish_reason"],
                "input_tokens": response["usage"]["prompt_tokens"],
                "output_tokens": response["usage"]["completion_tokens"],
                "total_tokens": response["usage"]["total_tokens"],
            }
        )
    return pd.DataFrame(found)


def rate(function, count: int, repeat: int = 5) -> float:
    """Items per second, the median of several runs after a first one that does not count."""
    function()
    seconds = []
    for _ in range(repeat):
        begun = time.perf_counter()
        made = function()
        seconds.append(time.perf_counter() - begun)
        assert len(made) == count, (len(made), count)
    return count / statistics.median(seconds)


def mlflow_rate(count: int) -> float:
    """Spans per second of `mlflow.search_traces` out of its SQLite store."""
    import logging

    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
        mlflow.set_experiment("frames")
        for request, response, _, _ in make_rows(count):
            with mlflow.start_span("chat", span_type="CHAT_MODEL") as span:
                span.set_inputs(json.loads(request))
                span.set_outputs(json.loads(response))
        if hasattr(mlflow, "flush_trace_async_logging"):
            mlflow.flush_trace_async_logging()
        # Its queue drops traces of a burst; what it kept is what it is measured with.
        kept = len(mlflow.search_traces(max_results=count))
        return rate(lambda: mlflow.search_traces(max_results=count), kept, repeat=3)


def main() -> None:
    """Print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--mlflow-traces", type=int, default=1_000)
    parser.add_argument("--no-mlflow", action="store_true")
    args = parser.parse_args()

    calls, rows = make_calls(args.calls), make_rows(args.calls)
    ours = rate(lambda: nbext.calls_df(calls), args.calls)
    by_hand = rate(lambda: loop(rows), args.calls)
    columns = len(nbext.calls_df(calls[:1]).columns)
    print(f"nbext.calls_df, {columns} columns      {ours:>12,.0f} calls/s   (budget 50,000)")
    for name, expected in (("spans", 1), ("messages", 3), ("attempts", 1)):
        make = getattr(nbext, f"{name}_df")
        speed = rate(lambda make=make: make(calls), args.calls * expected) / expected
        print(f"nbext.{name + '_df':12}               {speed:>12,.0f} calls/s")
    print(f"json.loads loop, 10 columns      {by_hand:>12,.0f} calls/s   nbext: {ours / by_hand:.1f} ×")
    if not args.no_mlflow:
        theirs = mlflow_rate(args.mlflow_traces)
        print(f"mlflow.search_traces             {theirs:>12,.0f} traces/s  nbext: {ours / theirs:.0f} ×")


if __name__ == "__main__":
    main()
