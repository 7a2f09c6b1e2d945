"""What tracing adds to a model call: untraced, nbext, MLflow autologging and OpenInference.

    python benchmarks/capture.py [--rounds N] [--calls N]

Everything runs against one loopback stub in one process, in turns that change places from round to
round and have untraced calls on both sides, so that what else the machine does hits all alike. The
time the calling thread had the processor is shown beside the wall time, as it stays readable on a
busy machine. A tracer that is not installed is left out. Exits with 1 when nbext is over budget.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks._stub import stub
from nbext.capture import Recording
from nbext.capture.clock import now_ns
from nbext.model.capture import Capture

CALL_BUDGET_MS = 0.05
CHUNK_BUDGET_US = 3.0
TOKENS = 400
WARM_UP = 3

Tracer = Callable[[], AbstractContextManager[object]]
# Wall time and processor time.
Cost = tuple[float, float]
# By tracer, for each round: the cost, and what that is above untraced (for untraced: above the block before).
Costs = dict[str, list[tuple[Cost, Cost]]]


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


def tracers(folder: str) -> dict[str, Tracer]:
    """Return what there is to compare; untraced first."""
    found: dict[str, Tracer] = {"untraced": nullcontext, "nbext (recording)": bare}
    import nbext

    if hasattr(nbext, "trace"):
        found["nbext.trace()"] = traced
    if find_spec("mlflow"):
        import mlflow

        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
        mlflow.set_experiment("benchmark")
        found[f"MLflow autolog {version('mlflow')}"] = mlflow_autolog
    if find_spec("openinference"):
        name = "openinference-instrumentation-openai"
        found[f"OpenInference {version(name)}"] = openinference
    return found


def measure(contenders: dict[str, Tracer], once: Callable[[], Cost], *, rounds: int, times: int) -> Costs:
    """Run `once` so many times a round under each tracer, untraced before and after each.

    Gives, by tracer and round, the median cost and what that is above its untraced neighbours.
    """

    def block(name: str) -> Cost:
        with contenders[name]():
            for _ in range(WARM_UP):
                once()
            gc.collect()
            gc.disable()
            try:
                walls, cpus = zip(*(once() for _ in range(times)), strict=True)
            finally:
                gc.enable()
        return statistics.median(walls), statistics.median(cpus)

    untraced, *others = contenders
    costs: Costs = {name: [] for name in contenders}
    for turn in range(rounds):
        before = block(untraced)
        for name in others[turn % len(others) :] + others[: turn % len(others)]:
            here, after = block(name), block(untraced)
            wall, cpu = ((one + other) / 2 for one, other in zip(before, after, strict=True))
            costs[untraced].append(((wall, cpu), (after[0] - before[0], after[1] - before[1])))
            costs[name].append((here, (here[0] - wall, here[1] - cpu)))
            before = after
    return costs


def report(title: str, unit: str, costs: Costs, budget: float) -> bool:
    """Print a table; tell whether nbext is within its budget."""
    rows = {
        name: [
            statistics.median(values)
            for values in zip(*((wall, added, cpu) for (wall, _), (added, cpu) in rounds), strict=True)
        ]
        for name, rounds in costs.items()
    }
    untraced, *_ = rows
    noise = statistics.median(abs(added) for _, (added, _) in costs[untraced])
    # Under such a noise the median of wall times says nothing, and the processor time has to do.
    busy = noise / len(costs[untraced]) ** 0.5 > budget / 2
    ours = max(row[2 if busy else 1] for name, row in rows.items() if name.startswith("nbext"))
    heads = (f"median {unit}", f"added {unit}", "added CPU", "× untraced", "CPU × nbext")
    print(f"\n{title}\n{'':32}" + "".join(f"{head:>13}" for head in heads))
    for name, (wall, added, cpu) in rows.items():
        line = f"{name:32}{wall:13.4f}"
        if name != untraced:
            line += f"{added:13.4f}{cpu:13.4f}{wall / rows[untraced][0]:13.2f}"
            line += f"{cpu / max(rows['nbext (recording)'][2], 1e-3):13.1f}"
        print(line)
    verdict = "within" if ours <= budget else "OVER"
    how = f"processor time, as untraced blocks alone differ by {noise:.4f}" if busy else "wall time"
    print(f"nbext adds {ours:.4f} {unit} ({how}): {verdict} the budget of {budget} {unit}", flush=True)
    return ours <= budget


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=20, help="calls a block; a fifth as many streams")
    options = parser.parse_args()
    import openai

    messages = [{"role": "user", "content": "Say something short."}]
    # MLflow goes on writing in the background.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, stub() as url:
        os.chdir(folder)
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

        contenders = tracers(folder)
        print(f"openai {openai.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
        calls = measure(contenders, call, rounds=options.rounds, times=options.calls)
        chunks = measure(contenders, stream, rounds=options.rounds, times=max(options.calls // 5, 3))
        within = [
            report("A call, not streamed", "ms", calls, CALL_BUDGET_MS),
            report(f"A chunk of a stream of {TOKENS}", "µs", chunks, CHUNK_BUDGET_US),
        ]
        os.chdir("/")
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
