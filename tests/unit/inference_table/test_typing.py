"""Values in every typing a client may give them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import Row as SparkRow

from nbext.sources.inference_table import LEGACY, SERVING, UNITY, TableError, row_of
from nbext.sources.inference_table import typing as read
from nbext.sources.inference_table.flavour import flavour_of

NS = 1783194026_829_000_000


@pytest.mark.parametrize(
    "given",
    [
        "2026-07-04T19:40:26.829Z",
        "2026-07-04 19:40:26.829",
        "2026-07-04T21:40:26.829+02:00",
        datetime(2026, 7, 4, 19, 40, 26, 829000),
        datetime(2026, 7, 4, 12, 40, 26, 829000, tzinfo=timezone(timedelta(hours=-7))),
        pd.Timestamp("2026-07-04 19:40:26.829"),
        pd.Timestamp("2026-07-04 19:40:26.829", tz="UTC"),
        np.datetime64("2026-07-04T19:40:26.829"),
        1783194026829,
        "1783194026829",
        1783194026829.0,
        1783194026829000,
    ],
)
def test_moments(given: Any) -> None:
    assert read.moment_ns(given) == NS


@pytest.mark.parametrize("given", [None, float("nan"), pd.NaT, pd.NA, "", "soon", [], {}])
def test_no_moment(given: Any) -> None:
    assert read.moment_ns(given) is None


def test_a_date_is_its_midnight() -> None:
    assert read.moment_ns(date(2026, 7, 4)) == read.moment_ns("2026-07-04") == 1783123200 * 10**9


@pytest.mark.parametrize("given", [200, "200", 200.0, "200.0", np.int32(200), Decimal(200)])
def test_whole_numbers(given: Any) -> None:
    assert read.whole(given) == 200


@pytest.mark.parametrize("given", [None, "", "many", float("nan"), float("inf"), pd.NA, True, [], {}])
def test_no_number(given: Any) -> None:
    assert read.whole(given) is None


@pytest.mark.parametrize(
    "given",
    [
        {"team": "a", "n": "1"},
        [("team", "a"), ("n", "1")],
        [["team", "a"], ["n", 1]],
        [{"key": "team", "value": "a"}, {"key": "n", "value": "1"}],
        SparkRow(team="a", n="1"),
        '{"team": "a", "n": 1}',
        np.array([("team", "a"), ("n", "1")], dtype=object),
    ],
)
def test_maps(given: Any) -> None:
    assert read.pairs(given) == {"team": "a", "n": "1"}


@pytest.mark.parametrize("given", [None, "", "not json", "[1, 2]", 5, float("nan"), [1, 2], {}, []])
def test_no_map(given: Any) -> None:
    assert read.pairs(given) == {}


@pytest.mark.parametrize("given", [["A", "B"], ("A", "B"), np.array(["A", "B"], dtype=object), '["A","B"]'])
def test_lists(given: Any) -> None:
    assert read.words(given) == ["A", "B"]


@pytest.mark.parametrize("given", [None, "", "[]", [], float("nan"), np.array([], dtype=object)])
def test_empty_lists(given: Any) -> None:
    assert read.words(given) == []


def test_ids_are_hex_and_the_same_every_time() -> None:
    known = row_of({"databricks_request_id": "58DB0E4D-1111-4222-8333-444455556666"}, SERVING)
    assert known.trace_id == "58db0e4d111142228333444455556666"
    assert known.call_id == "58db0e4d11114222"
    other = row_of({"databricks_request_id": "legacy-1"}, SERVING)
    assert len(other.trace_id) == 32
    assert other == row_of({"databricks_request_id": "legacy-1"}, SERVING)
    nameless = [row_of({"request": text}, SERVING).trace_id for text in ("a", "b", "a")]
    assert nameless[0] == nameless[2] != nameless[1]


@pytest.mark.parametrize(
    ("columns", "flavour"),
    [
        ("databricks_request_id request_time execution_duration_ms request response", SERVING),
        ("Databricks_Request_ID REQUEST_TIME Request Response", SERVING),
        ("databricks_request_id timestamp_ms request response", LEGACY),
        ("databricks_request_id execution_time_ms request_time request response date", LEGACY),
        ("request_id event_time request response", UNITY),
        ("event_time latency_ms response and_more columns", UNITY),
        ("request_date response", SERVING),
    ],
)
def test_flavours(columns: str, flavour: Any) -> None:
    assert flavour_of(dict.fromkeys(columns.split(), "varchar"), "t") is flavour


@pytest.mark.parametrize("columns", ["", "a b c", "request_time execution_duration_ms", "request response"])
def test_no_inference_table(columns: str) -> None:
    with pytest.raises(TableError, match=r"t is no inference table: expected request, response") as caught:
        flavour_of(dict.fromkeys(columns.split(), "varchar"), "t")
    assert "\n" not in str(caught.value)
