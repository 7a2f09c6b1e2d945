"""A table of your own calls, on Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import deltalake

import nbext

from .test_to_delta import broken

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["broken"]


def test_calls_end_on_spark_as_they_did(broken: Any, spark: Any, tmp_path: Path) -> None:
    folder = broken.to_delta(tmp_path / "own")
    here = nbext.inference_table(folder)
    there = nbext.inference_table(spark.createDataFrame(deltalake.DeltaTable(str(folder)).to_pandas()))
    assert (here.engine.name, there.engine.name) == ("DuckDB", "Spark")
    assert list(there.calls_df()["status"]) == list(here.calls_df()["status"])
    assert there.errors().count() == here.errors().count() == 3
    assert there.overview().totals.errors.item() == here.overview().totals.errors.item() == 3
