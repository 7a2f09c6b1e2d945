"""A large inference table on local Delta: the calls frame against the usual recipe, the overview, memory.

    python benchmarks/inference_table.py [--rows 1000000] [--times 10] [--table FOLDER] [--check]

All in one run on one machine, so that the ratios mean something. The recipe is what people write:
the table into pandas, `json.loads` of request and response row by row, a dozen values of each. Each
measurement runs in a process of its own, whose peak of memory is told. ``--check`` fails when a
budget is missed; a table that is in FOLDER is taken as it is.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUDGET_RATIO = 5.0
BUDGET_OVERVIEW = 1_000_000
BUDGET_BIG_MB = 2000


def recipe(path: str) -> int:
    """Make the frame as people do by hand."""
    import deltalake
    import pandas as pd

    table = deltalake.DeltaTable(path).to_pandas()
    found = []
    for row in table.itertuples(index=False):
        request = json.loads(row.request)
        try:
            response = json.loads(row.response)
        except ValueError:
            response = {}
        choice = (response.get("choices") or [{}])[0]
        usage = response.get("usage") or {}
        found.append(
            {
                "request_id": row.databricks_request_id,
                "start_time": row.request_time,
                "duration_ms": row.execution_duration_ms,
                "status_code": row.status_code,
                "model": request.get("model"),
                "served_model": response.get("model"),
                "prompt": request["messages"][-1]["content"],
                "completion": (choice.get("message") or {}).get("content"),
                "finish_reason": choice.get("finish_reason"),
                "input_tokens": usage.get("prompt_tokens"),
                "output_tokens": usage.get("completion_tokens"),
                "total_tokens": usage.get("total_tokens"),
                "error": response.get("error_code"),
            }
        )
    return len(pd.DataFrame(found))


def frame(path: str) -> int:
    """Make the calls frame: all declared columns of all rows."""
    import nbext

    return len(nbext.inference_table(path).calls_df())


def filtered(path: str) -> int:
    """Make the calls frame of one row in a hundred."""
    import nbext

    return len(nbext.inference_table(path).where("status_code = 500").calls_df())


def overview(path: str) -> int:
    """Count everything, over time and by who and what."""
    import nbext

    made = nbext.inference_table(path).overview(since="2000-01-01")
    return int(made.over_time["requests"].sum())


def body_sizes(path: Path) -> tuple[float, float]:
    """Mean bytes of a request and of an answer, by which all of this has to be judged."""
    import deltalake
    import duckdb

    files = deltalake.DeltaTable(str(path)).file_uris()
    sizes = duckdb.sql(f"SELECT avg(strlen(request)), avg(strlen(response)) FROM read_parquet({files})")
    return sizes.fetchall()[0]


def loaded(path: str) -> int:
    """Load what the others load, and ask of one row: what memory is before anything is read."""
    import nbext

    return len(nbext.inference_table(path).limit(1).calls_df())


WORK = {work.__name__: work for work in (recipe, frame, filtered, overview, loaded)}


def run(name: str, path: Path) -> dict[str, float]:
    """Do a piece of work in a process of its own: rows, seconds without imports, peak memory in MB."""
    made = subprocess.run(
        [sys.executable, __file__, "--work", name, "--table", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise SystemExit(f"{name} failed:\n{made.stderr[-2000:]}")
    return json.loads(made.stdout.splitlines()[-1])


def work(name: str, path: str) -> None:
    """Do a piece of work here and print what it took."""
    import deltalake
    import duckdb
    import genai_prices.data
    import pandas as pd
    import pyarrow.compute
    import sqlglot.dialects.duckdb

    import nbext.engines.duckdb
    import nbext.results.inference
    import nbext.results.overview

    # Imported before the clock starts, for all alike.
    _ = (deltalake, duckdb, genai_prices, pd, pyarrow, sqlglot, nbext)
    begun = time.perf_counter()
    rows = WORK[name](path)
    seconds = time.perf_counter() - begun
    print(json.dumps({"rows": rows, "seconds": seconds, "mb": peak_mb()}))


def peak_mb() -> float:
    """Peak of this process's own memory; what `getrusage` tells begins with its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024 / 1e6


def main() -> None:
    """Print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--times", type=int, default=0, help="also an overview of so many times the rows, for its memory"
    )
    parser.add_argument("--table", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work, str(args.table))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = args.table or Path(folder) / "payload"
        if not (path / "_delta_log").is_dir():
            import _table

            _table.write(path, args.rows)
        missed = measure(path)
        if args.times:
            missed += measure_big(path, Path(folder) / "big", args.times)
    if args.check and missed:
        raise SystemExit(f"over budget: {', '.join(missed)}")


def measure(path: Path) -> list[str]:
    """Measure against the recipe; give the names of the budgets that were missed."""
    base = run("loaded", path)
    by_hand, ours, few, counted = (run(name, path) for name in ("recipe", "frame", "filtered", "overview"))
    rows = by_hand["rows"]
    asked, answered = body_sizes(path)
    print(f"{rows:,} rows; on average {asked:,.0f} bytes of request and {answered:,.0f} of answer in a row")
    ratio = by_hand["seconds"] / ours["seconds"]
    for name, one in (("json.loads recipe, 13 columns", by_hand), ("calls_df, all columns", ours)):
        print(f"{name:32} {rows / one['seconds']:>12,.0f} rows/s  {one['mb']:>8,.0f} MB")
    print(f"{'':32} {ratio:>12.1f} ×       (budget {BUDGET_RATIO:g} ×)")
    extra = few["mb"] - base["mb"]
    print(
        f"{'.where(…).calls_df()':32} {few['rows']:>12,.0f} rows    {few['mb']:>8,.0f} MB,"
        f" {extra:,.0f} over one row's"
    )
    rate = rows / counted["seconds"]
    print(
        f"{'overview':32} {rate:>12,.0f} rows/s  {counted['mb']:>8,.0f} MB"
        f" (budget {BUDGET_OVERVIEW:,} rows/s)"
    )
    checks = {"calls frame": ratio >= BUDGET_RATIO, "overview": rate >= BUDGET_OVERVIEW}
    return [name for name, kept in checks.items() if not kept]


def measure_big(path: Path, big: Path, times: int) -> list[str]:
    """Measure the overview's memory on a larger table."""
    import _table

    counted = run("overview", _table.repeat(path, big, times))
    rows = counted["rows"]
    print(
        f"{'overview':32} {rows / counted['seconds']:>12,.0f} rows/s"
        f"  {counted['mb']:>8,.0f} MB of {rows:,} rows"
    )
    return [] if counted["mb"] <= BUDGET_BIG_MB else ["memory of the overview"]


if __name__ == "__main__":
    main()
