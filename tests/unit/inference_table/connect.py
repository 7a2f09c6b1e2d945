"""Asks every verb of a real Spark Connect session and of DuckDB, and prints which frames are equal.

Run as a program: a process holds a classic session or a Connect one, not both.

    python -m tests.unit.inference_table.connect FOLDER_OF_PARQUET
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import nbext

from .test_spark import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable

# One of each family of verbs; the statements of the others are told apart by DuckDB and classic Spark.
FAMILIES = (
    "everything",
    "since",
    "where derived",
    "where json",
    "where times",
    "endpoint",
    "errors",
    "slowest",
    "sample",
    "search unicode",
    "composed",
)
RESULTS = ("messages_df", "tool_calls_df", "attempts_df", "spans_df")
OVERVIEW = ("totals", "over_time", "by_endpoint", "by_entity", "by_requester", "by_tag")


def outcome(here: Callable[[], Any], there: Callable[[], Any]) -> str:
    """Say ``equal``, or why not."""
    try:
        expected = here()
        pd.testing.assert_frame_equal(there(), expected)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:500]
    return "equal" if len(expected) else "no rows"


def main(folder: Path) -> None:
    """Print a JSON object of outcomes."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    from pyspark.sql import SparkSession

    warnings.simplefilter("ignore")
    spark = SparkSession.builder.remote("local[1]").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    spark.conf.set("spark.sql.shuffle.partitions", "1")
    path = folder / "serving.parquet"
    here, there = nbext.inference_table(path), nbext.inference_table(spark.read.parquet(str(path)))
    found = {
        "session": type(spark).__module__,
        "engine": there.engine.name,
        **{
            verb: outcome(lambda v=verb: VERBS[v](here).calls_df(), lambda v=verb: VERBS[v](there).calls_df())
            for verb in FAMILIES
        },
        **{
            name: outcome(lambda n=name: getattr(here, n)(), lambda n=name: getattr(there, n)())
            for name in RESULTS
        },
    }
    seen, asked = here.overview(since="2026-01-01"), there.overview(since="2026-01-01")
    for name in OVERVIEW:
        found[f"overview {name}"] = outcome(lambda n=name: getattr(seen, n), lambda n=name: getattr(asked, n))
    found["the user's time zone"] = spark.conf.get("spark.sql.session.timeZone")
    running = nbext.inference_table(str(path), engine="spark")
    found["the notebook's session"] = type(running.engine.session).__module__
    print(json.dumps(found))
    spark.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
