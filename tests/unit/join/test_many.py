"""Hundreds of calls with retries, fallbacks, blocks: every row that exists is found, the rest explained."""

from __future__ import annotations

from collections import Counter
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import ROUTES, ask, client, table_of, traced

if TYPE_CHECKING:
    from nbext.model.call import Call

MODELS = (
    *(
        "demo-chat",
        "demo-chat",
        "demo-fallback",
        "demo-429-then-ok",
        "demo-429",
        "demo-guardrail",
        "demo-policy",
    ),
    *("demo-embed", "demo-budget", "demo-400", "demo-500", "demo-disconnect", "databricks-claude-haiku-4-5"),
)


def rows_of(gw: Any, route: str) -> list[dict[str, Any]]:
    return gw.rows if route == "serving" else gw.unity_rows


@pytest.mark.parametrize("route", ROUTES)
def test_every_row_is_found(serve: Any, route: str) -> None:
    gw = serve(duplicate_fraction=0.1, log_unity_failures=False)
    asks = [
        {"model": model, "text": f"Number {i}", "streamed": i % 3 == 0}
        for i, model in enumerate(islice(cycle(MODELS), 250))
    ]
    capture = traced(gw, route, asks, threads=8)
    others = client(gw, route)
    for i in range(7):
        ask(others, "demo-chat", f"Somebody else {i}")
    table = table_of(gw, route)
    joined = capture.join(table)

    column = "databricks_request_id" if route == "serving" else "request_id"
    logged = {row[column] for row in rows_of(gw, route)}
    frame = joined.df()
    assert len(capture.calls) == 250
    sent = {attempt.request_id for call in capture.calls for attempt in call.attempts if attempt.request_id}
    assert len(sent) > 300
    matched = frame[frame.state == "matched"]
    # One row of the frame for each row of the table, each at its own attempt.
    assert Counter(matched.request_id) == Counter(sent & logged)
    for call in capture.calls:
        of_call = matched[matched.call_id == call.call_id]
        by_id = {attempt.request_id: attempt for attempt in call.attempts}
        for row in of_call.itertuples():
            assert by_id[row.request_id].number == row.attempt
            assert by_id[row.request_id].status_code == row.server_status_code
    assert set(matched.key) == {"x-request-id"}
    assert set(matched.key_column) == {column}

    # The rest is explained: each call that has no row says why, and that is right.
    pending = frame[frame.state == "pending"]
    without = [call for call in capture.calls if not {a.request_id for a in call.attempts} & logged]
    assert set(pending.call_id) == {call.call_id for call in without}
    for call in without:
        note = pending[pending.call_id == call.call_id].note.item()
        assert note == expected_note(call)
    if route == "unity":
        assert {call.status for call in without} >= {"blocked", "rate_limited"}
    assert joined.unmatched_rows == 7
    assert joined.found.joined.matched == 250 - len(without)


def expected_note(call: Call) -> str:
    if call.verdict is not None and call.verdict.kind == "policy":
        return "What a service policy denies gets no row in this table."
    return f"The table may leave out answers with status {call.status_code}."


def test_usage_rows_stand_in_for_what_the_table_leaves_out(serve: Any) -> None:
    gw = serve(log_unity_failures=False)
    capture = traced(gw, "unity", [{"model": model} for model in ("demo-429", "demo-budget", "demo-chat")])
    joined = capture.join(table_of(gw, "unity", usage=True))
    assert joined.found.joined.pending == 0
    limited, budget, chat = (call.server for call in capture.calls)
    assert (limited.status_code, limited.rows, budget.status_code) == (429, 3, 403)
    assert limited.key_table == str(gw.tables["gateway_usage"])
    assert "gateway_usage" in limited.missing[0]
    assert chat.missing == []
    assert chat.attempts[0].destination == "system.ai.meta-llama-3-3-70b-instruct"
