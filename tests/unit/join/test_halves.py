"""What the gateway's half says, and what is said where there is none."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import nbext
from nbext.display.wire import whole_wire
from nbext.engines import EngineError
from nbext.model import serial
from nbext.sources.inference_table import TableError

from ...contract.typescript import Checker, sources
from .conftest import table_of, traced, with_a_row


def checker() -> Checker:
    return Checker(sources("server.ts"))


def test_a_fallback_on_the_unity_route(serve: Any) -> None:
    gw = serve(speed=20)
    tags = {"Databricks-Ai-Gateway-Request-Tags": '{"team": "support"}'}
    capture = traced(gw, "unity", [{"model": "demo-fallback", "extra_headers": tags}])
    joined = capture.join(table_of(gw, "unity", usage=True))
    (call,) = capture.calls
    half = call.server
    assert [(a.action, a.destination, a.status_code) for a in half.attempts] == [
        ("INITIAL_ATTEMPT", "system.ai.gpt-primary", 429),
        ("FALLBACK", "system.ai.claude-sonnet-4-5", 200),
    ]
    assert half.fallback
    assert half.entity == "system.ai.claude-sonnet-4-5"
    assert half.model == "claude-sonnet-4-5"
    assert half.shares == [
        {"name": "system.ai.gpt-primary", "percent": 100.0, "type": "EXTERNAL_FOUNDATION_MODEL"},
        {"name": "system.ai.claude-sonnet-4-5", "type": "PAY_PER_TOKEN_FOUNDATION_MODEL", "fallback": True},
    ]
    assert (half.requester, half.requester_type) == ("analyst@example.com", "USER")
    assert half.tags == {"team": "support"}
    assert half.usage == call.usage
    assert half.duration_ms <= call.duration_ms
    (row,) = joined.df().to_dict("records")
    assert row["network_ms"] == pytest.approx(row["client_ms"] - row["server_ms"])
    assert row["server_attempts"] == 2


def test_names_and_tags_on_the_serving_route(serve: Any) -> None:
    gw = serve()
    asks = [{"model": "demo-fallback", "extra_body": {"usage_context": {"team": "support"}}}]
    capture = traced(gw, "serving", asks)
    joined = capture.join(table_of(gw, "serving", usage=True))
    # Entities in the rows tell no fallback, and their silence no lack of one.
    assert joined.df().fallback.isna().all()
    half = capture.calls[0].server
    assert (half.endpoint, half.entity) == ("demo-fallback", "databricks-claude-sonnet-4-5")
    assert half.tags == {"team": "support"}
    assert re.fullmatch("[0-9a-f]{32}", half.entity_id)


def test_the_wire_is_what_the_page_expects(serve: Any) -> None:
    gw = serve(speed=50, sampling_fraction=1.0)
    models = ("demo-fallback", "demo-429-then-ok", "demo-policy", "demo-huge")
    capture = traced(gw, "unity", [{"model": model} for model in models])
    capture.join(table_of(gw, "unity", usage=True))
    wire = whole_wire(capture)
    check = checker()
    for span in wire["spans"]:
        assert check.problems(span["call"]["server"], "WireServer") == []
    assert check.problems(wire["joined"], "WireJoined") == []
    states = [span["call"]["server"]["state"] for span in wire["spans"]]
    assert states == ["matched", "matched", "pending", "matched"]
    retried = wire["spans"][1]["call"]["server"]
    assert [one["status_code"] for one in retried["earlier"]] == [429, 429]
    assert retried["rows"] == 3
    assert [one["at"] for one in wire["spans"][0]["call"]["server"]["attempts"]] == sorted(
        one["at"] for one in wire["spans"][0]["call"]["server"]["attempts"]
    )


def test_bodies_too_large_are_said(serve: Any) -> None:
    gw = serve(huge_bytes=1_200_000)
    capture = traced(gw, "serving", [{"model": "demo-huge"}])
    capture.join(table_of(gw, "serving"))
    assert capture.calls[0].server.truncated == ["MAX_RESPONSE_SIZE_EXCEEDED"]


def test_both_ends_are_told_where_no_view_runs(serve: Any) -> None:
    gw = serve(speed=20)
    capture = traced(
        gw, "unity", [{"model": model} for model in ("demo-fallback", "demo-policy", "demo-huge")]
    )
    joined = capture.join(table_of(gw, "unity", usage=True))
    html = joined._repr_mimebundle_()["text/html"]
    for words in (
        "found by x-request-id = request_id · ",
        " in the gateway · ",
        " network and queue · first byte after ",
        "answered by fallback system.ai.claude-sonnet-4-5",
        "tried system.ai.gpt-primary: 429 after ",
        "What a service policy denies gets no row in this table.",
        "2 of 3 calls found in ",
        " by x-request-id (2) · 1 without a row, each says why",
    ):
        assert words in html, words
    assert "NaN" not in html and "None" not in html
    one = nbext.join(capture.calls[:1], joined.table)
    text = one._repr_mimebundle_()["text/plain"]
    assert "logged     found by x-request-id = request_id · " in text
    assert "gateway log" not in traced(gw, "unity", [{"model": "demo-chat"}])._repr_mimebundle_()["text/html"]


def test_a_half_survives_the_journal(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "unity", [{"model": "demo-fallback"}, {"model": "demo-429-then-ok"}])
    capture.join(table_of(gw, "unity", usage=True))
    for call in capture.calls:
        assert serial.call_from_dict(serial.call_to_dict(call)).server == call.server


def test_not_here_yet_then_here(serve: Any, tmp_path: Any) -> None:
    gw = with_a_row(serve, tmp_path / "shared", delay_s=4.0)
    capture = traced(gw, "serving", [{"model": "demo-chat"}, {"model": "demo-429-then-ok"}])
    joined = capture.join(gw.tables["payload"])
    assert joined.found.joined.matched == 0
    assert set(joined.df().note) == {"not here yet (normal lag up to 1 h)"}
    assert "2 not here yet (normal lag up to 1 h)" in joined.summary()
    joined.wait(60)
    assert joined.found.joined.matched == 2
    assert all(call.server.lag_ms is not None and call.server.lag_ms > 0 for call in capture.calls)


def test_waiting_for_a_table_that_is_not_there_yet(serve: Any) -> None:
    gw = serve(delay_s=1.5)
    capture = traced(gw, "serving", [{"model": "demo-chat"}])
    with pytest.raises(EngineError, match="there is no table at"):
        capture.join(gw.tables["payload"])
    joined = capture.join(gw.tables["payload"], wait="60s")
    assert joined.found.joined.matched == 1


def test_a_table_that_never_comes(serve: Any, tmp_path: Any) -> None:
    capture = traced(serve(), "serving", [{"model": "demo-chat"}])
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "nowhere", tmp_path / "empty"):
        with pytest.raises(EngineError, match=r"there is no table at|neither a Delta log nor Parquet"):
            capture.join(source, wait="0.2s")
    began = time.monotonic()
    # What is no table will be none.
    with pytest.raises(TableError):
        capture.join(pd.DataFrame({"a": [1]}), wait="60s")
    assert time.monotonic() - began < 30


def test_calls_that_are_logged_in_several_tables(serve: Any) -> None:
    """An inference table is one endpoint's unless told otherwise: an agent calls several."""
    first, second = serve(), serve()
    chats = traced(first, "serving", [{"model": "demo-chat", "text": f"{i}"} for i in range(3)])
    others = traced(second, "serving", [{"model": "demo-chat", "text": "other"}])
    denied = traced(second, "unity", [{"model": "demo-guardrail"}, {"model": "demo-chat"}])
    calls = [*chats.calls, *others.calls, *denied.calls]
    somebody_else = [*traced(second, "serving", [{"model": "demo-chat"}] * 2).calls]
    tables = [table_of(first, "serving"), table_of(second, "serving"), table_of(second, "unity")]
    joined = nbext.join(calls, tables)
    assert joined.found.joined.keys == {"x-request-id": 5}
    assert joined.unmatched_rows == len(somebody_else)
    # The note is that of the table that logs the call's route.
    (pending,) = joined.unmatched_calls
    assert pending.server.note == "What a service policy denies gets no row in this table."
    assert joined.df().state.tolist() == [*["matched"] * 4, "pending", "matched"]
    assert "5 of 6 calls found in " in joined.summary()
    with pytest.raises(TableError, match="expected a table or several, got an empty list"):
        nbext.join(calls, [])


def test_a_second_join_keeps_what_the_first_found(serve: Any) -> None:
    first, second = serve(), serve()
    chats = traced(first, "serving", [{"model": "demo-chat"}])
    others = traced(second, "serving", [{"model": "demo-chat"}])
    calls = [*chats.calls, *others.calls]
    one = nbext.join(calls, table_of(first, "serving"))
    two = nbext.join(calls, table_of(second, "serving"))
    assert [call.server.state for call in calls] == ["matched", "matched"]
    assert one.df().state.tolist() == ["matched", "pending"]
    assert two.df().state.tolist() == ["pending", "matched"]


def test_a_look_that_fails_ends_no_waiting(serve: Any, monkeypatch: Any, tmp_path: Any) -> None:
    gw = with_a_row(serve, tmp_path / "shared", delay_s=3600)
    capture = traced(gw, "serving", [{"model": "demo-chat"}])
    joined = capture.join(gw.tables["payload"])
    looks = []

    def failing(self: Any) -> Any:
        looks.append(self)
        if len(looks) == 1:
            gw.deliver()
            raise EngineError("the warehouse is starting")
        monkeypatch.undo()
        return self.look()

    monkeypatch.setattr(nbext.Joined, "look", failing)
    joined.wait(0.1)
    assert joined.summary().endswith("the last look failed: the warehouse is starting")
    assert joined.wait(60).found.joined.matched == 1
    assert "failed" not in joined.summary()


@pytest.mark.parametrize("wait", ["1 minute", "5 mins", "10m", 60, 0.5, timedelta(minutes=1)])
def test_how_long_to_wait(serve: Any, wait: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", [{"model": "demo-chat"}])
    gw.deliver()
    assert capture.join(gw.tables["payload"], wait=wait).found.joined.matched == 1


@pytest.mark.parametrize("wait", [True, -1, float("nan"), float("inf"), [1]])
def test_what_is_no_time_to_wait(wait: Any) -> None:
    with pytest.raises(TableError, match=r"wait=.* is no span of time: expected '10m'"):
        nbext.join([], pd.DataFrame(), wait=wait)


def test_calls_that_were_given_up_too_early(serve: Any) -> None:
    gw = serve(speed=1)
    named = [{"model": "demo-chat", "extra_body": {"client_request_id": f"mine-{i}"}} for i in range(2)]
    capture = traced(gw, "serving", [*named, {"model": "demo-chat"}], timeout=0.1, max_retries=0)
    assert [call.error_type for call in capture.calls] == ["ReadTimeout"] * 3
    deadline = time.monotonic() + 30
    while len(gw.rows) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    logged = pa.Table.from_batches(table_of(gw, "serving").batches())
    early = capture.join(logged.slice(0, 0))
    # The gateway goes on with what it has received: what can be told when it comes is waited for.
    assert early.found.waiting == [call.call_id for call in capture.calls[:2]]
    assert early.df().note.tolist() == [
        *["No answer came: the row comes if the gateway received the request."] * 2,
        "No answer came, and nothing in the request names its row: %%gateway_trace --request-id sends such "
        "a name.",
    ]
    frame = capture.join(logged).df()
    assert frame.key.tolist()[:2] == ["client_request_id"] * 2
    # Longer than the client waited: no network has a time below zero.
    assert (frame.server_ms > frame.client_ms).tolist()[:2] == [True, True]
    assert frame.network_ms.isna().all()


def test_a_gateway_that_was_not_reached(serve: Any) -> None:
    gw = serve()
    traced(gw, "serving", [{"model": "demo-chat"}])
    table = table_of(gw, "serving")
    gw.close()
    capture = traced(gw, "serving", [{"model": "demo-chat"}], max_retries=0)
    joined = capture.join(table)
    assert joined.df().note.item() == "No answer came: the gateway was not reached."
    assert joined.found.waiting == []


def test_sampling_explains(serve: Any) -> None:
    gw = serve(sampling_fraction=0.5)
    capture = traced(gw, "serving", [{"model": "demo-chat", "text": f"{i}"} for i in range(24)])
    joined = capture.join(table_of(gw, "serving"))
    pending = joined.df().query("state == 'pending'")
    assert 0 < len(pending) < 24
    assert set(pending.note) == {"The table keeps 50 % of the calls."}


def test_the_other_route_is_said(serve: Any) -> None:
    gw = serve()
    traced(gw, "serving", [{"model": "demo-chat"}])
    capture = traced(gw, "unity", [{"model": "demo-chat"}])
    joined = capture.join(table_of(gw, "serving"))
    assert joined.df().note.item() == "The call went to /ai-gateway; this table logs /serving-endpoints."
    assert joined.found.waiting == []


def test_no_access_to_the_usage_tables_is_one_line_and_no_end(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "unity", [{"model": "demo-chat"}])
    gw.deliver()
    table = nbext.inference_table(gw.tables["unity_payload"]).with_usage()
    joined = capture.join(table)
    assert joined.found.joined.matched == 1
    (line,) = capture.calls[0].server.missing
    assert "GRANT USE SCHEMA, SELECT ON SCHEMA system.ai_gateway" in line
    assert "\n" not in line


def test_usage_tables_that_are_none(serve: Any, tmp_path: Any) -> None:
    gw = serve()
    traced(gw, "serving", [{"model": "demo-chat"}])
    table = table_of(gw, "serving")
    with pytest.raises(TableError, match="expected endpoint_usage and served_entities in the folder"):
        table.with_usage(tmp_path / "tables0" / "payload")
    with pytest.raises(TableError, match="is no endpoint_usage: it has no column databricks_request_id"):
        table.with_usage({"endpoint_usage": pd.DataFrame({"a": [1]})})
    with pytest.raises(TableError, match="expected a dict by name or a folder, got int"):
        table.with_usage(3)
    with pytest.raises(TableError, match="is called 'served_entites'; did you mean 'served_entities'"):
        table.with_usage({"endpoint_usage": gw.tables["endpoint_usage"], "served_entites": "x"})


def test_a_hostile_answer_changes_nothing_but_its_own_row(serve: Any, tmp_path: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", [{"model": "demo-chat", "text": f"Hello {i}"} for i in range(3)])
    frame = nbext.inference_table(gw.tables["payload"]) if gw.deliver() else None
    import deltalake

    rows = deltalake.DeltaTable(str(gw.tables["payload"])).to_pandas()
    before = capture.join(rows).df().drop(columns=["lag_ms"])
    evil = [
        "{" * 100_000,
        '{"id": "'
        + capture.calls[0].response["id"]
        + '", "usage": {"prompt_tokens": "NaN", "completion_tokens": 1e999}}',
        "'; DROP TABLE nbext_1; --\x00\ud800".encode("utf-8", "replace").decode(),
    ]
    worse = pd.concat(
        [
            rows,
            *(
                rows.iloc[[0]].assign(databricks_request_id=f"evil-{i}", response=text)
                for i, text in enumerate(evil)
            ),
        ]
    )
    after = capture.join(worse.reset_index(drop=True))
    pd.testing.assert_frame_equal(after.df().drop(columns=["lag_ms"]), before)
    assert after.unmatched_rows == 3
    assert frame is None


def test_what_cannot_be_joined() -> None:
    with nbext.trace("empty", display=False) as capture:
        pass
    with pytest.raises(TableError, match="'soon' is no span of time"):
        capture.join(pd.DataFrame({"a": [1]}), wait="soon")
    with pytest.raises(TableError, match="is no inference table"):
        capture.join(pd.DataFrame({"a": [1]}))
    table = {"request_id": ["r"], "event_time": ["2026-07-04"], "request": "{}", "response": "{}"}
    with pytest.raises(TableError, match="DataFrame is no unified trace table: it has no column trace_id"):
        capture.join(pd.DataFrame(table), traces=pd.DataFrame({"a": [1]}))
    with pytest.raises(TypeError, match="expected a capture, a trace, a call"):
        nbext.join(3, pd.DataFrame({"a": [1]}))


def test_no_calls_at_all(serve: Any) -> None:
    gw = serve()
    traced(gw, "serving", [{"model": "demo-chat"}])
    with nbext.trace("empty", display=False) as capture:
        pass
    joined = capture.join(table_of(gw, "serving"))
    assert len(joined.df()) == 0
    assert "0 of 0 calls" in repr(joined)
