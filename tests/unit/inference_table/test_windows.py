"""Windows of time: exact, and told by what a table has."""

from __future__ import annotations

from datetime import timedelta

import pytest

import nbext
from nbext.sources.inference_table import TableError

from . import samples

COLUMNS = {"serving": ("request_time", "request_date"), "legacy": ("timestamp_ms", "date")}


@pytest.mark.parametrize("kind", ["serving", "legacy", "unity"])
def test_a_window_is_exact_below_a_millisecond(kind: str) -> None:
    """The legacy table keeps whole milliseconds, but a bound between two of them is still one."""
    table = nbext.inference_table(samples.arrow(kind))
    newest = table.calls_df(columns=["start_time"])["start_time"].max().to_pydatetime()
    at = int((table.calls_df()["start_time"] == newest).sum())
    assert at
    tick = timedelta(microseconds=1)
    assert table.since(newest).count() == table.since(newest - tick).count() == at
    assert table.since(newest + tick).count() == 0
    assert table.between("2026-01-01", newest).count() == table.count() - at
    assert table.between("2026-01-01", newest + tick).count() == table.count()


@pytest.mark.parametrize("kind", COLUMNS)
def test_without_times_days_tell(kind: str) -> None:
    time, _ = COLUMNS[kind]
    whole = nbext.inference_table(samples.arrow(kind))
    table = nbext.inference_table(samples.arrow(kind).drop_columns([time]))
    day = whole.since("2026-07-05").count()
    assert table.since("2026-07-05").count() == table.where("time >= '2026-07-05'").count() == day > 0
    assert table.between("2026-07-04", "2026-07-05").count() == whole.count() - day > 0
    starts = table.limit(3).calls_df()["start_time"]
    assert starts.dt.strftime("%F %T").tolist() == ["2026-07-05 00:00:00"] * 3


@pytest.mark.parametrize("kind", COLUMNS)
def test_without_times_and_days_no_window_is_told(kind: str) -> None:
    table = nbext.inference_table(samples.arrow(kind).drop_columns(list(COLUMNS[kind])))
    for ask in (lambda t: t.since("24h"), lambda t: t.between("2026-07-04", "2026-07-05")):
        with pytest.raises(TableError, match=f"has no column {COLUMNS[kind][0]}, and cannot be asked"):
            ask(table)
    assert len(table.limit(3).calls()) == 3
