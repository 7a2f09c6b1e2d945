"""The columns that are promised, their dtypes, and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import nbext
from nbext.model.call import Part
from tests.contract import captures

from .conftest import MS, START

if TYPE_CHECKING:
    from nbext.results.captured import Capture

CALLS = [
    "capture_id",
    "trace_id",
    "call_id",
    "parent_span_id",
    "start_time",
    "duration_ms",
    "ttft_ms",
    "status",
    "status_code",
    "error_type",
    "error_message",
    "api",
    "endpoint",
    "model",
    "served_model",
    "stream",
    "attempts",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "total_tokens",
    "cost_usd",
    "cost_basis",
    "finish_reason",
    "prompt",
    "completion",
    "request_id",
    "client_request_id",
    "url",
    "cell",
]

DTYPES = {
    "calls": {
        "capture_id": "string",
        "start_time": "datetime64[ns, UTC]",
        "duration_ms": "Float64",
        "ttft_ms": "Float64",
        "status": "category",
        "status_code": "Int64",
        "api": "category",
        "stream": "boolean",
        "attempts": "Int64",
        "input_tokens": "Int64",
        "total_tokens": "Int64",
        "cost_usd": "Float64",
        "cost_basis": "category",
        "finish_reason": "category",
        "prompt": "string",
        "cell": "Int64",
    },
    "spans": {"start_time": "datetime64[ns, UTC]", "type": "category", "depth": "Int64", "own_ms": "Float64"},
    "messages": {"message_index": "Int64", "direction": "category", "role": "category", "text": "string"},
    "tool_calls": {"arguments": "string", "result": "string", "is_error": "boolean", "answered": "boolean"},
    "attempts": {"start_time": "datetime64[ns, UTC]", "wait_ms": "Float64", "outcome": "category"},
}
MAKERS = {
    "calls": nbext.calls_df,
    "spans": nbext.spans_df,
    "messages": nbext.messages_df,
    "tool_calls": nbext.tool_calls_df,
    "attempts": nbext.attempts_df,
}


def test_calls_has_the_promised_columns_first_and_in_order(capture: Capture) -> None:
    assert list(nbext.calls_df(capture).columns)[: len(CALLS)] == CALLS


@pytest.mark.parametrize("grain", MAKERS)
def test_dtypes_do_not_depend_on_the_rows(grain: str, capture: Capture) -> None:
    full, empty = MAKERS[grain](capture), MAKERS[grain]([])
    assert len(full) > 0
    assert len(empty) == 0
    assert list(full.columns) == list(empty.columns)
    for name in full.columns:
        kinds = {str(full[name].dtype), str(empty[name].dtype)}
        assert len(kinds) == 1, name
        assert kinds.pop() == DTYPES[grain].get(name, str(full[name].dtype)), name


@pytest.mark.parametrize("grain", MAKERS)
def test_no_column_is_objects(grain: str, capture: Capture) -> None:
    assert [name for name, dtype in MAKERS[grain](capture).dtypes.items() if str(dtype) == "object"] == []


@pytest.mark.parametrize("grain", MAKERS)
def test_every_column_is_described(grain: str, capture: Capture) -> None:
    described = nbext.frames.describe(grain)
    assert list(described["name"]) == list(MAKERS[grain](capture).columns)
    assert (described["doc"].str.len() > 3).all()
    frame = MAKERS[grain](capture)
    for row in described.itertuples():
        assert str(frame[row.name].dtype) == row.dtype
        if row.name.endswith("_ms"):
            assert row.unit == "ms"


def test_a_call_that_went_well(capture: Capture) -> None:
    row = nbext.calls_df(capture).set_index("call_id").loc[f"{1:016x}"]
    assert row["start_time"] == pd.Timestamp(START + 100 * MS, tz="UTC")
    assert row["duration_ms"] == 50.0
    assert row["status"] == "ok"
    assert row["parent_span_id"] == "5" * 16
    assert (row["input_tokens"], row["output_tokens"], row["total_tokens"], row["cached_tokens"]) == (
        10,
        5,
        15,
        4,
    )
    assert row["reasoning_tokens"] is pd.NA
    assert (row["cost_usd"], row["cost_basis"]) == (0.001, "listed")
    assert (row["prompt"], row["completion"]) == ("question 1", "Let me look.")
    assert (row["request_id"], row["cell"], row["finish_reason"]) == ("req-1", 7, "tool_calls")


def test_what_is_not_known_is_na_and_never_zero(capture: Capture) -> None:
    frame = nbext.calls_df(capture).set_index("call_id")
    failed, running = frame.loc[f"{4:016x}"], frame.loc[f"{5:016x}"]
    for name in ("input_tokens", "output_tokens", "total_tokens", "cost_usd", "ttft_ms", "served_model"):
        assert pd.isna(failed[name]), name
    assert failed["completion"] is pd.NA
    assert failed["cost_basis"] == "unknown"
    assert pd.isna(failed["finish_reason"])
    assert (failed["status"], failed["status_code"], failed["error_type"]) == ("error", 400, "BAD_REQUEST")
    assert pd.isna(running["duration_ms"])
    assert pd.isna(running["status_code"])


def test_a_retried_stream(capture: Capture) -> None:
    row = nbext.calls_df(capture).set_index("call_id").loc[f"{3:016x}"]
    assert (row["attempts"], row["ttft_ms"], row["duration_ms"], bool(row["stream"])) == (
        2,
        600.0,
        1000.0,
        True,
    )
    # Neither count came with a total: it is their sum.
    assert row["total_tokens"] == 3
    attempts = nbext.attempts_df(capture).query("call_id == @row.name")
    assert list(attempts["attempt"]) == [0, 1]
    assert list(attempts["status_code"]) == [429, 200]
    assert pd.isna(attempts["wait_ms"].iloc[0])
    assert attempts["wait_ms"].iloc[1] == 500.0
    assert attempts["retry_after_s"].iloc[0] == 0.5


def test_spans(capture: Capture) -> None:
    frame = nbext.spans_df(capture).set_index("span_id")
    agent = frame.loc["5" * 16]
    assert (agent["type"], agent["depth"], agent["duration_ms"], agent["own_ms"]) == (
        "AGENT",
        0,
        200.0,
        100.0,
    )
    assert agent["call_id"] is pd.NA
    assert agent["tokens"] is pd.NA
    assert agent["subtree_tokens"] == 30
    inner = frame.loc[f"{1:016x}"]
    assert (inner["depth"], inner["type"], inner["call_id"]) == (1, "CHAT_MODEL", f"{1:016x}")
    assert frame.index.is_unique
    assert set(frame["capture_id"]) == {"c" * 16}


def test_messages(capture: Capture) -> None:
    frame = nbext.messages_df(capture)
    first = frame[frame["call_id"] == f"{1:016x}"]
    assert list(first["message_index"]) == [0, 1, 2]
    assert list(first["role"]) == ["system", "user", "assistant"]
    assert list(first["direction"]) == ["input", "input", "answer"]
    answer = first.iloc[-1]
    assert (answer["text"], answer["reasoning"], answer["tool_calls"]) == ("Let me look.", "think", 2)
    assert answer["part_kinds"] == "reasoning+text+tool_call"
    assert answer["choice"] == 0
    second = frame[frame["call_id"] == f"{2:016x}"]
    assert list(second["tool_call_id"].dropna()) == ["t1", "t2"]


def test_tool_calls_are_joined_with_their_results(capture: Capture) -> None:
    frame = nbext.tool_calls_df(capture)
    assert list(frame["name"]) == ["search", "count"]
    assert list(frame["arguments"]) == ['{"q": "x"}', "{broken"]
    assert list(frame["result"]) == ["found", "boom"]
    assert list(frame["is_error"]) == [False, True]
    assert set(frame["result_call_id"]) == {f"{2:016x}"}


def test_ids_join_every_grain_to_its_parent(capture: Capture) -> None:
    calls, spans = nbext.calls_df(capture), nbext.spans_df(capture)
    assert calls["call_id"].is_unique
    assert set(calls["call_id"]) <= set(spans["span_id"])
    assert set(calls["parent_span_id"].dropna()) <= set(spans["span_id"])
    assert set(spans["parent_span_id"].dropna()) <= set(spans["span_id"])
    assert set(calls["trace_id"]) <= set(spans["trace_id"])
    for make in (nbext.messages_df, nbext.tool_calls_df, nbext.attempts_df):
        joined = make(capture).merge(
            calls, on="call_id", how="left", validate="many_to_one", suffixes=("", "_call")
        )
        assert joined["trace_id_call"].equals(joined["trace_id"])
        assert set(joined["capture_id"]) == {"c" * 16}
    assert len(nbext.attempts_df(capture)) == calls["attempts"].sum()


def test_frames_of_two_captures_concatenate_with_their_dtypes(capture: Capture) -> None:
    both = pd.concat([nbext.calls_df(capture), nbext.calls_df([])])
    assert both["status"].dtype == nbext.calls_df([])["status"].dtype
    assert str(both["start_time"].dtype) == "datetime64[ns, UTC]"


def test_what_is_no_text_has_no_completion() -> None:
    chat, tool = captures.chat(2, 0.2, 0.3), captures.chat(3, 0.4, 0.5)
    tool.answers[0].parts = [Part("tool_call", "{}", name="now")]
    calls = [*captures.embeddings().calls, chat, tool]
    found = nbext.calls_df(captures.capture(calls, 1)).completion.tolist()
    assert found[0] is pd.NA
    assert found[1].startswith("A lakehouse")
    assert found[2] == ""


def test_a_fallback_that_nothing_tells_of_is_na() -> None:
    capture = captures.one_call()
    for fallback in (None, False, True):
        capture.calls[0].facts.fallback = fallback
        assert nbext.calls_df(capture).fallback.tolist() == [pd.NA if fallback is None else fallback]
