"""What was said, in a real tracking store."""

from __future__ import annotations

import nbext
from nbext.feedback.post import post
from tests.unit.mlflow_export.stores import stored

WAIT = 120


def ask(client):
    client.chat.completions.create(
        model="databricks-claude-sonnet-4", messages=[{"role": "user", "content": "What is 2+2?"}]
    )


def judgements(uri: str, experiment: str) -> list[tuple]:
    found = []
    for trace in stored(uri, experiment):
        for one in trace["info"].get("assessments", []):
            value = one.get("feedback") or one.get("expectation")
            source = one["source"]
            found.append((one["assessment_name"], value["value"], source["source_type"], source["source_id"]))
    return sorted(found, key=str)


def test_it_waits_for_its_trace_and_is_stored_once(client, store):
    with nbext.trace("judged", to=store, experiment="judged") as capture:
        ask(client)
    call = capture.calls[0]
    call.feedback(False, user="ana")
    call.feedback(True, comment="good", expected="4", user="ana")
    assert call.assessments[0].queued
    nbext.push()
    assert post.wait(WAIT)
    assert not any(one.queued for one in capture.calls[0].assessments)
    expected = [("expected_response", "4", "HUMAN", "ana"), ("feedback", True, "HUMAN", "ana")]
    assert judgements(store, "judged") == expected

    loaded = nbext.mlflow_traces(uri=store, experiment="judged")
    assert [(a.name, a.value, a.rationale) for a in loaded[0].calls[0].assessments] == [
        ("feedback", True, "good"),
        ("expected_response", "4", None),
    ]
    loaded[0].calls[0].feedback(score=0.9, user="ben")
    assert post.wait(WAIT)
    assert ("score", 0.9, "HUMAN", "ben") in judgements(store, "judged")


def test_what_had_no_place_goes_along_with_a_push(client, store):
    with nbext.trace("later", to="off") as capture:
        ask(client)
    capture.calls[0].feedback(True, user="ana")
    assert post.wait(0.5)
    result = nbext.push(to=store, experiment="later")
    assert (result.exported, result.failed, result.reasons) == (1, 0, [])
    assert judgements(store, "later") == [("feedback", True, "HUMAN", "ana")]
