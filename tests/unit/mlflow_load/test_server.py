"""Traces out of a real tracking server."""

from __future__ import annotations

import pytest

import nbext
from nbext.display.wire import whole_wire
from nbext.sources.mlflow import TraceStoreError
from tests.unit.mlflow_load import typescript

ROOT = f"{700:016x}"


@pytest.fixture(scope="module")
def experiment(server) -> str:
    import mlflow

    number = mlflow.MlflowClient(server.uri).create_experiment("typescript app")
    typescript.store(server.uri, number, 3, [typescript.chat(3)])
    typescript.store(server.uri, number, 4, [typescript.stream(4)])
    typescript.store(server.uri, number, 5, [typescript.refused(5)])
    agent = typescript.span(7, 0, "agent", "AGENT", **{"mlflow.spanInputs": {"q": "hi"}})
    typescript.store(
        server.uri,
        number,
        7,
        [agent, typescript.chat(7, 1, parent=ROOT), typescript.stream(7, 2, parent=ROOT)],
    )
    return number


def by_id(traces) -> dict:
    return {capture.spans[0].trace_id: capture for capture in traces}


def test_what_the_typescript_sdk_stored_is_read_from_its_artifact(server, experiment):
    traces = by_id(nbext.mlflow_traces(uri=server.uri, experiment="typescript app"))
    assert sorted(traces) == [typescript.trace_id(n) for n in (3, 4, 5, 7)]
    chat = traces[typescript.trace_id(3)].calls[0]
    assert (chat.api, chat.status, chat.prompt, chat.completion) == (
        "chat.completions",
        "ok",
        "Say hi",
        "Hi.",
    )
    assert (chat.model, chat.served_model) == ("databricks-claude-sonnet-4", "claude-sonnet-4")
    assert (chat.usage.input_tokens, chat.usage.output_tokens, chat.usage.estimated) == (9, 2, False)
    assert chat.duration_ms == 250
    assert chat.parent_span_id is None


def test_an_unread_stream_is_said_to_be_one(server, experiment):
    stream = by_id(nbext.mlflow_traces(uri=server.uri, experiment=experiment))[typescript.trace_id(4)].calls[
        0
    ]
    assert (stream.stream, stream.status, stream.answers, stream.usage.output_tokens) == (
        True,
        "ok",
        [],
        None,
    )
    assert "stream was not read" in " ".join(stream.notes)


def test_an_error_carries_the_code_of_the_gateway(server, experiment):
    failed = by_id(nbext.mlflow_traces(uri=server.uri, experiment=experiment))[typescript.trace_id(5)].calls[
        0
    ]
    assert failed.status == "error"
    assert failed.error_type == "REQUEST_LIMIT_EXCEEDED"
    assert "rate limit" in failed.error_message


def test_calls_hang_under_the_span_they_were_made_in(server, experiment):
    agent = by_id(nbext.mlflow_traces(uri=server.uri, experiment=experiment))[typescript.trace_id(7)]
    frame = agent.spans_df()
    assert list(frame["type"]) == ["AGENT", "LLM", "LLM"]
    assert list(frame["depth"]) == [0, 1, 1]
    assert frame["parent_span_id"].iloc[1] == ROOT
    assert frame["subtree_tokens"].iloc[0] == 11


def test_a_trace_links_back_to_its_page(server, experiment):
    traces = nbext.mlflow_traces(uri=server.uri, ids=f"tr-{typescript.trace_id(3)}")
    expected = (
        f"{server.uri}/#/experiments/{experiment}/traces?selectedEvaluationId=tr-{typescript.trace_id(3)}"
    )
    assert traces[0].url == expected
    assert traces.df()["url"].iloc[0] == expected
    assert whole_wire(traces[0])["page"] == expected
    assert expected in traces[0]._repr_mimebundle_()["text/html"]


def test_pages_are_read_as_they_are_looked_at(server, experiment, monkeypatch):
    from nbext.sources.mlflow import read

    monkeypatch.setattr(read, "PAGE", 2)
    traces = nbext.mlflow_traces(uri=server.uri, experiment=experiment)
    assert "more may follow" in repr(traces)
    assert len(traces._captures) == 2
    next(iter(traces))
    assert len(traces._captures) == 2
    assert len(traces) == 4
    assert repr(traces).endswith("4 traces>")
    assert len(nbext.mlflow_traces(uri=server.uri, experiment=experiment, limit=3)) == 3


def test_since_and_filter_are_the_stores_work(server, experiment):
    assert len(nbext.mlflow_traces(uri=server.uri, experiment=experiment, since="2026-11-18")) == 4
    assert len(nbext.mlflow_traces(uri=server.uri, experiment=experiment, since="2026-11-19")) == 0
    assert (
        len(nbext.mlflow_traces(uri=server.uri, experiment=experiment, filter="trace.status = 'ERROR'")) == 0
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"experiment": "typescript ap"}, "did you mean 'typescript app'?"),
        ({"experiment": "typescript app", "filter": "foo ~ 1"}, "is none MLflow takes"),
        ({"ids": "tr-" + "ab" * 16}, "no trace tr-abab"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(server, experiment, given, words):
    with pytest.raises(TraceStoreError) as raised:
        nbext.mlflow_traces(uri=server.uri, **given)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_bad_places_and_moments_are_said(server, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(TraceStoreError, match="cannot be reached"):
        nbext.mlflow_traces(uri="http://127.0.0.1:9", experiment="x")
    with pytest.raises(ValueError, match="sqlite"):
        nbext.mlflow_traces(uri="sqlit:///x.db", experiment="x")
    with pytest.raises(ValueError, match="no moment"):
        nbext.mlflow_traces(uri=server.uri, experiment="x", since="yesterdays")
