"""Tables that Spark did not read itself: of your own calls, and frames of pandas and Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import deltalake
import pandas as pd
import pyarrow as pa

import nbext

from . import samples
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


def test_times_without_a_zone_are_utc(spark: Any) -> None:
    """Whatever the zone of the session."""
    rows = samples.arrow("serving")
    expected = nbext.inference_table(rows).since("2026-07-05").calls_df()
    assert len(expected)
    at = rows.schema.get_field_index("request_time")
    naive = rows.set_column(at, "request_time", rows.column("request_time").cast(pa.timestamp("us")))
    for frame in (naive, naive.to_pandas()):
        table = nbext.inference_table(frame, engine=spark).since("2026-07-05")
        pd.testing.assert_frame_equal(table.calls_df(), expected)


def test_frames_without_rows(spark: Any) -> None:
    rows = samples.arrow("serving").slice(0, 0)
    for frame in (rows, rows.to_pandas(), pd.DataFrame(columns=rows.column_names)):
        table = nbext.inference_table(frame, engine=spark).since("24h").slowest(3)
        pd.testing.assert_frame_equal(table.calls_df(), nbext.calls_df([]))
