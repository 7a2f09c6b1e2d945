"""Durations that the engine lists give the numbers that durations counted by bin give."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import nbext
from nbext.sources.inference_table.overview import numbers as counting

if TYPE_CHECKING:
    from collections.abc import Callable

START = datetime(2026, 6, 1, tzinfo=timezone.utc)
FRAMES = ("totals", "over_time", "by_endpoint", "by_entity", "by_requester", "by_tag")
DURATIONS = (None, -5, 0, 7, 99, 100, 101, 250, 251, 1_000, 30_000, 10**10)
ANSWER = {"choices": [{"message": {"content": "yes"}}], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}


def rows(count: int, *, callers: int = 5) -> list[dict[str, Any]]:
    """Rows of route A of three endpoints in three days, some logged for several."""
    rng = random.Random(7)
    made = []
    for n in range(count):
        when = START + timedelta(minutes=rng.randrange(3 * 1440))
        status = rng.choice((200, 200, 200, 200, 429, 500))
        endpoint = rng.randrange(3)
        made.append(
            {
                "databricks_request_id": f"id-{n}",
                "request_date": when.date(),
                "request_time": when,
                "status_code": status,
                "sampling_fraction": rng.choice((1.0, 1.0, 0.5, 0.1, None)),
                "execution_duration_ms": rng.choice((*DURATIONS, int(rng.lognormvariate(6, 1)))),
                "request": json.dumps({"model": f"demo-{endpoint}"}),
                "response": json.dumps(ANSWER) if status == 200 else '{"error_code": "X", "message": "no"}',
                "served_entity_id": rng.choice((f"{endpoint:032x}", None)),
                "requester": rng.choice((None, *(f"user{i}@example.com" for i in range(callers)))),
            }
        )
    return made


def unity(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the rows as route B logs them."""
    return [
        {
            "request_id": row["databricks_request_id"],
            "event_time": row["request_time"],
            "status_code": row["status_code"],
            "sampling_fraction": row["sampling_fraction"],
            "latency_ms": row["execution_duration_ms"],
            "time_to_first_byte_ms": None
            if row["execution_duration_ms"] is None
            else row["execution_duration_ms"] // 3,
            "request": row["request"],
            "response": row["response"],
            "destination_name": row["served_entity_id"],
            "requester": row["requester"],
        }
        for row in found
    ]


FORMS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "serving": lambda: rows(4000),
    "unity": lambda: unity(rows(4000)),
    "twice": lambda: rows(1500) + rows(300),
    "few": lambda: rows(3),
}


def overview(monkeypatch: pytest.MonkeyPatch, found: list[dict[str, Any]], *, listed: bool) -> Any:
    monkeypatch.setattr(counting, "_MOST_LISTED", len(found) if listed else len(found) - 1)
    made = nbext.inference_table(pa.Table.from_pylist(found)).overview(since="2026-01-01")
    assert ("AS bins" in made.numbers.sql()) is listed
    return made


@pytest.mark.parametrize("form", FORMS)
def test_equal_to_what_is_counted(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    found = FORMS[form]()
    listed, counted = (overview(monkeypatch, found, listed=way) for way in (True, False))
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(listed, name), getattr(counted, name))
    assert listed.numbers.groups == counted.numbers.groups
    assert listed.numbers.buckets == counted.numbers.buckets


def test_weighted_quantiles_are_those_of_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    found = rows(4000)
    totals = overview(monkeypatch, found, listed=True).totals.iloc[0]
    weighted = [
        ms
        for one in found
        if one["status_code"] == 200 and (ms := one["execution_duration_ms"]) is not None and ms >= 0
        for _ in range(round(1 / (one["sampling_fraction"] or 1)))
    ]
    assert totals.p50_ms == pytest.approx(np.quantile(weighted, 0.5, method="lower"), rel=0.02)


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("form", ["serving", "unity"])
def test_what_was_not_timed_is_in_no_quantile(
    monkeypatch: pytest.MonkeyPatch, form: str, *, listed: bool
) -> None:
    found = [{**one, "status_code": 200, "sampling_fraction": 1.0} for one in rows(40)]
    for place, one in enumerate(found):
        one["execution_duration_ms"] = None if place % 4 == 0 else 90 + place % 4
    found = found if form == "serving" else [{**one, "time_to_first_byte_ms": None} for one in unity(found)]
    totals = overview(monkeypatch, found, listed=listed).totals.iloc[0]
    assert (totals.requests, totals.p50_ms, totals.p99_ms) == (40, 92, 93)
    assert pd.isna(totals.ttfb_p50_ms)


def test_many_callers_are_counted() -> None:
    many = nbext.inference_table(pa.Table.from_pylist(rows(2000, callers=150))).overview(since="2026-01-01")
    assert "AS bins" not in many.numbers.sql()
    assert len(many.by_requester) == 151
