"""A frame as a table: what the page is told, what it is filtered and selected to, and back in pandas."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any

import pytest

import nbext
from nbext import settings
from nbext.display.frame.histogram import histogram, nice_step
from nbext.display.pack import unpack
from nbext.display.wire import MIME
from nbext.kernel.session import session
from nbext.results.captured import Capture
from tests.contract import captures
from tests.contract.typescript import Checker, sources
from tests.unit.compare.test_compare import _inflated

from .conftest import Page

if TYPE_CHECKING:
    import pandas as pd

CHECKER = Checker(sources("frame.ts", "compare.ts"))


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "IPython.display.publish_display_data", lambda data, metadata=None, **more: bundles.append(data)
    )
    return bundles


@pytest.fixture
def capture() -> Capture:
    made = Capture.of(captures.parallel())
    session.remember(made)
    return made


def payload(bundle: dict[str, Any]) -> dict[str, Any]:
    stored = bundle[MIME]
    plain = {**stored, **json.loads(_inflated(stored["z"]))} if "z" in stored else dict(stored)
    plain.pop("z", None)
    return plain


def page_of(frame: pd.DataFrame) -> Page:
    return Page(frame.gateway._table.model)


@pytest.mark.parametrize("grain", ["calls", "spans", "messages", "tool_calls", "attempts"])
def test_every_frame_is_a_table(grain: str, published: list[dict[str, Any]]) -> None:
    made = Capture.of(captures.churn_agent())
    session.remember(made)
    frame = getattr(nbext, f"{grain}_df")(made)
    frame.gateway.show()
    wire = payload(published[0])
    # The types know no references to the table of texts.
    assert CHECKER.problems({**wire, "wire": unpack(wire["wire"])}, "WireFrame") == []
    assert wire["grain"] == grain
    assert [column["name"] for column in wire["columns"]] == list(frame.columns)
    assert len(wire["rows"]) == wire["total"] == len(frame)
    # Every row can be opened.
    spans = {span["id"] for span in unpack(wire["wire"])["spans"]}
    assert set(wire["ids"]) <= spans
    assert "<table>" in published[0]["text/html"]
    assert "<script" not in published[0]["text/html"]


def test_histograms_count_all_rows(capture: Capture, published: list[dict[str, Any]]) -> None:
    calls = nbext.calls_df(capture)
    calls.gateway.show()
    for column in payload(published[0])["columns"]:
        if "histogram" in column:
            edges, counts = column["histogram"]["edges"], column["histogram"]["counts"]
            assert len(edges) == len(counts) + 1
            assert sum(counts) == calls[column["name"]].notna().sum()
            assert edges == sorted(edges)
        if "categories" in column:
            assert sum(each["count"] for each in column["categories"]) <= len(calls)
    by_name = {column["name"]: column for column in payload(published[0])["columns"]}
    assert by_name["duration_ms"]["unit"] == "ms"
    duration = by_name["duration_ms"]["histogram"]
    for low, high, count in zip(duration["edges"], duration["edges"][1:], duration["counts"], strict=False):
        assert calls.duration_ms.between(low, high, inclusive="left").sum() == count


@pytest.mark.parametrize(
    ("least", "step"), [(0.9, 1), (1, 1), (1.1, 2), (2.2, 2.5), (3, 5), (7, 10), (0.03, 0.05), (1234, 2000)]
)
def test_steps_are_round(least: float, step: float) -> None:
    assert nice_step(least) == step


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ([{"column": "duration_ms", "from": 2000}], "calls.duration_ms >= 2000"),
        ([{"column": "duration_ms", "from": 1000, "to": 2000}], "1000 <= duration_ms < 2000"),
        ([{"column": "status", "in": ["error", "blocked"]}], "status in ('error', 'blocked')"),
        ([{"column": "stream", "in": ["true"]}], "stream"),
        ([{"column": "prompt", "contains": "TICKET 1"}], "prompt.str.contains('ticket 1', case=False)"),
        (
            [{"column": "status", "in": ["ok"]}, {"column": "input_tokens", "from": 60}],
            "status == 'ok' and input_tokens >= 60",
        ),
        ([{"column": "ttft_ms", "from": 0}], "ttft_ms >= 0"),
        ([], "duration_ms >= 0 or duration_ms.isna()"),
    ],
)
def test_a_filter_gives_the_rows_pandas_gives(
    capture: Capture, published: list[dict[str, Any]], conditions: list[dict[str, Any]], text: str
) -> None:
    calls = nbext.calls_df(capture)
    calls.gateway.show()
    answer = page_of(calls).ask("filter", {"conditions": conditions, "code": text})
    expected = calls.query(text.replace("calls.", ""), engine="python")
    assert answer["value"] == len(expected)
    assert calls.gateway.filtered.equals(expected)
    assert calls.gateway.code == text


def test_times_are_filtered_by_their_epoch(capture: Capture, published: list[dict[str, Any]]) -> None:
    calls = nbext.calls_df(capture)
    calls.gateway.show()
    middle = calls.start_time.sort_values().iloc[len(calls) // 2]
    page_of(calls).ask(
        "filter", {"conditions": [{"column": "start_time", "from": middle.timestamp() * 1000}]}
    )
    assert 0 < len(calls.gateway.filtered) < len(calls)
    assert abs((calls.gateway.filtered.start_time.min() - middle).total_seconds()) < 0.01


def test_a_wrong_filter_is_said_and_changes_nothing(
    capture: Capture, published: list[dict[str, Any]]
) -> None:
    calls = nbext.calls_df(capture)
    calls.gateway.show()
    page = page_of(calls)
    page.ask("filter", {"conditions": [{"column": "status", "in": ["ok"]}], "code": "x"})
    before = len(calls.gateway.filtered)
    assert (
        "no column 'nope'" in page.ask("filter", {"conditions": [{"column": "nope", "in": ["ok"]}]})["error"]
    )
    assert "no known form" in page.ask("filter", {"conditions": [{"column": "status"}]})["error"]
    assert len(calls.gateway.filtered) == before < len(calls)


def test_a_selection_is_a_frame_both_ways(capture: Capture, published: list[dict[str, Any]]) -> None:
    messages = nbext.messages_df(capture)
    messages.gateway.show()
    assert len(messages.gateway.selected) == 0
    wanted = capture.calls[3].call_id
    page_of(messages).set(selected=wanted)
    assert set(messages.gateway.selected.call_id) == {wanted}
    assert len(messages.gateway.selected) >= 2
    messages.gateway.select(messages.index[-1])
    assert page_of(messages).widget.selected == messages.call_id.iloc[-1]
    messages.gateway.select(None)
    assert len(messages.gateway.selected) == 0
    with pytest.raises(LookupError, match="the frame has no row -5"):
        messages.gateway.select(-5)


def test_a_part_of_a_frame_is_a_table_of_its_own(capture: Capture, published: list[dict[str, Any]]) -> None:
    calls = nbext.calls_df(capture)
    slow = calls[calls.duration_ms > calls.duration_ms.median()]
    calls.gateway.show()
    slow.gateway.show()
    page_of(calls).set(selected=calls.call_id[0])
    assert len(slow.gateway.selected) == 0
    assert payload(published[1])["total"] == len(slow)
    assert payload(published[0])["uid"] != payload(published[1])["uid"]


def test_a_large_frame_is_cut_and_says_so(capture: Capture, published: list[dict[str, Any]]) -> None:
    import pandas as pd

    options = settings.current()
    before = options.max_output_bytes
    options.max_output_bytes = 100_000
    try:
        big = pd.concat([nbext.calls_df(capture)] * 40, ignore_index=True)
        big.gateway.show()
    finally:
        options.max_output_bytes = before
    wire = payload(published[0])
    assert wire["total"] == len(big) > len(wire["rows"]) == len(wire["ids"]) > 0
    assert len(json.dumps(published[0]).encode()) <= 100_000
    duration = next(column for column in wire["columns"] if column["name"] == "duration_ms")
    assert sum(duration["histogram"]["counts"]) == big.duration_ms.notna().sum()


def test_a_frame_that_is_gone_is_forgotten(capture: Capture, published: list[dict[str, Any]]) -> None:
    from nbext.results import tables

    calls = nbext.calls_df(capture)
    calls.gateway.show()
    page, key = page_of(calls), id(calls)
    assert key in tables._tables
    del calls
    gc.collect()
    assert key not in tables._tables
    assert "forgotten the frame" in page.ask("filter", {"conditions": [], "code": ""})["error"]


def test_in_a_terminal_it_is_text(
    capture: Capture, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NBEXT_HOST", "terminal")
    calls = nbext.calls_df(capture)
    calls.gateway.show()
    assert capsys.readouterr().out.startswith(f"calls · {len(calls)} rows\n")
    with pytest.raises(LookupError, match="the table is not shown here"):
        calls.gateway.select(0)


def test_numbers_too_small_to_tell_apart_are_counted() -> None:
    import numpy as np

    made = histogram(np.array([2e-323, -1.5e-323]))
    assert made is not None
    assert sum(made["counts"]) == 2
