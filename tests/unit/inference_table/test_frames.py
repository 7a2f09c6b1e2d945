"""The fast frame says of every row what its `Call` says, whatever is stored and in whatever typing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import nbext
from nbext.frames import Column
from nbext.sources.inference_table.parts import parts_of

from . import samples

if TYPE_CHECKING:
    from pathlib import Path

KINDS = sorted(samples.TABLES)


def as_arrow(kind: str) -> Any:
    return samples.arrow(kind)


def as_pandas(kind: str) -> Any:
    return pd.DataFrame(samples.TABLES[kind][1]())


def as_strings(kind: str) -> Any:
    return pd.DataFrame([samples.strings(row) for row in samples.TABLES[kind][1]()])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [as_arrow, as_pandas, as_strings])
def test_equal_to_the_frame_of_calls(kind: str, make: Any) -> None:
    table = nbext.inference_table(make(kind))
    fast, slow = table.calls_df(), nbext.calls_df(table.calls())
    pd.testing.assert_frame_equal(fast, slow)
    assert len(fast) == len(samples.exchanges())


@pytest.mark.parametrize("kind", KINDS)
def test_typing_changes_nothing(kind: str) -> None:
    typed = nbext.inference_table(as_arrow(kind)).calls_df()
    for make in (as_pandas, as_strings):
        # Strings carry ms, and these rows hold no finer times.
        pd.testing.assert_frame_equal(nbext.inference_table(make(kind)).calls_df(), typed)


def test_usual_rows_are_not_built_as_calls() -> None:
    """Or the frame would be equal and slow."""
    table = nbext.inference_table(as_arrow("serving"))
    others = {call.completion for part in parts_of(table) for call in part.others.values()}
    usual = {"with a model", '{"json": "mode"}', "18 °C", "from a cache", "thought", "streamed, kept whole"}
    assert not usual & others
    assert usual <= set(table.calls_df()["completion"].dropna())


def test_what_is_in_it() -> None:
    frame = nbext.inference_table(as_arrow("serving")).calls_df().set_index("call_id")
    assert frame["status"].value_counts().to_dict()["rate_limited"] == 2
    assert (frame["status"] == "blocked").sum() == 3  # a policy, a guardrail, a budget
    cached = frame[frame["served_model"].fillna("").str.contains("claude")].iloc[0]
    assert (cached["input_tokens"], cached["cached_tokens"], cached["total_tokens"]) == (111, 100, 120)
    assert cached["provider"] == "amazon-bedrock"
    streamed = frame[frame["completion"].isin(["Hello world", "Hello events"])]
    assert (streamed["input_tokens"] == 22).all()
    assert streamed["stream"].all()
    assert len(streamed) == 2


def test_secrets_do_not_reach_the_frame() -> None:
    frame = nbext.inference_table(as_arrow("serving")).calls_df()
    text = frame.to_csv()
    assert "abcdefghijklmnopqrstuvwx0123456789" not in text
    assert "hunter2hunter2" not in text
    assert frame["prompt"].str.contains("redacted", na=False).sum() == 1
    assert frame["completion"].str.contains("redacted", na=False).sum() == 1


def test_a_hook_of_the_user_sees_every_text() -> None:
    nbext.configure(redact_hook=lambda text: text.replace("Paris", "P."))
    try:
        frame = nbext.inference_table(as_arrow("serving")).calls_df()
    finally:
        nbext.configure(redact_hook=None)
    assert "P.." in set(frame["completion"].dropna())
    assert not frame["completion"].str.contains("Paris", na=False).any()


def test_columns_of_your_own() -> None:
    table = nbext.inference_table(as_arrow("serving")).where("status_code = 200")
    frame = table.calls_df(columns=["call_id", Column("max_tokens", "request.max_tokens", "Int64")])
    assert frame["max_tokens"].dropna().unique().tolist() == [64]
    with pytest.raises(ValueError, match="did you mean 'status'"):
        table.calls_df(columns=["staus"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_other_frames(kind: str) -> None:
    table = nbext.inference_table(as_arrow(kind))
    calls = table.calls()
    for name in ("messages_df", "tool_calls_df", "attempts_df"):
        assert len(getattr(table, name)()) == len(getattr(nbext, name)(calls)), name
    assert set(table.messages_df()["call_id"]) <= {call.call_id for call in calls}
    assert len(table.attempts_df()) == len(calls)
    assert len(table.spans_df()) == len(calls)


def test_pages_make_the_same_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    table = nbext.inference_table(as_arrow("serving"))
    whole = table.messages_df()
    monkeypatch.setattr("nbext.results.paged.PAGE", 7)
    paged = table.messages_df()
    assert len(paged) == len(whole)
    assert paged.dtypes.astype(str).to_dict() == whole.dtypes.astype(str).to_dict()


def test_no_rows(tmp_path: Path) -> None:
    table = nbext.inference_table(as_arrow("serving")).where("status_code = 999")
    assert table.calls() == []
    assert table.count() == 0
    pd.testing.assert_frame_equal(table.calls_df(), nbext.calls_df([]))
    assert table.messages_df().empty
    assert table.limit(3).calls_df().empty


def test_a_hostile_answer_changes_only_its_own_row() -> None:
    rows = samples.serving_rows()[:5]
    clean = nbext.inference_table(pd.DataFrame(rows)).calls_df()
    for text in samples.HOSTILE:
        hurt = [dict(row) for row in rows]
        hurt[2] |= {"response": text, "databricks_request_id": "other"}
        frame = nbext.inference_table(pd.DataFrame(hurt)).calls_df()
        keep = [0, 1, 3, 4]
        pd.testing.assert_frame_equal(frame.iloc[keep], clean.iloc[keep], obj=repr(text)[:40])


def test_aggregates_count_as_the_frame_does() -> None:
    """Of rows that are whole and no attack, SQL reads the same status and tokens as the model does."""
    usual = [
        row for row in samples.serving_rows() if row["response"] and row["response"] not in samples.HOSTILE
    ]
    table = nbext.inference_table(pd.DataFrame(usual))
    frame = table.calls_df()
    counted = "count(*) AS n, sum(input_tokens) AS i, sum(output_tokens) AS o"
    sql = f"SELECT status, {counted} FROM calls GROUP BY status"
    found = {row["status"]: row for row in table.aggregate(sql).to_pylist()}
    counts = frame["status"].value_counts()
    assert {status: row["n"] for status, row in found.items()} == counts[counts > 0].to_dict()
    ok = frame[frame["status"] == "ok"]
    assert found["ok"]["i"] == ok["input_tokens"].sum()
    assert found["ok"]["o"] == ok["output_tokens"].sum()
    assert found["rate_limited"]["i"] is None


def _many(change: dict[str, Any], others: dict[str, Any]) -> pd.DataFrame:
    """So many rows that no engine looks at all of them, and one that is not as the others are."""
    first = samples.unity_rows()[0]
    rows = [{**first, **others, "request_id": f"r-{at}"} for at in range(3000)]
    rows[2222] |= change
    return pd.DataFrame(rows)


@pytest.mark.parametrize("usual", [{"team": "a"}, {}, [], [("team", "a")], None])
def test_a_tag_that_few_requests_have(usual: Any) -> None:
    rare = {"team": "b", "rare": "x"}
    table = nbext.inference_table(_many({"request_tags": rare}, {"request_tags": usual}))
    asked = table.where("request_tags['rare'] = 'x'")
    assert [call.facts.tags for call in asked.calls()] == [rare]
    assert len(table.calls_df()) == 3000


def test_one_error_code_among_empty_lists() -> None:
    cut = {"logging_error_codes": ["MAX_RESPONSE_SIZE_EXCEEDED"], "response": None}
    table = nbext.inference_table(_many(cut, {"logging_error_codes": []}))
    asked = table.where("list_contains(logging_error_codes, 'MAX_RESPONSE_SIZE_EXCEEDED')")
    assert asked.calls_df()["request_id"].tolist() == ["r-2222"]
    assert len(table.calls_df()) == 3000


def test_ids_and_codes_of_mixed_types() -> None:
    frame = _many({"request_id": "a1", "status_code": "500"}, {"status_code": 200})
    frame["request_id"] = pd.Series([*range(2222), "a1", *range(2223, 3000)], dtype=object)
    table = nbext.inference_table(frame)
    assert table.where("status_code >= 500").calls_df()["request_id"].tolist() == ["a1"]
    assert table.count() == 3000


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_that_are_parsed_already(kind: str) -> None:
    rows = [
        row
        for row in samples.TABLES[kind][1]()
        if (row["response"] or "").startswith(('{"id"', "[{", '{"error'))
        and (row["request"] or "")[:1] == "{"
    ]
    parsed = [{**row, **{name: json.loads(row[name]) for name in ("request", "response")}} for row in rows]
    table, stored = nbext.inference_table(pd.DataFrame(parsed)), nbext.inference_table(pd.DataFrame(rows))
    for ask in (lambda t: t, lambda t: t.errors(), lambda t: t.blocked(), lambda t: t.search("größe")):
        pd.testing.assert_frame_equal(ask(table).calls_df(), ask(stored).calls_df())
    assert len(table.errors().calls_df())


def test_the_frame_that_was_given_stays() -> None:
    given = pd.DataFrame(samples.unity_rows()[:3])
    tags = given["request_tags"].tolist()
    nbext.inference_table(given).calls_df()
    assert given["request_tags"].tolist() == tags


def test_a_body_that_is_the_json_null() -> None:
    rows = [
        {**row, "response": body} for row, body in zip(samples.serving_rows(), ("null", None), strict=False)
    ]
    null, none = nbext.inference_table(pd.DataFrame(rows)).calls()
    assert null.notes == ["The answer is the JSON null, which says nothing."]
    assert (null.status, null.response_text) == ("ok", "null")
    assert none.notes == []


def _tried(*steps: tuple[str, str, str, int, int | None]) -> dict[str, Any]:
    """Attempts of the gateway: priority, action, destination, status, ms after the request."""
    start = pd.Timestamp("2026-07-04 10:00:00Z")
    return {
        "attempts": [
            {
                "priority": priority,
                "action": action,
                "destination": destination,
                "status_code": status,
                "latency_ms": 30,
                "start_time": None if after is None else start + pd.Timedelta(milliseconds=after),
            }
            for priority, action, destination, status, after in steps
        ]
    }


@pytest.mark.parametrize(
    ("routing", "fallback"),
    [
        (_tried(("2", "FALLBACK", "b", 200, 40), ("1", "INITIAL_ATTEMPT", "a", 429, 1)), True),
        (_tried(("2", "FALLBACK", "b", 200, None), ("1", "INITIAL_ATTEMPT", "a", 429, None)), True),
        # No public row has the second action: another destination tells it too.
        (_tried(("1", "INITIAL_ATTEMPT", "a", 429, 1), ("2", "OTHER", "b", 200, 40)), True),
        (_tried(("1", "INITIAL_ATTEMPT", "a", 429, 1), ("1", "RETRY", "a", 200, 40)), False),
    ],
)
def test_attempts_of_the_gateway_are_in_their_order(routing: dict[str, Any], fallback: bool) -> None:
    time = pd.Timestamp("2026-07-04 10:00:00Z")
    row = {"request_id": "r", "event_time": time, "status_code": 200, "latency_ms": 100}
    table = nbext.inference_table(pd.DataFrame([{**row, "request": "{}", "response": "{}"}]))
    beside = table.with_usage({"gateway_usage": pd.DataFrame([{**row, "routing_information": routing}])})
    frame = beside.attempts_df()
    assert frame.status_code.tolist() == [429, 200]
    assert frame.error_message.fillna("").tolist() == ["a answered 429", ""]
    # The gateway gave no code: what it did next is none.
    assert frame.error_type.isna().all()
    assert (frame.wait_ms.dropna() >= 0).all()
    assert bool(beside.calls_df().fallback.item()) is fallback


def test_the_endpoint_of_a_silent_request_is_who_answered() -> None:
    """As the overview counts it: the marks and the frame tell the same."""
    frame = pd.DataFrame(
        {
            "request_id": list("abcd"),
            "event_time": pd.date_range("2026-07-04 10:00", periods=4, freq="s", tz="UTC"),
            "status_code": 200,
            "request": ['{"model": "main.llm.chat"}', "{}", None, None],
            "response": '{"model": "m", "choices": [], "usage": {"prompt_tokens": 9}}',
            "destination_name": [*["system.ai.claude-sonnet-4-5"] * 3, None],
        }
    )
    table = nbext.inference_table(frame)
    fast, slow = table.calls_df(), nbext.calls_df(table.calls())
    same = ["endpoint", "model", "cost_usd"]
    pd.testing.assert_frame_equal(fast[same], slow[same])
    told = fast.endpoint.fillna("not known")
    assert told.tolist() == ["main.llm.chat", *["system.ai.claude-sonnet-4-5"] * 2, "not known"]
    counted = table.overview().by_endpoint.set_index("endpoint").requests
    assert counted.to_dict() == told.value_counts().to_dict()


def test_who_answered_where_the_answer_does_not_say() -> None:
    """A policy's answer on Unity AI Gateway names no model, and may have cost all the same."""
    blocked = samples.answer("This response was blocked.", id="databricks-guardrail-block")
    plain = samples.answer()
    for body in (blocked, plain):
        del body["model"]
    first = {**samples.unity_rows()[0], "status_code": 200, "destination_model": "claude-sonnet-4-5"}
    bodies = [json.dumps(blocked), json.dumps(plain), json.dumps(samples.answer())]
    rows = [{**first, "request_id": f"r{n}", "response": body} for n, body in enumerate(bodies)]
    table = nbext.inference_table(pd.DataFrame([*rows, {**rows[0], "request_id": "r3", "status_code": 429}]))
    frame = table.calls_df().set_index("request_id").sort_index()
    told = samples.answer()["model"]
    assert frame.served_model.fillna("").tolist() == ["claude-sonnet-4-5", "claude-sonnet-4-5", told, ""]
    assert frame.cost_basis[:2].tolist() == ["listed", "listed"]
    assert table.where("served_model = 'claude-sonnet-4-5'").count() == 2
    found = table.where("request_id IN ('r0', 'r1')")
    total = found.overview(since="2026-01-01").totals.cost_usd.item()
    assert total == pytest.approx(found.calls_df().cost_usd.sum())
