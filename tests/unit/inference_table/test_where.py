"""`.where()` takes a condition over the row and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import nbext
from nbext.engines import EngineError
from nbext.sources.inference_table import TableError

from . import samples


@pytest.fixture(scope="module")
def table() -> Any:
    return nbext.inference_table(samples.arrow("serving"))


@pytest.fixture(scope="module")
def unity() -> Any:
    return nbext.inference_table(samples.arrow("unity"))


@pytest.mark.parametrize(
    ("condition", "python"),
    [
        ("status_code >= 400", lambda c: c.status_code >= 400),
        ("status_code BETWEEN 400 AND 404", lambda c: 400 <= c.status_code <= 404),
        ("status_code IN (429, 500) OR status_code = 502", lambda c: c.status_code in (429, 500, 502)),
        ("NOT (status_code = 200)", lambda c: c.status_code != 200),
        ("requester IS NULL", lambda c: c.facts.requester is None),
        ("requester LIKE 'user1@%'", lambda c: (c.facts.requester or "").startswith("user1@")),
        ("requester ilike 'USER1@EXAMPLE.com'", lambda c: c.facts.requester == "user1@example.com"),
        ("lower(requester) = 'user2@example.com'", lambda c: c.facts.requester == "user2@example.com"),
        ("execution_duration_ms / 10 > 50.5", lambda c: (c.facts.server_ms or 0) / 10 > 50.5),
        ("execution_duration_ms - 1 > -1 + 700", lambda c: (c.facts.server_ms or 0) > 700),
        ("sampling_fraction < 1", lambda c: c.facts.sampling < 1),
        ("request_time >= TIMESTAMP '2026-07-05 00:00:00'", lambda c: c.start_ns >= 1783209600 * 10**9),
        ("request_time BETWEEN '2026-07-05' AND '2026-07-05 00:30' OR time < '2026-07-04T18:04-04:00'",
            lambda c: 1783209600 <= c.start_ns / 1e9 <= 1783211400 or c.start_ns / 1e9 < 1783202640),
        ("date_trunc('hour', request_time) = '2026-07-05 01:00'",
            lambda c: 1783213200 <= c.start_ns / 1e9 < 1783216800),
        ("request_date = DATE '2026-07-04'", lambda c: c.start_ns < 1783209600 * 10**9),
        ("request->>'$.model' = 'demo-chat'", lambda c: c.model == "demo-chat"),
        ("json_extract_string(response, '$.usage.prompt_tokens') = '4'", lambda c: c.served_model in
            ("gte", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")),
        (
            "list_contains(logging_error_codes, 'MAX_RESPONSE_SIZE_EXCEEDED')",
            lambda c: c.facts.truncated != [],
        ),
        ("CASE WHEN status_code = 429 THEN TRUE ELSE FALSE END", lambda c: c.status_code == 429),
        ("Status_Code = 429", lambda c: c.status_code == 429),
        ("status = 'rate_limited'", lambda c: c.status == "rate_limited"),
        ("input_tokens = 5 and output_tokens = 2", lambda c: c.api == "responses"),
        ("streamed", lambda c: c.stream and "True" in str((c.request or {}).get("stream"))),
        ("client_request_id = 'it''s' OR client_request_id = 'tr-00000000000000000000000000000005'",
            lambda c: c.facts.client_request_id == f"tr-{5:032x}"),
    ],
)  # fmt: skip
def test_conditions(table: Any, condition: str, python: Any) -> None:
    found = {call.call_id for call in table.where(condition).calls()}
    assert found == {call.call_id for call in table.calls() if python(call)}
    assert found


def test_entries_of_maps(unity: Any) -> None:
    found = unity.where("request_tags['team'] = 't1'").calls()
    assert {call.facts.tags["team"] for call in found} == {"t1"}
    legacy = nbext.inference_table(samples.arrow("legacy")).where("request_metadata['model_version'] = '1'")
    assert legacy.count() == len(samples.exchanges())


@pytest.mark.parametrize(
    "hostile",
    [
        "1 = 1; DROP TABLE calls",
        "status_code = 1) UNION SELECT * FROM nbext_1 --",
        "status_code = (SELECT max(status_code) FROM nbext_1)",
        "EXISTS (SELECT 1)",
        "status_code IN (SELECT 1)",
        "read_text('/etc/passwd') IS NOT NULL",
        "request = getenv('HOME')",
        "SELECT 1",
        "COPY t TO '/tmp/x'",
        "PRAGMA version",
        "ATTACH 'x.db'",
        "current_setting('access_mode') = 'x'",
        "row_number() OVER () = 1",
        "count(*) > 1",
        "random() < 0.5",
        "nbext_1.status_code = 1",
        "main.nbext_1.status_code = 1",
        "status_code::REGCLASS = 1",
        "* = 1",
        "COLUMNS(*) IS NULL",
        "status_code = ?",
        "status_code = $1",
        "status_code = :x",
        "list_transform(logging_error_codes, x -> x) = []",
        "sleep(10) = 1",
        "1 = 1 /* x */ ; SELECT 2",
    ],
)
def test_anything_else_is_refused_in_one_line(table: Any, hostile: str) -> None:
    with pytest.raises(TableError) as caught:
        table.where(hostile)
    assert "\n" not in str(caught.value)
    assert "where(" in str(caught.value)


@pytest.mark.parametrize(
    "bad", ["", "   ", None, 3, "status_code >", "((", "'open", "status_code = = 1", "(" * 500]
)
def test_no_condition(table: Any, bad: Any) -> None:
    with pytest.raises(TableError, match="where") as caught:
        table.where(bad)
    assert "\n" not in str(caught.value)


def test_a_misspelt_column_gets_a_suggestion(table: Any) -> None:
    with pytest.raises(TableError, match="no column 'status_cod'; did you mean 'status_code'"):
        table.where("status_cod = 1")
    with pytest.raises(TableError, match="no column 'zzzzzz'; known: databricks_request_id"):
        table.where("zzzzzz = 1")


@pytest.mark.parametrize(
    "text",
    [
        "it's",
        "a\\b",
        "'; DROP TABLE x; --",
        "%_",
        "\\' OR 1=1 --",
        "日本 — “x”",
        "line\nbreak",
        "\\",
        "$1 {x} ?",
    ],
)
def test_literals_stay_literals(table: Any, text: str) -> None:
    rows = samples.serving_rows()[:3]
    rows[1]["requester"] = text
    own = nbext.inference_table(samples.pa.Table.from_pylist(rows, schema=samples.A_SCHEMA))
    quoted = text.replace("'", "''")
    assert [call.facts.requester for call in own.where(f"requester = '{quoted}'").calls()] == [text]
    assert [call.facts.requester for call in own.requester(text).calls()] == [text]


def test_a_condition_that_fails_in_the_engine_says_so(table: Any) -> None:
    from nbext.engines import EngineError

    with pytest.raises(EngineError) as caught:
        table.where("requester + 1 > 2").calls()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "condition",
    ["requester = 5", "status_code = 'abc'", "cast(request as int) > 1", "request_time > 5"],
)
@pytest.mark.parametrize(
    "read",
    [lambda t: t.count(), lambda t: t.calls(), lambda t: t.calls_df(), lambda t: t.limit(2).calls_df()],
)
def test_values_that_do_not_fit_name_the_condition(table: Any, condition: str, read: Any) -> None:
    asked = table.where("status_code > 0").where(condition)
    with pytest.raises(EngineError) as caught:
        read(asked)
    said = str(caught.value)
    assert f"where({condition!r}) cannot be told of every row: " in said
    assert said.endswith("numbers with numbers, and texts with texts in single quotes")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("request", "request is a text and no condition"),
        ("(Requester)", "Requester is a text and no condition"),
        ("status_code = 200 AND NOT served_model", "served_model is a text and no condition"),
        ("streamed OR input_tokens", "input_tokens is a number and no condition"),
        ("status_code", "status_code is a number and no condition"),
        ("time", "time is a moment and no condition"),
        ("'abc'", "'abc' is a text and no condition"),
        ("logging_error_codes", "logging_error_codes is a list and no condition"),
    ],
)
def test_what_is_neither_true_nor_false_is_refused_at_once(table: Any, condition: str, why: str) -> None:
    with pytest.raises(TableError) as caught:
        table.where(condition)
    assert f"where({condition!r}): {why}; compare it with something" in str(caught.value)


def test_a_column_of_ones_own_that_is_a_condition() -> None:
    rows = [{**row, "mine": at % 2 == 0} for at, row in enumerate(samples.serving_rows()[:4])]
    own = nbext.inference_table(samples.pa.Table.from_pylist(rows))
    assert own.where("mine").count() == 2
    assert own.where("NOT mine AND true").count() == 2


def test_a_text_in_double_quotes(table: Any) -> None:
    with pytest.raises(
        TableError, match=r"no column 'u@x\.com'; .* a text stands in single ones: 'u@x\.com'"
    ):
        table.where('requester = "u@x.com"')
    with pytest.raises(TableError, match=r"did you mean 'status'\? .* a text stands in single ones"):
        table.where('requester = "statu"')
    with pytest.raises(TableError, match="no column 'zzzzzz'; known"):
        table.where("requester = zzzzzz")


@pytest.mark.parametrize(
    "form",
    [dict, lambda tags: list(tags.items()), lambda tags: [{"key": k, "value": v} for k, v in tags.items()]],
)
def test_entries_of_pairs(form: Any) -> None:
    """Clients that have no maps give a list of pairs."""
    rows = samples.unity_rows()[:9]
    frame = pd.DataFrame([{**row, "request_tags": form(row["request_tags"])} for row in rows])
    table = nbext.inference_table(frame)
    wanted = {row["request_id"] for row in rows if row["request_tags"].get("team") == "t1"}
    assert set(table.where("request_tags['team'] = 't1'").calls_df().request_id) == wanted != set()
    tags = table.overview(since="2026-01-01").by_tag
    assert tags[tags.value == "t1"].requests.tolist() == [len(wanted)]


def test_codes_that_came_as_text() -> None:
    """As the Statement Execution API answers them."""
    rows = [samples.strings(row) for row in samples.serving_rows()]
    rows[0]["logging_error_codes"] = "MAX_RESPONSE_SIZE_EXCEEDED"
    table = nbext.inference_table(pd.DataFrame(rows))
    for condition in ("list_contains(logging_error_codes, 'MAX_RESPONSE_SIZE_EXCEEDED')",
                      "len(logging_error_codes) > 0"):  # fmt: skip
        found = table.where(condition).calls()
        assert [call.facts.truncated for call in found] == [["MAX_RESPONSE_SIZE_EXCEEDED"]] * 2


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize(
    "form",
    [dict, lambda tags: list(tags.items()), lambda tags: [{"key": k, "value": v} for k, v in tags.items()]],
)
def test_entries_of_json_text(form: Any, ascii_only: bool) -> None:
    tags = {"ü": "é", "a b": "1", "it's": 'a"b\\c', 'q"': "x", "n": '["team","t9"]', "team": '{"key":"k"}'}
    row = {**samples.unity_rows()[0], "request_tags": json.dumps(form(tags), ensure_ascii=ascii_only)}
    broken = [{**row, "request_id": f"b{at}", "request_tags": text}
              for at, text in enumerate(["", "[", "null", '[["team"]]', '["team", "t1"]', None])]  # fmt: skip
    table = nbext.inference_table(pd.DataFrame([row, *broken]))
    for key, value in tags.items():
        named = [text.replace("'", "''") for text in (key, value)]
        assert table.where("request_tags['{}'] = '{}'".format(*named)).count() == 1, key
    assert table.where("request_tags['k'] IS NOT NULL OR request_tags['t9'] IS NOT NULL").count() == 0
