"""The verbs and results over a real Spark Connect session give the frames that DuckDB gives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .connect import FAMILIES, OVERVIEW, RESULTS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def found(parquet: dict[str, Path]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.inference_table.connect", str(parquet["serving"].parent)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_it_is_a_connect_session(found: dict[str, Any]) -> None:
    assert found["session"] == "pyspark.sql.connect.session"
    assert found["engine"] == "Spark"
    assert found["the notebook's session"] == "pyspark.sql.connect.session"
    assert found["the user's time zone"] == "America/New_York"


@pytest.mark.parametrize("asked", [*FAMILIES, *RESULTS, *(f"overview {name}" for name in OVERVIEW)])
def test_equal_frames(found: dict[str, Any], asked: str) -> None:
    empty = asked == "overview by_tag"
    assert found[asked] == ("no rows" if empty else "equal")
