"""The same overview on DuckDB and on a real Spark has the same frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import nbext

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = ("totals", "over_time", "by_endpoint", "by_entity", "by_requester", "by_tag")
ASKED: dict[str, Any] = {
    "everything": lambda t: t.overview(since="2026-01-01"),
    "filtered": lambda t: t.where("status_code < 500").limit(9).overview(since="2026-01-01"),
}


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("serving", "everything"), ("unity", "filtered"), ("legacy", "everything")],
)
def test_equal_frames(spark: Any, parquet: dict[str, Path], kind: str, asked: str) -> None:
    here = ASKED[asked](nbext.inference_table(parquet[kind]))
    there = ASKED[asked](nbext.inference_table(spark.read.parquet(str(parquet[kind]))))
    assert (here.numbers.engine, there.numbers.engine) == ("DuckDB", "Spark")
    assert here.numbers.totals.requests
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(there, name), getattr(here, name))
