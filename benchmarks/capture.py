"""What tracing adds to a model call: untraced, nbext, MLflow autologging and OpenInference.

    python benchmarks/capture.py [--rounds N] [--calls N]

Everything runs against one loopback stub. Each tracer has processes of its own, as loading one may
slow another; in them, many short blocks of traced calls have untraced ones on both sides, so that what
else the machine does hits all alike. Beside the wall time stands the time the calling thread had the
processor, which stays readable on a busy machine but also counts what is done while the answer is on
its way, for which nobody waits; and the time the whole process had, which counts what a tracer leaves
to its background. A tracer that is not installed is left out. Exits with 1 when
`nbext.trace()` is over budget.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks._stub import stub
from nbext.capture import Recording
from nbext.capture.clock import now_ns
from nbext.model.capture import Capture

CALL_BUDGET_MS = 0.05
CHUNK_BUDGET_US = 3.0
TOKENS = 400
WARM_UP = 3
# The tracers take turns so often: a machine has slow minutes, too.
PASSES = 4
JUDGED = "nbext.trace()"

Tracer = Callable[[], AbstractContextManager[object]]
# Of one call or chunk: wall time, the calling thread's processor time.
Cost = tuple[float, float]


class Round(NamedTuple):
    """One block of traced calls and what it adds to its untraced neighbours; medians, but for `all_cpu`."""

    untraced: float
    wall: float
    cpu: float
    # Of the whole process, a call.
    all_cpu: float
    # Between the untraced neighbours: what the machine adds by itself.
    noise: float


@contextmanager
def bare() -> Iterator[None]:
    """Record, with nothing written or drawn."""
    recording = Recording(Capture(id=os.urandom(8).hex(), start_ns=now_ns()))
    recording.open()
    try:
        yield
    finally:
        recording.close()


def traced() -> AbstractContextManager[object]:
    """Trace as a user does, journal included."""
    import nbext

    return nbext.trace("benchmark", display=False)


@contextmanager
def mlflow_autolog() -> Iterator[None]:
    import mlflow

    mlflow.openai.autolog()
    try:
        yield
    finally:
        mlflow.openai.autolog(disable=True)
        # Else it goes on writing in the background of whoever comes next.
        mlflow.flush_trace_async_logging()


@contextmanager
def openinference() -> Iterator[None]:
    from openinference.instrumentation.openai import OpenAIInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    try:
        yield
    finally:
        OpenAIInstrumentor().uninstrument()
        provider.shutdown()


def with_mlflow() -> AbstractContextManager[object]:
    """Trace as a user does who has MLflow loaded."""
    import mlflow  # noqa: F401

    return traced()


def tracers() -> dict[str, Tracer]:
    """Return what there is to compare."""
    found: dict[str, Tracer] = {"nbext, recording only": bare, JUDGED: traced}
    if find_spec("mlflow"):
        found["nbext.trace(), MLflow loaded"] = with_mlflow
        found[f"MLflow autolog {version('mlflow')}"] = mlflow_autolog
    if find_spec("openinference"):
        found[f"OpenInference {version('openinference-instrumentation-openai')}"] = openinference
    return found


def measure(tracer: Tracer, once: Callable[[], Cost], *, rounds: int, times: int) -> list[Round]:
    """Run `once` so many times a round under a tracer, untraced before and after."""

    def block(tracer: Tracer) -> tuple[float, float, float]:
        with tracer():
            for _ in range(WARM_UP):
                once()
            gc.collect()
            gc.disable()
            process = time.process_time_ns()
            try:
                walls, cpus = zip(*(once() for _ in range(times)), strict=True)
            finally:
                gc.enable()
        # Its end, too: there the background's work is waited for.
        return statistics.median(walls), statistics.median(cpus), (time.process_time_ns() - process) / times

    found = []
    before = block(nullcontext)
    for _ in range(rounds):
        here, after = block(tracer), block(nullcontext)
        wall, cpu, whole = (
            value - (one + other) / 2 for value, one, other in zip(here, before, after, strict=True)
        )
        untraced = (before[0] + after[0]) / 2
        found.append(Round(untraced, wall, cpu, whole, abs(after[0] - before[0])))
        before = after
    return found


def run(name: str, url: str, rounds: int, times: int) -> dict[str, list[Round]]:
    """Measure one tracer, in this process."""
    import openai

    messages = [{"role": "user", "content": "Say something short."}]
    client = openai.OpenAI(base_url=url, api_key="none", max_retries=0)

    def call() -> Cost:
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        client.chat.completions.create(model="stub", messages=messages)
        return (time.perf_counter_ns() - wall) / 1e6, (time.thread_time_ns() - cpu) / 1e6

    def stream() -> Cost:
        answer = client.chat.completions.create(model=f"stub-{TOKENS}", messages=messages, stream=True)
        next(answer)
        wall, cpu = time.perf_counter_ns(), time.thread_time_ns()
        for _ in answer:
            pass
        chunks = TOKENS * 1e3
        return (time.perf_counter_ns() - wall) / chunks, (time.thread_time_ns() - cpu) / chunks

    tracer = tracers()[name]
    return {
        "calls": measure(tracer, call, rounds=rounds, times=times),
        "chunks": measure(tracer, stream, rounds=max(rounds // 3, 3), times=max(times // 5, 3)),
    }


def report(title: str, unit: str, found: dict[str, list[Round]], budget: float, scale: float) -> bool:
    """Print a table; tell whether nbext is within its budget."""
    rows = {name: Round(*map(statistics.median, zip(*rounds, strict=True))) for name, rounds in found.items()}
    ours = rows[JUDGED]
    busy = ours.noise / len(found[JUDGED]) ** 0.5 > budget / 2
    heads = (f"untraced {unit}", f"added {unit}", "added CPU", "all CPU", "× untraced", "CPU × nbext")
    print(f"\n{title}\n{'':32}" + "".join(f"{head:>13}" for head in heads))
    for name, row in rows.items():
        ratio = row.cpu / max(ours.cpu, 1e-3)
        print(
            f"{name:32}{row.untraced:13.4f}{row.wall:13.4f}{row.cpu:13.4f}{row.all_cpu / scale:13.4f}"
            f"{1 + row.wall / row.untraced:13.2f}{ratio:13.1f}"
        )
    verdict = "within" if ours.wall <= budget else "OVER"
    doubt = (
        f"; untraced blocks alone differ by {ours.noise:.4f}, so try again on a quieter machine"
        if busy
        else ""
    )
    print(f"{JUDGED} adds {ours.wall:.4f} {unit}: {verdict} the budget of {budget} {unit}{doubt}", flush=True)
    return ours.wall <= budget


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--calls", type=int, default=12, help="calls a block; a fifth as many streams")
    parser.add_argument("--only", nargs=2, metavar=("TRACER", "URL"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(run(*options.only, options.rounds, options.calls)))
        return 0
    import openai

    print(f"openai {openai.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores", flush=True)
    found: dict[str, dict[str, list[Round]]] = {"calls": {}, "chunks": {}}
    # MLflow goes on writing in the background.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, stub() as url:
        numbers = ["--rounds", str(max(options.rounds // PASSES, 1)), "--calls", str(options.calls)]
        place = {"MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db", "MLFLOW_EXPERIMENT_NAME": "Default"}
        for name in [*tracers()] * PASSES:
            done = subprocess.run(
                [sys.executable, str(Path(__file__).resolve()), "--only", name, url, *numbers],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                cwd=folder,
                env={**os.environ, **place},
            )
            for what, rounds in json.loads(done.stdout.splitlines()[-1]).items():
                found[what].setdefault(name, []).extend(Round(*values) for values in rounds)
    within = [
        report("A call, not streamed", "ms", found["calls"], CALL_BUDGET_MS, 1e6),
        report(f"A chunk of a stream of {TOKENS}", "µs", found["chunks"], CHUNK_BUDGET_US, TOKENS * 1e3),
    ]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
