"""The samples and the Spark session of the inference tables."""

from __future__ import annotations

from ..inference_table.conftest import parquet, spark

__all__ = ["parquet", "spark"]
