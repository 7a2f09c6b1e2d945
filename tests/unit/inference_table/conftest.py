"""Tables of samples and a Spark session, made once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from . import samples

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The samples of each flavour as a Parquet file."""
    folder = tmp_path_factory.mktemp("samples")
    return {kind: samples.write_parquet(kind, folder / f"{kind}.parquet") for kind in samples.TABLES}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A real Spark session whose own time zone is not UTC, so that a slip in zones shows."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    home = tmp_path_factory.mktemp("spark")
    session = (
        SparkSession.builder.master("local[2]")
        .appName("nbext-tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "America/New_York")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={home}")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
