"""What is written comes back equal: journal, JSON, JSON lines, page."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbext.model.call import Call
from nbext.model.capture import Capture
from nbext.model.journal_rows import call_row, row_call, row_line, row_span, span_row
from nbext.model.serial import call_from_dict, call_to_dict, span_from_dict, span_to_dict
from nbext.sinks import jsonfile
from nbext.sinks.html import to_html
from nbext.sinks.journal import Journal
from nbext.sources.files import open_path
from tests.contract import captures

from .strategies import calls, spans

ALL = [
    "one_call",
    "stream",
    "retries",
    "guardrail",
    "policy",
    "interrupted",
    "embeddings",
    "churn_agent",
    "parallel",
    "odd",
]


def by_id(items):
    return {item.id: item for item in items}


@settings(max_examples=80, deadline=None)
@given(calls)
def test_any_call_through_json(call):
    assert call_from_dict(json.loads(json.dumps(call_to_dict(call)))) == call
    assert row_call(json.loads(row_line(call_row(call)))) == call


@settings(max_examples=40, deadline=None)
@given(spans)
def test_any_span_through_json(span):
    assert span_from_dict(json.loads(json.dumps(span_to_dict(span)))) == span
    assert row_span(json.loads(row_line(span_row(span)))) == span


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(calls, min_size=1, max_size=3, unique_by=lambda call: call.call_id))
def test_any_calls_through_a_journal(tmp_path, some):
    journal = Journal(tmp_path)
    capture = Capture.of_calls(some, id="cafe" * 4, start_ns=7, name="n", cell=3)
    for call in some:
        journal.append(call, capture)
    journal.close()
    (back,) = open_path(journal.path)
    assert {call.call_id: call for call in back.calls} == {call.call_id: call for call in some}
    assert (back.id, back.name, back.cell, back.start_ns) == ("cafe" * 4, "n", 3, 7)
    journal.path.unlink()


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".html"])
def test_captures_through_a_file(tmp_path, suffix):
    made = [captures.CASES[name][0]() for name in ALL]
    for capture in made:
        for call in capture.calls:
            call.capture_id, call.cell = capture.id, capture.cell
    path = tmp_path / f"all{suffix}"
    (to_html if suffix == ".html" else jsonfile.write)(made, path)
    back = by_id(open_path(path))
    assert back.keys() == by_id(made).keys()
    for capture in made:
        again = back[capture.id]
        assert again.calls == capture.calls
        assert (again.name, again.cell, again.start_ns) == (capture.name, capture.cell, capture.start_ns)
        assert len(again.app_spans) == len({span.id for span in capture.app_spans}) or suffix != ".jsonl"
        if suffix != ".jsonl" and capture.name == "churn_agent":
            assert again.app_spans == capture.app_spans
            assert again.end_ns == capture.end_ns


def test_a_file_of_a_later_version_is_read_as_far_as_known():
    data = call_to_dict(captures.one_call().calls[0])
    data["colour"] = "blue"
    data["usage"]["emotional_tokens"] = 5
    assert call_from_dict(data) == captures.one_call().calls[0]


@pytest.mark.parametrize(
    ("bad", "says"), [({}, "needs 'call_id'"), ([], "expected the fields of a Call, got list")]
)
def test_what_is_no_call_is_refused(bad, says):
    with pytest.raises(ValueError, match=says):
        call_from_dict(bad)


def test_every_field_of_a_call_is_written():
    call = captures.one_call().calls[0]
    for name, value in call_to_dict(Call(call_id="a", trace_id="b", start_ns=1)).items():
        assert getattr(Call(call_id="a", trace_id="b", start_ns=1), name) == value
    assert set(call_to_dict(call)) <= set(Call.__slots__)
