"""What arrives in a real store on SQLite."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import openai
import pytest

import nbext
from nbext.sinks.journal import Journal
from nbext.sinks.mlflow.exporter import Exporter
from nbext.sinks.mlflow.target import target_of
from tests.contract.captures import CASES
from tests.unit.mlflow_export.stores import environment, hex_ids, stored

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]


def attributes(span: dict) -> dict:
    return {key: json.loads(value) for key, value in span["attributes"].items()}


def by_name(traces: list[dict], capture: nbext.Capture, place: int) -> dict:
    wanted = f"tr-{capture.calls[place].trace_id}"
    return next(trace for trace in traces if trace["info"]["trace_id"] == wanted)


def test_calls_arrive_as_autologging_would_have_made_them_and_without_secrets(store, client):
    secret = "sk-proj-" + "a1B2" * 12
    with nbext.trace("kinds", to=store, experiment="kinds", tags={"team": "north"}) as capture:
        client.chat.completions.create(model="demo-chat", messages=QUESTION, temperature=0)
        list(client.chat.completions.create(model="demo-chat", messages=QUESTION, stream=True))
        with contextlib.suppress(openai.NotFoundError):
            client.chat.completions.create(model="no-such-endpoint", messages=QUESTION)
        client.embeddings.create(model="demo-embed", input=f"my key is {secret}")
    assert nbext.push(timeout=60) == nbext.PushResult(exported=4)
    traces = stored(store, "kinds")
    assert hex_ids(traces) == sorted(call.trace_id for call in capture.calls)
    chat, stream, error, embedding = (by_name(traces, capture, place) for place in range(4))

    (span,) = chat["data"]["spans"]
    call, found = capture.calls[0], attributes(span)
    assert (span["name"], found["mlflow.spanType"]) == ("Completions", "CHAT_MODEL")
    assert found["mlflow.spanInputs"] == call.request
    assert found["mlflow.spanInputs"]["messages"] == QUESTION
    assert found["mlflow.spanOutputs"] == call.response
    assert found["mlflow.message.format"] == "openai"
    assert found["mlflow.llm.model"] == call.response["model"]
    assert found["temperature"] == 0
    assert found["mlflow.chat.tokenUsage"] == {
        "input_tokens": call.usage.input_tokens,
        "output_tokens": call.usage.output_tokens,
        "total_tokens": call.usage.total_tokens,
    }
    assert found["mlflow.llm.cost"]["total_cost"] == pytest.approx(call.cost.usd)
    assert found["gateway.request_id"] == call.facts.request_id
    assert found["http.response.status_code"] == 200
    assert (span["start_time_unix_nano"], span["end_time_unix_nano"]) == (call.start_ns, call.end_ns)
    info = chat["info"]
    assert (info["state"], info["client_request_id"]) == ("OK", call.facts.request_id)
    assert info["tags"]["team"] == "north"
    assert json.loads(info["trace_metadata"]["mlflow.trace.tokenUsage"]) == found["mlflow.chat.tokenUsage"]
    assert info["trace_metadata"]["nbext.capture_name"] == "kinds"

    (span,) = stream["data"]["spans"]
    answer = attributes(span)["mlflow.spanOutputs"]["choices"][0]["message"]["content"]
    assert answer == capture.calls[1].completion
    assert len(answer) > 20

    (span,) = error["data"]["spans"]
    assert error["info"]["state"] == "ERROR"
    assert span["status"]["code"] == "STATUS_CODE_ERROR"
    assert "no-such-endpoint" in span["status"]["message"]
    (event,) = span["events"]
    assert event["name"] == "exception"
    assert "no-such-endpoint" in event["attributes"]["exception.message"]
    assert attributes(span)["http.response.status_code"] == 404

    (span,) = embedding["data"]["spans"]
    assert (span["name"], attributes(span)["mlflow.spanType"]) == ("Embeddings", "EMBEDDING")
    assert attributes(span)["mlflow.spanInputs"]["input"].startswith("my key is [redacted")
    assert secret not in json.dumps(traces)


def test_pushing_twice_stores_nothing_twice(store, client):
    with nbext.trace() as capture:
        for _ in range(3):
            client.chat.completions.create(model="demo-chat", messages=QUESTION)
    for _ in range(2):
        assert nbext.push(store, experiment="twice", timeout=60) == nbext.PushResult(exported=3)
    # As a kernel that was killed after storing and before it noted so.
    queue = next(capture_file for capture_file in _queues())
    kept = [line for line in queue.read_text().splitlines() if '"done"' not in line]
    queue.write_text("\n".join(kept) + "\n")
    nbext.kernel.session.session.exports._exporter.close()
    nbext.kernel.session.session._exports = None
    assert nbext.push(timeout=60).exported == 3
    assert hex_ids(stored(store, "twice")) == sorted(call.trace_id for call in capture.calls)


def test_without_a_journal_nothing_is_left_beside_the_notebook(store, client, kernel):
    nbext.configure(journal=False)
    with nbext.trace(to=store, experiment="quiet") as capture:
        client.chat.completions.create(model="demo-chat", messages=QUESTION)
    assert nbext.push(timeout=60).exported == 1
    assert hex_ids(stored(store, "quiet")) == [capture.calls[0].trace_id]
    assert not (kernel / ".nbext").exists()


def _queues():
    return nbext.kernel.session.session.journal.folder.glob("*.export")


_RECIPE = """
import sys, mlflow, openai, nbext
nbext.configure(journal_folder=sys.argv[3])
mlflow.set_tracking_uri(sys.argv[2])
mlflow.set_experiment("both")
mlflow.openai.autolog()
client = openai.OpenAI(base_url=sys.argv[1], api_key="x", max_retries=0)

def ask():
    client.chat.completions.create(model="demo-chat", messages=[{"role": "user", "content": "one"}])

agent = mlflow.trace(ask, name="agent")
with nbext.trace("autologged"):
    ask()
    agent()
mlflow.openai.autolog(disable=True)
with nbext.trace("plain"):
    ask()
print(nbext.push(timeout=90))
"""


def test_what_mlflow_itself_stores_is_there_once(store, gateway, kernel):
    done = subprocess.run(
        [sys.executable, "-c", _RECIPE, gateway.base_url, store, str(kernel)],
        env=environment() | {"PYTHONPATH": str(Path(nbext.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["exported 3 · pending 0 · failed 0"], done.stderr
    names = sorted([span["name"] for span in trace["data"]["spans"]] for trace in stored(store, "both"))
    assert names == [["Completions"], ["Completions"], ["agent", "Completions"]]


def test_what_no_tracer_should_send_is_stored_too(store, kernel):
    journal = Journal(kernel)
    exporter = Exporter(journal.path)
    target = target_of(store, "odd")
    for place, name in enumerate(("churn_agent", "odd", "guardrail", "interrupted", "embeddings")):
        capture = CASES[name][0]()
        trace_id = f"{place + 1:032x}"
        for call in capture.calls:
            call.trace_id = trace_id
            journal.append(call, capture)
        for span in capture.app_spans:
            span.trace_id = trace_id
            journal.append_span(span, capture)
        exporter.ask(target, capture.id, [(trace_id, len(capture.spans), False)])
    counts = exporter.wait(60, patience=30)
    exporter.close()
    assert (counts.exported, counts.pending, counts.failed, counts.reasons) == (5, 0, 0, [])
    sizes = {trace["info"]["trace_id"][-1]: len(trace["data"]["spans"]) for trace in stored(store, "odd")}
    # Of the odd ones two share an id, and a span around them makes them one tree.
    assert sizes == {"1": 25, "2": 16, "3": 1, "4": 1, "5": 1}
