"""Each key on its own, best first."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import nbext

from .conftest import table_of, traced

if TYPE_CHECKING:
    from pathlib import Path

    from nbext.model.call import Call


def forget_ids(capture: Any) -> list[Call]:
    """As if no answer had carried the gateway's id."""
    for call in capture.calls:
        call.facts.request_id = None
        for attempt in call.attempts:
            attempt.request_id = None
            attempt.response_headers = {}
    return capture.calls


def forget_answers(calls: list[Call]) -> None:
    """As if the answers had no id either."""
    for call in calls:
        call.response = {key: value for key, value in call.response.items() if key != "id"}


CHATS = [{"model": "demo-chat", "text": f"Question {i}" + " and so on" * i} for i in range(4)]


def test_x_request_id(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", CHATS)
    capture.join(table_of(gw, "serving"))
    assert {(call.server.key, call.server.key_column) for call in capture.calls} == {
        ("x-request-id", "databricks_request_id")
    }
    assert [call.server.request_id for call in capture.calls] == [
        call.facts.request_id for call in capture.calls
    ]


def test_another_header_carries_the_id(serve: Any) -> None:
    gw = serve(same_request_id=False, databricks_request_id_header=True)
    capture = traced(gw, "serving", CHATS[:1])
    (call,) = capture.calls
    # What was not the logged id cannot match; the other header would, if it were the one trusted.
    call.attempts[0].request_id = call.facts.request_id = call.attempts[0].response_headers[
        "x-databricks-request-id"
    ]
    capture.join(table_of(gw, "serving"))
    assert (call.server.key, call.server.key_column) == ("x-databricks-request-id", "databricks_request_id")


@pytest.mark.parametrize("usage", [False, True])
def test_client_request_id_finds_every_attempt(serve: Any, usage: bool) -> None:
    gw = serve(same_request_id=False)
    asks = [{**one, "extra_body": {"client_request_id": f"mine-{i}"}} for i, one in enumerate(CHATS)]
    asks.append({"model": "demo-429-then-ok", "extra_body": {"client_request_id": "mine-retried"}})
    capture = traced(gw, "serving", asks)
    capture.join(table_of(gw, "serving", usage=usage))
    assert {call.server.key for call in capture.calls} == {"client_request_id"}
    retried = capture.calls[-1].server
    assert (retried.rows, retried.status_code) == (3, 200)
    assert [half.status_code for half in retried.earlier] == [429, 429]


def test_an_id_that_calls_share_is_no_key(serve: Any) -> None:
    gw = serve(same_request_id=False)
    capture = traced(
        gw, "serving", [{**one, "extra_body": {"client_request_id": "same-for-all"}} for one in CHATS]
    )
    forget_answers(forget_ids(capture))
    for call in capture.calls:
        call.usage.output_tokens = None
    joined = capture.join(table_of(gw, "serving"))
    assert joined.found.joined.matched == 0


def test_tag(serve: Any) -> None:
    gw = serve()
    header = "Databricks-Ai-Gateway-Request-Tags"
    asks = [
        {**one, "extra_headers": {header: f'{{"team": "support", "mlflow_trace_id": "tr-{i:032x}"}}'}}
        for i, one in enumerate(CHATS)
    ]
    capture = traced(gw, "unity", asks)
    forget_ids(capture)
    capture.join(table_of(gw, "unity"))
    assert {call.server.key for call in capture.calls} == {"tag mlflow_trace_id"}
    assert [call.server.tags["mlflow_trace_id"] for call in capture.calls] == [
        f"tr-{i:032x}" for i in range(4)
    ]


def test_traceresponse_over_the_trace_table(serve: Any, tmp_path: Path) -> None:
    gw = serve()
    capture = traced(gw, "unity", CHATS)
    rows = [
        {
            "trace_id": call.facts.gateway_trace_id,
            "attributes": {"databricks.request_id": call.facts.request_id},
        }
        for call in capture.calls
    ]
    schema = pa.schema([("trace_id", pa.string()), ("attributes", pa.map_(pa.string(), pa.string()))])
    pa.parquet.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "traces.parquet")
    ids = [call.facts.request_id for call in capture.calls]
    forget_ids(capture)
    capture.join(table_of(gw, "unity"), traces=str(tmp_path / "traces.parquet"))
    assert {(call.server.key, call.server.key_column) for call in capture.calls} == {
        ("traceresponse", "trace_id")
    }
    assert [call.server.request_id for call in capture.calls] == ids


@pytest.mark.parametrize("form", ["completion", "chunks", "sse"])
def test_response_id(serve: Any, form: str) -> None:
    gw = serve(stream_form=form)
    capture = traced(gw, "serving", [{**one, "streamed": i % 2 == 0} for i, one in enumerate(CHATS)])
    ids = [call.facts.request_id for call in capture.calls]
    forget_ids(capture)
    capture.join(table_of(gw, "serving"))
    assert {(call.server.key, call.server.key_column) for call in capture.calls} == {
        ("response id", "response.id")
    }
    assert [call.server.request_id for call in capture.calls] == ids


def forget_tokens(calls: list[Call]) -> None:
    """As if no guess could be made."""
    for call in calls:
        call.usage.output_tokens = None


def test_a_response_id_that_calls_share_is_no_key(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", CHATS)
    logged = pa.Table.from_batches(table_of(gw, "serving").batches())
    # An answer out of a cache carries the id of the first one.
    first, *others = [call.response["id"] for call in capture.calls[:3]]
    bodies = logged.column("response").to_pylist()
    for other in others:
        bodies = [body.replace(other, first) for body in bodies]
    at = logged.schema.get_field_index("response")
    logged = logged.set_column(at, "response", pa.array(bodies, pa.string()))
    for call in capture.calls[1:3]:
        call.response["id"] = first
    forget_tokens(forget_ids(capture))
    joined = capture.join(logged)
    assert [call.server.state for call in capture.calls] == [*["pending"] * 3, "matched"]
    assert {call.server.note for call in capture.calls[:3]} == {
        "3 calls have the same response id: which of its 3 rows is whose cannot be told."
    }
    assert joined.found.waiting == []
    assert "3 whose rows cannot be told apart" in joined.summary()
    assert "no row is to come" not in joined.summary()
    # As long as a row is missing it may be told by its time when it comes.
    assert len(capture.join(logged.slice(0, 1)).found.waiting) == 4


def test_a_response_id_that_calls_share_leaves_the_guess(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", CHATS)
    ids = [call.facts.request_id for call in capture.calls]
    for call in forget_ids(capture):
        call.response["id"] = capture.calls[0].response["id"]
    capture.join(table_of(gw, "serving"))
    assert [call.server.request_id for call in capture.calls] == ids
    assert {call.server.key for call in capture.calls} == {"time and tokens (a guess)"}


def test_a_trace_that_calls_share_is_no_key(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "unity", CHATS)
    attributes = [[("databricks.request_id", call.facts.request_id)] for call in capture.calls]
    schema = pa.schema([("trace_id", pa.string()), ("attributes", pa.map_(pa.string(), pa.string()))])
    traces = pa.table({"trace_id": ["ab" * 16] * 4, "attributes": attributes}, schema=schema)
    calls = forget_ids(capture)
    forget_answers(calls)
    forget_tokens(calls)
    for call in calls:
        call.facts.gateway_trace_id = "ab" * 16
    joined = capture.join(table_of(gw, "unity"), traces=traces)
    assert joined.found.joined.matched == 0
    assert {call.server.note for call in calls} == {
        "4 calls have the same traceresponse: which of its 4 rows is whose cannot be told."
    }


def test_time_and_tokens_is_a_guess_and_says_so(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", CHATS)
    ids = [call.facts.request_id for call in capture.calls]
    forget_answers(forget_ids(capture))
    joined = capture.join(table_of(gw, "serving"))
    assert {call.server.key for call in joined.calls} == {"time and tokens (a guess)"}
    assert [call.server.request_id for call in capture.calls] == ids


def test_no_guess_where_two_would_fit(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", [{"model": "demo-chat", "text": "The same"}] * 3)
    forget_answers(forget_ids(capture))
    joined = capture.join(table_of(gw, "serving"))
    assert (joined.found.joined.matched, joined.unmatched_rows) == (0, 3)


def test_rows_of_others_are_no_guess_for_calls_whose_own_are_not_here(serve: Any) -> None:
    gw = serve(delay_s=3600)
    traced(gw, "serving", CHATS)
    gw.deliver()
    # The same questions at the same time: the rows of the first are here, those of the second are not.
    capture = traced(gw, "serving", CHATS)
    joined = capture.join(gw.tables["payload"], wait="0.1s")
    assert (joined.found.joined.matched, joined.unmatched_rows) == (0, len(CHATS))
    assert len(joined.found.waiting) == len(CHATS)


def test_a_request_id_that_finds_rows_leaves_nothing_to_guess(serve: Any) -> None:
    gw = serve(delay_s=3600)
    first = traced(gw, "serving", [CHATS[0]])
    gw.deliver()
    others = traced(gw, "serving", CHATS[1:])
    logged = table_of(gw, "serving")
    # As if the rest were of someone else, and the answers had no id to tell them by.
    for call in others.calls:
        call.facts.request_id = call.attempts[0].request_id = f"not-here-yet-{call.call_id}"
    forget_answers(others.calls)
    joined = nbext.join([*first.calls, *others.calls], logged)
    assert joined.found.joined.keys == {"x-request-id": 1}


@pytest.mark.parametrize("ahead", [timedelta(minutes=25), timedelta(hours=-3)])
@pytest.mark.parametrize("key", ["x-request-id", "time and tokens (a guess)"])
def test_a_clock_that_is_wrong(serve: Any, ahead: timedelta, key: str) -> None:
    gw = serve()
    capture = traced(gw, "serving", CHATS)
    logged = pa.Table.from_batches(table_of(gw, "serving").batches()).to_pandas()
    logged["request_time"] += ahead
    logged["request_date"] = logged["request_time"].dt.date
    if key != "x-request-id":
        forget_answers(forget_ids(capture))
    for attempt in (attempt for call in capture.calls for attempt in call.attempts):
        received = datetime.fromtimestamp(attempt.headers_ns / 1e9, timezone.utc) + ahead
        attempt.response_headers = {**attempt.response_headers, "date": format_datetime(received)}
    joined = capture.join(logged)
    assert joined.found.joined.keys == {key: len(CHATS)}
    assert joined.unmatched_rows == 0


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Nov 2026 99:00:00 GMT", "0"])
def test_a_date_that_is_none_is_let_be(serve: Any, date: str) -> None:
    gw = serve()
    capture = traced(gw, "serving", CHATS[:1])
    for attempt in capture.calls[0].attempts:
        attempt.response_headers = {**attempt.response_headers, "date": date}
    assert capture.join(table_of(gw, "serving")).found.joined.matched == 1


def test_calls_of_a_list_and_a_path(serve: Any) -> None:
    gw = serve()
    capture = traced(gw, "serving", CHATS[:2])
    gw.deliver()
    joined = nbext.join(capture.calls[:1], str(gw.tables["payload"]))
    assert [call.server.state for call in joined.calls] == ["matched"]
    assert joined.unmatched_rows == 1
