"""What an overview learns ahead of its one pass: names, and whether requests came twice."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from nbext.sources.inference_table import duplicates
from nbext.sources.inference_table.overview import numbers as counting
from nbext.sources.inference_table.overview import statement

from ..inference_table import samples
from .test_numbers import row, write

if TYPE_CHECKING:
    from pathlib import Path


def _spread(path: Path, hours: list[int]) -> Any:
    """Rows that name their endpoint, and one at the end that only its entity names."""
    rows = [row(n, request_time=samples.START - timedelta(hours=ago)) for n, ago in enumerate(hours)]
    silent = row(len(rows), request=json.dumps({"messages": []}), request_time=samples.START)
    return write(path, [*rows, silent])


@pytest.mark.parametrize("hours", [range(1, 60), [*range(500, 559)]], ids=["evenly", "long ago"])
def test_names_are_learnt_from_the_newest_of_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: Any
) -> None:
    """Of a large table, a stretch of time is enough, unless hardly a call is in it."""
    table = _spread(tmp_path / "t.parquet", list(hours))
    usual = table.overview(since="2026-01-01")
    monkeypatch.setattr(statement, "_SAMPLE", 5)
    monkeypatch.setattr(counting, "_ENOUGH", 3)
    found = table.overview(since="2026-01-01")
    assert found.by_endpoint.set_index("endpoint").requests.to_dict() == {"ep": 60}
    pd.testing.assert_frame_equal(found.by_endpoint, usual.by_endpoint)


@pytest.mark.parametrize("most", [3, 1000])
def test_doubles_are_found_sorted_here_or_counted_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(duplicates, "_MOST_SORTED", most)
    rows = [row(n) for n in range(9)]
    once = write(tmp_path / "once.parquet", rows)
    twice = write(tmp_path / "twice.parquet", [*rows, rows[4]])
    for table in (once, twice):
        assert table.overview(since="2026-01-01").totals.requests.item() == 9
        assert len(table.calls_df()) == 9
