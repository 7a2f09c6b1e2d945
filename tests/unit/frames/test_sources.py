"""What a frame can be made of, and what is said when it cannot."""

from __future__ import annotations

import gc
from pathlib import Path

import pandas as pd
import pytest

import nbext
from nbext.kernel.session import session
from nbext.results.captured import Capture

from .conftest import plain_call


@pytest.fixture(autouse=True)
def nothing_captured():
    session.clear()
    gc.collect()
    yield
    session.clear()


def ids(frame: pd.DataFrame) -> list[str]:
    return list(frame["call_id"])


def test_nothing_is_this_kernel(capture: Capture) -> None:
    assert len(nbext.calls_df()) == 0
    session.remember(capture)
    other = Capture.of(Capture.of_calls([plain_call(9)], id="d" * 16))
    session.remember(other)
    assert ids(nbext.calls_df()) == [f"{n:016x}" for n in (1, 2, 3, 4, 5, 9)]


def test_the_same_calls_however_they_are_given(capture: Capture) -> None:
    want = nbext.calls_df(capture)
    for source in (
        [capture],
        (capture,),
        capture.calls,
        iter(capture.calls),
        capture.traces,
        [capture, *capture.traces],
    ):
        got = nbext.calls_df(source)
        assert sorted(ids(got)) == sorted(ids(want))
    pd.testing.assert_frame_equal(capture.calls_df(), want)


def test_one_call_one_trace_one_span(capture: Capture) -> None:
    call = capture.calls[2]
    assert ids(nbext.calls_df(call)) == [call.call_id]
    agent = capture.traces[0]
    assert len(nbext.calls_df(agent)) == 2
    assert len(nbext.spans_df(agent)) == 3
    assert ids(nbext.calls_df(capture.spans[1])) == [capture.spans[1].id]
    assert len(nbext.calls_df(capture.app_spans[0])) == 0


def test_verbs_of_a_capture_are_the_same_frames(capture: Capture) -> None:
    pd.testing.assert_frame_equal(capture.spans_df(), nbext.spans_df(capture))
    pd.testing.assert_frame_equal(capture.messages_df(), nbext.messages_df(capture))
    pd.testing.assert_frame_equal(capture.tool_calls_df(), nbext.tool_calls_df(capture))
    pd.testing.assert_frame_equal(capture.attempts_df(), nbext.attempts_df(capture))


def test_a_frame_of_ids_in_its_own_order(capture: Capture) -> None:
    session.remember(capture)
    slow_first = (
        nbext.calls_df().sort_values("duration_ms", ascending=False)[["call_id", "duration_ms"]].head(2)
    )
    assert ids(nbext.calls_df(slow_first)) == list(slow_first["call_id"])
    assert set(nbext.messages_df(slow_first)["call_id"]) == set(slow_first["call_id"])
    assert set(nbext.spans_df(slow_first)["span_id"]) == set(slow_first["call_id"])


@pytest.mark.parametrize("column", ["trace_id", "capture_id"])
def test_a_frame_of_coarser_ids(capture: Capture, column: str) -> None:
    frame = nbext.calls_df(capture)[[column]].head(1)
    found = nbext.calls_df(frame, captures=capture)
    assert set(found[column]) == set(frame[column])
    assert len(found) == {"trace_id": 2, "capture_id": 5}[column]


def test_a_frame_of_ids_that_are_gone(capture: Capture) -> None:
    frame = nbext.calls_df(capture)
    nbext.kernel.session.session.clear()
    with pytest.raises(
        ValueError, match="none of the 5 ids in column 'call_id' is in the captures looked at"
    ):
        nbext.calls_df(frame)


def test_a_frame_without_ids() -> None:
    with pytest.raises(ValueError, match="none of the id columns call_id, trace_id, capture_id"):
        nbext.calls_df(pd.DataFrame({"x": [1]}))


def test_an_empty_frame_of_ids_is_an_empty_frame() -> None:
    assert len(nbext.calls_df(nbext.calls_df([]))) == 0


@pytest.mark.parametrize("source", [3, object(), {"a": 1}, b"x", [1], [None]])
def test_what_holds_no_calls(source: object) -> None:
    with pytest.raises(TypeError, match="expected a capture, a trace, a call, a list of these or a frame"):
        nbext.calls_df(source)


@pytest.mark.parametrize("path", ["a.jsonl", Path("a.jsonl")])
def test_a_path_is_told_where_to_go(path: object) -> None:
    with pytest.raises(TypeError, match=r"read it first: nbext.open\('a.jsonl'\)"):
        nbext.calls_df(path)


def test_opening_what_is_in_memory_forgets_nothing(capture: Capture, tmp_path: Path) -> None:
    session.remember(capture)
    opened = nbext.open(capture.export(tmp_path / "same.json"))
    assert ids(nbext.calls_df(opened)) == ids(nbext.calls_df(capture))
    del opened
    gc.collect()
    assert len(nbext.calls_df(nbext.calls_df()[["call_id"]])) == 5


def test_making_a_frame_of_a_capture_keeps_nothing_alive(capture: Capture) -> None:
    nbext.calls_df(capture)
    assert capture not in session.captures
