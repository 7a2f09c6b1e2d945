"""A mark of an overview opens the calls it counted, and the code shown with them gives the same calls."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import nbext
from nbext.sources.inference_table import TableError
from nbext.sources.inference_table.said import call_code

from ..inference_table import samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


ANSWERS = ('{"choices": [], "model": "m"}', '{"error_code": "X", "message": "no"}')


def rows() -> list[dict[str, Any]]:
    """Six requests, half of which name their endpoint; entities tell it of all others but one."""
    made = []
    for n in range(6):
        when = samples.START + timedelta(minutes=5 * n)
        asked = {"messages": [{"role": "user", "content": "Yes?"}], **({} if n % 2 else {"model": "demo"})}
        made.append(
            {
                "databricks_request_id": f"id-{n}",
                "request_date": when.date(),
                "request_time": when,
                "status_code": 200 if n < 4 else 500,
                "sampling_fraction": 1.0,
                "execution_duration_ms": 100 + n,
                "request": json.dumps(asked),
                "response": ANSWERS[n >= 4],
                "served_entity_id": None if n == 5 else f"e{n % 3}",
                "requester": None if n == 2 else "o'brien@example.com",
            }
        )
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows()), tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


@pytest.fixture
def usage(tmp_path: Path) -> Path:
    found = [
        {
            "databricks_request_id": row["databricks_request_id"],
            "request_time": row["request_time"],
            "input_token_count": 5,
            "output_token_count": 5,
            "usage_context": {"project": "it's" if n % 2 else "p1"},
        }
        for n, row in enumerate(rows())
    ]
    pa.parquet.write_table(pa.Table.from_pylist(found), tmp_path / "usage.parquet")
    return tmp_path / "usage.parquet"


def opened(overview: Any, **ask: Any) -> int:
    """Count the calls of a mark, by the view and by its code."""
    answer = overview._calls(ask)
    assert len(eval(answer["code"], {"nbext": nbext})) == answer["total"], answer["code"]
    return int(answer["total"])


NARROWED: dict[str, Callable[[Any], Any]] = {
    "whole": lambda t: t,
    "errors": lambda t: t.errors(),
    "where": lambda t: t.where("status_code < 500"),
    "window": lambda t: t.between(samples.START, "2100-01-01"),
    "newest": lambda t: t.limit(4).search("yes"),
}


@pytest.mark.parametrize("narrowed", NARROWED)
@pytest.mark.parametrize("endpoint", [None, "support"])
def test_every_group(path: Path, narrowed: str, endpoint: str | None) -> None:
    table = NARROWED[narrowed](nbext.inference_table(path, endpoint=endpoint))
    overview = table.overview()
    assert opened(overview) == overview.numbers.totals.requests == len(table.calls_df())
    for grain in ("endpoint", "entity", "requester"):
        groups = overview.numbers.groups[grain]
        assert groups
        for group in groups:
            assert opened(overview, grain=grain, value=group.name) == group.counts.requests, group.name


def test_an_endpoint_that_is_not_known(path: Path) -> None:
    overview = nbext.inference_table(path).overview()
    counted = {group.name: group.counts.requests for group in overview.numbers.groups["endpoint"]}
    assert counted == {"demo": 5, "not known": 1}
    assert opened(overview, grain="endpoint", value="not known") == 1
    assert opened(overview, grain="endpoint", value="not known", status="errors") == 1


def test_times(path: Path) -> None:
    overview = nbext.inference_table(path).overview()
    start = samples.START.timestamp() * 1000
    assert opened(overview, **{"from": start + 300_000, "to": start + 900_000}) == 2
    assert opened(nbext.inference_table(path).overview(since="2026-01-01")) == 6
    assert opened(nbext.inference_table(path).overview(days=36_500)) == 6
    assert opened(overview, range="24h") == 0


def test_tags_of_a_usage_table(path: Path, usage: Path) -> None:
    table = nbext.inference_table(path).with_usage({"endpoint_usage": usage})
    overview = table.overview()
    for value in ("p1", "it's"):
        assert opened(overview, grain="tag", value=f"project={value}") == 3
    assert len(table.where("usage_context['project'] = 'p1'").calls_df()) == 3
    with pytest.raises(TableError, match="no column 'usage_context'"):
        nbext.inference_table(path).where("usage_context['project'] = 'p1'")


def test_frames_stand_under_the_names_they_were_given(path: Path, usage: Path) -> None:
    frame = pa.parquet.read_table(usage)
    overview = nbext.inference_table(path).with_usage({"endpoint_usage": frame}).overview()
    code = overview._calls({"grain": "tag", "value": "project=p1"})["code"]
    assert len(eval(code, {"nbext": nbext, "endpoint_usage": frame})) == 3


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("7d",), "since('7d')"),
        ((timedelta(days=2),), "since('172800s')"),
        ((datetime(2026, 7, 4, 12, tzinfo=timezone.utc),), "since('2026-07-04 12:00:00+00:00')"),
        ((date(2026, 7, 4),), "since('2026-07-04')"),
    ],
)
def test_moments_in_code(args: tuple[Any, ...], code: str) -> None:
    assert call_code("since", *args) == code
    nbext.inference_table(pa.Table.from_pylist(rows())).since(eval(code, {"since": lambda when: when}))
