"""What a person says of an answer, before anything is stored."""

from __future__ import annotations

import json

import pytest

import nbext
from nbext.display.wire import whole_wire
from nbext.feedback.said import said
from nbext.kernel.session import session


@pytest.fixture
def capture(client):
    with nbext.trace("one", to="off") as capture:
        client.chat.completions.create(
            model="databricks-claude-sonnet-4", messages=[{"role": "user", "content": "What is 2+2?"}]
        )
    return capture


def told(assessments) -> list[tuple]:
    return [(a.name, a.kind, a.value, a.rationale) for a in assessments]


def test_all_that_can_be_said():
    made = said(True, score=0.5, comment="  fine ", expected={"a": 1}, user="ana")
    assert told(made) == [
        ("feedback", "feedback", True, "fine"),
        ("score", "feedback", 0.5, None),
        ("expected_response", "expectation", {"a": 1}, None),
    ]
    assert {(a.source, a.source_id) for a in made} == {("HUMAN", "ana")}
    assert told(said(comment="slow")) == [("comment", "feedback", "slow", "slow")]
    assert told(said(score=1, name="grounded")) == [("grounded", "feedback", 1.0, None)]
    assert told(said(False, score=0, name="grounded")) == [
        ("grounded", "feedback", False, None),
        ("grounded_score", "feedback", 0.0, None),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "nothing was said"),
        ({"value": " "}, "nothing was said"),
        ({"score": 1.5}, "a number from 0 to 1, got 1.5"),
        ({"score": True}, "a number from 0 to 1"),
        ({"value": object()}, "expected True, False, a number or a word"),
        ({"expected": {1, 2}}, "is no JSON value"),
        ({"value": True, "name": ""}, "expected what is judged"),
        ({"comment": 3}, "expected a text"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_one_line(given, words):
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        said(**given)
    assert words in str(raised.value)


def test_a_call_shows_what_was_said_of_it(capture):
    call = capture.calls[0]
    call.feedback(False, comment="wrong sum", user="ana")
    assert told(call.assessments) == [("feedback", "feedback", False, "wrong sum")]
    wire = whole_wire(capture)["spans"][0]["assessments"]
    assert [
        (a["name"], a["value"], a["source"], a["source_id"], a["rationale"], a["queued"]) for a in wire
    ] == [("feedback", False, "HUMAN", "ana", "wrong sum", True)]


def test_an_edit_takes_the_place_of_what_was_said(capture):
    call = capture.calls[0]
    call.feedback(False, user="ana")
    call.feedback(True, user="ana")
    call.feedback(False, user="ben")
    assert [(a.value, a.source_id) for a in capture.calls[0].assessments] == [(True, "ana"), (False, "ben")]


def test_the_view_asks_for_it(capture):
    span = capture.spans[0]
    answer = nbext.feedback.ask(capture, {"span": span.id, "verdict": "down", "score": 0.2, "expected": "4"})
    assert [(a["name"], a.get("value")) for a in answer["assessments"]] == [
        ("feedback", False),
        ("score", 0.2),
        ("expected_response", "4"),
    ]
    assert "nbext.push" in answer["note"]
    json.dumps(answer)
    with pytest.raises(LookupError, match="forgotten the span"):
        nbext.feedback.ask(capture, {"span": "0" * 16, "verdict": "up"})
    with pytest.raises(ValueError, match="nothing was said"):
        nbext.feedback.ask(capture, {"span": span.id})


def test_it_is_in_the_journal(capture):
    capture.calls[0].feedback(True, comment="good", user="ana")
    session.writer.drain(5)
    again = nbext.open(session.journal.path)[-1]
    assert told(again.calls[0].assessments) == [("feedback", "feedback", True, "good")]
    assert len(again.calls) == 1


def test_a_capture_is_judged_by_its_roots(client):
    with nbext.trace("two", to="off") as capture:
        for _ in range(2):
            client.chat.completions.create(
                model="databricks-gpt-5", messages=[{"role": "user", "content": "hi"}]
            )
    capture.feedback(True)
    assert [len(call.assessments) for call in capture.calls] == [1, 1]
    with nbext.trace("none", to="off") as empty:
        pass
    with pytest.raises(LookupError, match="nothing was traced"):
        empty.feedback(True)


def test_a_secret_in_a_comment_is_masked(capture):
    key = "sk-" + "a1B2c3D4" * 6
    nbext.feedback.ask(capture, {"span": capture.spans[0].id, "comment": f"key {key}"})
    assert key not in json.dumps(whole_wire(capture))


def test_it_is_in_the_frames(capture):
    call = capture.calls[0]
    call.feedback(False, score=0.25, comment="wrong sum", expected="4", user="ana")
    call.feedback("mostly", name="grounded", user="ana")
    for frame in (capture.calls_df(), capture.spans_df()):
        row = frame.iloc[0]
        assert (row["thumb"], row["score"], row["comment"], row["expected"]) == (
            False,
            0.25,
            "wrong sum",
            "4",
        )
        assert str(frame["thumb"].dtype) == "boolean"
    frames = nbext.frames
    frame = capture.calls_df(
        columns=["call_id", frames.judged("grounded"), frames.judged("grounded", "source_id")]
    )
    assert frame.iloc[0][["grounded", "grounded_source_id"]].tolist() == ["mostly", "ana"]
    assert capture.spans_df(columns=[frames.judged("grounded")])["grounded"].tolist() == ["mostly"]
