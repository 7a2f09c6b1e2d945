"""MLflow's scorers over what was captured, with a real store and a judge behind a real gateway."""

from __future__ import annotations

import os

import pytest

import nbext
from nbext.display.wire import whole_wire
from nbext.evaluation import JudgeError

MODEL = "databricks-claude-sonnet-4"


@pytest.fixture
def capture(client):
    with nbext.trace("asked", to="off") as capture:
        for question in ("What is 2+2?", "What is 3+4?"):
            client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": question}])
    return capture


def has_four():
    from mlflow.genai import scorer

    @scorer
    def has_four(outputs):
        return "4" in str(outputs).partition("=")[2]

    return has_four


def test_code_judges_without_a_model(capture, store):
    nbext.configure(to=store, experiment="judged")
    result = nbext.evaluate(capture, scorers=has_four())
    frame = result.df()
    assert frame["has_four"].tolist() == [True, False]
    assert frame["input"].tolist() == ["What is 2+2?", "What is 3+4?"]
    assert result.metrics["has_four/mean"] == 0.5
    badges = [span["assessments"] for span in whole_wire(capture)["spans"]]
    assert [[(b["name"], b["value"], b["source"]) for b in each] for each in badges] == [
        [("has_four", True, "CODE")],
        [("has_four", False, "CODE")],
    ]


def test_a_judge_asks_through_the_gateway_that_was_called(capture, store, gateway, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    nbext.configure(to=store, experiment="judged", judge_model=MODEL)
    try:
        before = len(gateway.rows)
        result = nbext.evaluate(capture, scorers=["RelevanceToQuery"])
    finally:
        nbext.configure(judge_model="")
    assert len(gateway.rows) - before >= 2
    assert [row.get("OPENAI_API_BASE") for row in (os.environ,)] == [None]
    judged = [call.assessments for call in capture.calls]
    assert [[one.source for one in each] for each in judged] == [["LLM_JUDGE"], ["LLM_JUDGE"]]
    assert all(one.judge["model"] == MODEL for each in judged for one in each)
    told = [(one.value, one.error, one.rationale) for each in judged for one in each]
    assert all(value in ("yes", "no") and error is None for value, error, _ in told), told
    assert len(result) == 2
    # What it took, of the very call that gave the answer; and the calls are there to be looked at.
    took = {round(call.duration_ms, 1) for call in result.judges.calls}
    assert len(result.judges.calls) == 2
    assert [one.judge["ms"] in took for each in judged for one in each] == [True, True]
    assert [len(capture.calls), result.judges in list(nbext.captures)] == [2, False]
    badge = whole_wire(capture)["spans"][0]["assessments"][0]
    assert (badge["judge"]["model"], badge["judge"]["ms"]) == (MODEL, judged[0][0].judge["ms"])


def test_no_judge_is_said_in_one_line(capture):
    with pytest.raises(JudgeError, match=r"^no judge model is set; .*nbext\.configure\(judge_model="):
        nbext.evaluate(capture, scorers=["Safety"])
    with pytest.raises(JudgeError, match="no key to ask judge 'm' with; set OPENAI_API_KEY"):
        nbext.evaluate(capture, scorers=["Safety"], judge_model="m")
    assert [call.assessments for call in capture.calls] == [[], []]


@pytest.mark.parametrize(
    ("scorers", "words"),
    [
        (["Safty"], "did you mean 'Safety'?"),
        ([], "expected at least one"),
        (print, "put @mlflow.genai.scorer above it"),
        ([3], "expected names or MLflow scorers"),
    ],
)
def test_what_is_no_scorer_is_refused(capture, scorers, words):
    with pytest.raises(ValueError, match=r"^[^\n]+$") as raised:
        nbext.evaluate(capture, scorers=scorers)
    assert words in str(raised.value)


def test_judgements_stand_at_the_exported_trace(client, store):
    import mlflow

    with nbext.trace("kept", to=store, experiment="kept") as capture:
        client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "What is 2+2?"}])
    before = mlflow.get_tracking_uri()
    nbext.evaluate(capture, scorers=has_four())
    assert mlflow.get_tracking_uri() == before
    loaded = nbext.mlflow_traces(uri=store, experiment="kept")
    assert [c.spans[0].trace_id for c in loaded] == [capture.calls[0].trace_id]
    assert [(a.name, a.value) for a in loaded[0].calls[0].assessments] == [("has_four", True)]
    again = nbext.evaluate(loaded, scorers=has_four())
    assert again.df()["has_four"].tolist() == [True]


def test_rows_of_a_table_are_judged(capture, store, tmp_path):
    capture.to_delta(tmp_path / "table")
    nbext.configure(to=store, experiment="rows")
    result = nbext.evaluate(nbext.inference_table(tmp_path / "table"), scorers=has_four())
    assert sorted(zip(result.df()["input"], result.df()["has_four"], strict=True)) == [
        ("What is 2+2?", True),
        ("What is 3+4?", False),
    ]
    assert len(result.captures) == 1


def test_with_no_store_at_all_it_is_kept_beside_the_journal(capture, kernel, monkeypatch):
    monkeypatch.chdir(kernel)
    monkeypatch.setattr("nbext.sinks.mlflow.target.mlflow_points_at", lambda: None)
    result = nbext.evaluate(capture, scorers=has_four())
    assert result.df()["has_four"].tolist() == [True, False]
    assert (kernel / ".nbext" / "evaluations.db").is_file()
    assert not (kernel / "mlruns").exists()
    assert not (kernel / "mlflow.db").exists()
