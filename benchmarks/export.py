"""Export to MLflow: what arrives of a burst, and how long the cell is held; MLflow's own beside it.

``python -m benchmarks.export [--traces 1000]``: traces of 5 spans in a tight loop to a file of SQLite,
then as many calls in 16 threads. Each runs in a process of its own, MLflow's with its defaults; at the
end the ratios of one run: what arrived, and how much longer than the bare calls the cell was held, by
the clock and in CPU time of its process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks._stub import stub

_THREADS = 16
_PROMPT = [{"role": "user", "content": "Why is the sky blue?"}]


def ours_loop(store: str, url: str, count: int) -> dict:
    """Trace an application span of OpenTelemetry with four model calls in it, again and again."""
    import openai
    from opentelemetry import trace as otel
    from opentelemetry.sdk.trace import TracerProvider

    import nbext

    otel.set_tracer_provider(TracerProvider())
    tracer = otel.get_tracer("benchmark")
    client = openai.OpenAI(base_url=url, api_key="x")
    begun = time.perf_counter(), time.process_time()
    for _ in range(count):
        with nbext.trace(to=store, experiment="burst"), tracer.start_as_current_span("agent"):
            for _ in range(4):
                client.chat.completions.create(model="stub", messages=_PROMPT)
    return _pushed(begun, nbext)


def ours_threads(store: str, url: str, count: int) -> dict:
    """Trace one cell whose calls run in 16 threads."""
    import openai

    import nbext

    client = openai.OpenAI(base_url=url, api_key="x")

    def call(_: int) -> None:
        client.chat.completions.create(model="stub", messages=_PROMPT)

    begun = time.perf_counter(), time.process_time()
    with nbext.trace(to=store, experiment="burst"), ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(call, range(count)))
    return _pushed(begun, nbext)


def _held(begun: tuple[float, float]) -> dict:
    return {"held": time.perf_counter() - begun[0], "cpu": time.process_time() - begun[1]}


def _pushed(begun: tuple[float, float], nbext) -> dict:
    held, since = _held(begun), time.perf_counter()
    result = nbext.push(timeout=900)
    return {**held, "flush": time.perf_counter() - since, "said": str(result)}


def theirs_loop(store: str, url: str, count: int) -> dict:
    """Do the same with MLflow's own spans and its autologging."""
    mlflow, client = _autologged(store, url)
    begun = time.perf_counter(), time.process_time()
    for _ in range(count):
        with mlflow.start_span("agent"):
            for _ in range(4):
                client.chat.completions.create(model="stub", messages=_PROMPT)
    return _flushed(begun, mlflow)


def theirs_threads(store: str, url: str, count: int) -> dict:
    """Make the same calls, autologged."""
    mlflow, client = _autologged(store, url)

    def call(_: int) -> None:
        client.chat.completions.create(model="stub", messages=_PROMPT)

    begun = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(call, range(count)))
    return _flushed(begun, mlflow)


def _autologged(store: str, url: str):
    import mlflow
    import openai

    mlflow.set_tracking_uri(store)
    mlflow.set_experiment("burst")
    mlflow.openai.autolog()
    return mlflow, openai.OpenAI(base_url=url, api_key="x")


def _flushed(begun: tuple[float, float], mlflow) -> dict:
    held, since = _held(begun), time.perf_counter()
    mlflow.flush_trace_async_logging()
    return {**held, "flush": time.perf_counter() - since, "said": ""}


def bare_loop(store: str, url: str, count: int) -> dict:
    """Make the calls alone."""
    import openai

    client = openai.OpenAI(base_url=url, api_key="x")
    begun = time.perf_counter(), time.process_time()
    for _ in range(count * 4):
        client.chat.completions.create(model="stub", messages=_PROMPT)
    return {**_held(begun), "flush": 0.0, "said": ""}


def bare_threads(store: str, url: str, count: int) -> dict:
    """Make the calls alone."""
    import openai

    client = openai.OpenAI(base_url=url, api_key="x")
    begun = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda _: client.chat.completions.create(model="stub", messages=_PROMPT), range(count)))
    return {**_held(begun), "flush": 0.0, "said": ""}


def kept(store: str) -> tuple[int, int]:
    """Count the traces in the store and the spans in them."""
    import mlflow

    client = mlflow.MlflowClient(store)
    experiment = client.get_experiment_by_name("burst")
    traces, spans, token = 0, 0, None
    while True:
        page = client.search_traces(
            locations=[experiment.experiment_id], max_results=200, page_token=token, include_spans=True
        )
        traces += len(page)
        spans += sum(len(trace.data.spans) for trace in page)
        token = page.token
        if not token:
            return traces, spans


def run(name: str, url: str, count: int) -> dict:
    """Run one of the above in a process of its own, on a store of its own; print and give what came of it."""
    with tempfile.TemporaryDirectory(prefix="nbext-export-") as folder:
        store = f"sqlite:///{folder}/store.db"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
        environment["PYTHONPATH"] = str(Path(__file__).parents[1])
        if not name.startswith("bare"):
            # Its tables are made beforehand, which takes seconds and is nobody's loss.
            code = "import sys, mlflow; mlflow.MlflowClient(sys.argv[1]).get_experiment('0')"
            subprocess.run(
                [sys.executable, "-c", code, store], env=environment, check=True, capture_output=True
            )
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.export", "--one", name, store, url, str(count)],
            env=environment,
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        found = json.loads(done.stdout.splitlines()[-1])
        traces, spans = (0, 0) if name.startswith("bare") else kept(store)
    what = f"{traces:5,} of {count:,} traces, {spans:6,} spans" if traces else " " * 33
    times = f"held {found['held']:7.2f} s (CPU {found['cpu']:6.2f} s)   until stored {found['flush']:7.2f} s"
    print(f"{name:15} {times}   {what}   {found['said']}", flush=True)
    return {**found, "traces": traces}


def compare(kind: str, count: int, bare: dict, ours: dict, theirs: dict) -> None:
    """Print the ratios of one run."""
    print(f"{kind}: kept by nbext {ours['traces']:,} of {count:,}, by MLflow {theirs['traces']:,}")
    for what, key in (("the clock", "held"), ("CPU time", "cpu")):
        our, their = (one[key] / bare[key] for one in (ours, theirs))
        cost = (ours[key] - bare[key]) / max(theirs[key] - bare[key], 1e-9)
        print(
            f"  the cell is held, in {what}: bare 1, nbext {our:.2f}, MLflow {their:.2f}; "
            f"what nbext adds is {cost:.2f} of what MLflow adds",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=1000)
    parser.add_argument("--one", nargs=4, metavar=("NAME", "STORE", "URL", "COUNT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        name, store, url, count = args.one
        print(json.dumps(globals()[name](store, url, int(count))))
        return
    with stub() as url:
        for kind in ("loop", "threads"):
            found = {who: run(f"{who}_{kind}", url, args.traces) for who in ("bare", "ours", "theirs")}
            compare(kind, args.traces, **found)


if __name__ == "__main__":
    main()
