"""What each verb keeps, and that verbs compose."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

import nbext
from nbext.sources.inference_table import TableError
from nbext.sources.inference_table.times import span_of

from . import samples


@pytest.fixture
def table() -> Any:
    return nbext.inference_table(samples.arrow("serving"))


def test_nothing_is_read_before_a_result(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(table.engine), "query", lambda *_: pytest.fail("read"))
    asked = (
        table.since("2026-07-01").errors().where("status_code > 1").search("x").slowest(3).sample(2).limit(1)
    )
    assert "ORDER BY" in repr(asked)


def test_verbs_give_new_tables(table: Any) -> None:
    before = table.sql
    table.errors().limit(1)
    assert table.sql == before


def test_time_windows_prune_on_the_clustering_column(table: Any) -> None:
    asked = table.between("2026-07-04 23:00", "2026-07-05 01:00")
    assert "\"request_date\" >= CAST('2026-07-04' AS DATE)" in asked.sql
    assert "\"request_date\" <= CAST('2026-07-05' AS DATE)" in asked.sql
    starts = asked.calls_df()["start_time"]
    assert starts.min() == pd.Timestamp("2026-07-04 23:00:00.012", tz="UTC")
    assert starts.max() < pd.Timestamp("2026-07-05 01:00", tz="UTC")
    midnight = table.between("2026-07-04", "2026-07-05")
    assert "\"request_date\" <= CAST('2026-07-04' AS DATE)" in midnight.sql
    assert len(midnight.calls()) + len(table.since("2026-07-05").calls()) == len(table.calls())


@pytest.mark.parametrize(
    ("kind", "column"),
    [("legacy", '"date" >='), ("unity", '"event_time" >='), ("legacy", '"timestamp_ms" >=')],
)
def test_other_flavours_prune_on_what_they_have(kind: str, column: str) -> None:
    asked = nbext.inference_table(samples.arrow(kind)).since("2026-07-05")
    assert column in asked.sql
    calls = asked.calls()
    assert calls
    assert all(call.start_ns >= 1783209600_000_000_000 for call in calls)


@pytest.mark.parametrize(
    "when",
    [
        "2026-07-05",
        "2026-07-05 00:00",
        "2026-07-05T02:00:00+02:00",
        date(2026, 7, 5),
        datetime(2026, 7, 5),
        datetime(2026, 7, 4, 20, tzinfo=timezone(timedelta(hours=-4))),
        pd.Timestamp("2026-07-05", tz="UTC"),
    ],
)
def test_moments(table: Any, when: Any) -> None:
    assert len(table.since(when).calls()) == len(table.since("2026-07-05").calls()) > 0


def test_windows_narrow(table: Any) -> None:
    both = table.since("2026-07-04 23:00").between("2026-07-04", "2026-07-05").since("2026-07-01")
    assert len(both.calls()) == len(table.between("2026-07-04 23:00", "2026-07-05").calls())


def test_since_a_span_of_time() -> None:
    rows = samples.serving_rows()[:3]
    now = datetime.now(timezone.utc)
    for row, ago in zip(rows, (timedelta(minutes=10), timedelta(hours=3), timedelta(days=3)), strict=True):
        row["request_time"] = now - ago
        row["request_date"] = (now - ago).date()
    recent = nbext.inference_table(pd.DataFrame(rows))
    assert [len(recent.since(span).calls()) for span in ("1h", "24h", "7d", timedelta(days=1))] == [
        1,
        2,
        3,
        2,
    ]


@pytest.mark.parametrize("bad", ["yesterday-ish", "24 parsecs", None, 3, "1" * 400 + "d"])
def test_no_moment(table: Any, bad: Any) -> None:
    with pytest.raises(TableError, match=r"expected|longer|before there was"):
        table.since(bad)


def test_between_backwards(table: Any) -> None:
    with pytest.raises(TableError, match="the end is not after the start"):
        table.between("2026-07-05", "2026-07-04")


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda t: t.between("24h"), r"between\('24h'\): missing .* 'end'; expected between\(start, end\)"),
        (lambda t: t.between("24h", None), r"expected two moments; to the newest it is since\('24h'\)"),
        (lambda t: t.limit(), r"limit\(\): missing .* 'n'; expected limit\(n\)"),
        (lambda t: t.search("a", "b"), r"search\('a', 'b'\): too many .*; expected search\(words\)"),
        (lambda t: t.since(datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))), "before or after all"),
    ],
)
def test_what_a_verb_does_not_take_is_one_line(table: Any, ask: Any, line: str) -> None:
    with pytest.raises(TableError, match=line) as caught:
        ask(table)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("span", ["90 minutes", "90 mins", "5400 seconds", "5400secs", "1.5 hrs", "1.5 hr"])
def test_spans_in_words(span: str) -> None:
    assert span_of(span) == timedelta(minutes=90)


def test_the_code_of_a_table_needs_no_imports(table: Any) -> None:
    asked = table.since(np.datetime64("2026-07-04")).since(timedelta(milliseconds=500)).limit(np.int64(3))
    assert asked.code.endswith(".since('2026-07-04 00:00:00').since('0.5s').limit(3)")


@pytest.mark.parametrize("verb", ["limit", "slowest", "sample"])
def test_more_than_any_engine_counts(table: Any, verb: str) -> None:
    assert getattr(table, verb)(10**30).count() == table.count()


@pytest.mark.parametrize("status", ["errors", "blocked", "rate_limited"])
def test_by_status(table: Any, status: str) -> None:
    name = "error" if status == "errors" else status
    # One body of the samples is nested too deeply to be read; SQL does not count that.
    read = table.where("response IS NULL OR NOT starts_with(response, '[[[')")
    kept = getattr(read, status)().calls_df()
    whole = read.calls_df()
    assert set(kept["call_id"]) == set(whole[whole["status"] == name]["call_id"])
    assert len(kept)


def test_by_requester_and_endpoint() -> None:
    table = nbext.inference_table(samples.arrow("serving"))
    assert set(table.requester("user1@example.com").calls_df()["call_id"]) < set(table.calls_df()["call_id"])
    two = table.requester("user1@example.com", "user2@example.com").calls()
    assert {call.facts.requester for call in two} == {"user1@example.com", "user2@example.com"}
    assert [call.model for call in table.endpoint("demo-chat").calls()] == ["demo-chat"]
    legacy = nbext.inference_table(samples.arrow("legacy")).endpoint("ep-1")
    assert {call.endpoint for call in legacy.calls()} == {"ep-1"}
    unity = nbext.inference_table(samples.arrow("unity")).endpoint("system.ai.model-1")
    assert {call.facts.entity for call in unity.calls()} == {"system.ai.model-1"}


def test_a_table_of_a_known_endpoint() -> None:
    table = nbext.inference_table(samples.arrow("serving"), endpoint="support")
    assert set(table.calls_df()["endpoint"]) == {"support"}
    assert len(table.endpoint("support").calls()) == len(table.calls())
    assert table.endpoint("other").calls() == []


def test_search(table: Any) -> None:
    assert {call.prompt for call in table.search("CAPITAL france").calls()} >= {"Capital of France?"}
    assert len(table.search('"capital of france"').calls()) == len(table.search("capital of france").calls())
    assert table.search('"france capital"').calls() == []
    assert [call.completion[:5] for call in table.search("größe 東京").calls()] == ["naïve"]
    assert table.search("100% _like_ \\").calls() == []


def test_cuts(table: Any) -> None:
    frame = table.calls_df()
    newest = table.limit(4).calls_df()
    assert newest["call_id"].tolist() == frame["call_id"].tolist()[-4:]
    slowest = table.slowest(5).calls_df()
    assert sorted(slowest["duration_ms"]) == sorted(frame["duration_ms"].nlargest(5))
    assert len(table.slowest(1000).calls()) == len(frame)
    sample = table.sample(6).calls_df()
    assert len(sample) == 6
    assert sample["call_id"].tolist() == table.sample(6).calls_df()["call_id"].tolist()
    assert sample["call_id"].tolist() != table.sample(6, seed=1).calls_df()["call_id"].tolist()
    assert set(sample["call_id"]) <= set(frame["call_id"])


def test_a_filter_after_a_cut_filters_what_it_left(table: Any) -> None:
    slow = table.slowest(8)
    ids = set(slow.calls_df()["call_id"])
    errors = set(table.calls_df().query("status_code >= 400")["call_id"])
    assert set(slow.where("status_code >= 400").calls_df()["call_id"]) == ids & errors
    assert len(table.where("status_code >= 400").slowest(8).calls()) == 8
    assert len(table.limit(10).sample(4).slowest(2).calls()) == 2
    assert table.limit(10).where("status_code >= 0").count() == 10


def test_requests_delivered_twice_take_no_ones_place(table: Any) -> None:
    rows = samples.serving_rows()
    assert len(rows) == len(table.calls()) + 3
    for n in range(1, 12):
        for asked in (table.slowest(n), table.limit(n), table.sample(n)):
            calls = asked.calls()
            assert len({call.call_id for call in calls}) == len(calls) == n
            assert asked.count() == n
    assert table.count() == len(table.calls())


def test_rows_without_an_id_are_all_kept() -> None:
    rows = [{**row, "databricks_request_id": None} for row in samples.serving_rows()[:4]]
    table = nbext.inference_table(pd.DataFrame(rows))
    calls = table.calls()
    assert len({call.call_id for call in calls}) == len(calls) == table.count() == 4
    assert len(table.limit(3).calls()) == 3


@pytest.mark.parametrize("verb", ["limit", "slowest", "sample"])
@pytest.mark.parametrize("bad", [0, -1, 2.5, "3", True, None])
def test_a_cut_needs_a_number(table: Any, verb: str, bad: Any) -> None:
    with pytest.raises(TableError, match="whole number"):
        getattr(table, verb)(bad)


def test_repr_says_engine_sql_and_count(table: Any, tmp_path: Any) -> None:
    text = repr(table)
    assert "DuckDB" in text
    assert "55 rows" in text
    assert "SELECT" in text
    assert "rows" not in repr(table.errors()).splitlines()[0]
    bundle = table._repr_mimebundle_()
    assert bundle["text/plain"] == text
    assert "&quot;request&quot;" in bundle["text/html"]


def test_show_and_captures(table: Any, capsys: pytest.CaptureFixture[str]) -> None:
    (capture,) = table.where("status_code = 429").captures()
    assert len(capture.calls) == 2
    assert capture.calls_df()["status"].tolist() == ["rate_limited"] * 2
    table.show(most=5)
    out = capsys.readouterr().out
    assert "newest 5" in out
    assert "5 calls" in out


def test_numbers_and_moments_of_numpy_and_pandas(table: Any) -> None:
    assert len(table.limit(np.int64(3)).calls()) == 3
    assert len(table.slowest(np.int32(2)).calls()) == 2
    expected = table.since("2026-07-05").count()
    for when in (np.datetime64("2026-07-05"), np.datetime64("2026-07-05T00:00:00.000000000", "ns")):
        assert table.since(when).count() == expected > 0
    assert table.since(np.timedelta64(1, "h")).count() == table.since("1h").count()


@pytest.mark.parametrize("bad", [pd.NaT, np.datetime64("NaT"), np.timedelta64("NaT"), np.array([1, 2])])
def test_what_is_no_moment(table: Any, bad: Any) -> None:
    with pytest.raises(TableError, match=r"is no moment: expected '24h' \(ago\)|is no span of time"):
        table.since(bad)


@pytest.mark.parametrize("bad", ["x", 0, -1, 2.5, True, None])
def test_how_many_are_shown(table: Any, bad: Any) -> None:
    with pytest.raises(TableError, match=rf"show\({bad!r}\): expected how many calls, a whole number"):
        table.show(most=bad)


@pytest.mark.parametrize("bad", [5, "", ["a"]])
def test_an_endpoint_is_named_by_a_text(bad: Any) -> None:
    for source in (samples.arrow("serving"), None):
        with pytest.raises(TableError, match="expected the name of a serving endpoint"):
            nbext.inference_table(source, endpoint=bad)


def test_a_table_is_no_calls_yet(table: Any) -> None:
    for use in (
        lambda: nbext.join(table, table),
        lambda: nbext.calls_df(table),
        lambda: nbext.spans_df(table),
    ):
        with pytest.raises(TypeError, match=r"got InferenceTable, .*: give table\.calls\(\)"):
            use()
