"""A tracking server that is down, slow, broken, closed to us, killed; a kernel that is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import nbext
from nbext.display.wire import whole_wire
from nbext.kernel.session import session
from nbext.sinks.mlflow.reasons import OLDEST
from tests.unit.mlflow_export.stores import environment, free_port, hex_ids, stored

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]


def ask(client, count=1):
    for _ in range(count):
        client.chat.completions.create(model="demo-chat", messages=QUESTION)


def trace_ids(*captures) -> list[str]:
    return sorted(call.trace_id for capture in captures for call in capture.calls)


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_killed_in_the_middle_and_restarted_the_server_has_everything_once(server, proxy, client):
    proxy.delay = 0.05
    with nbext.trace(to=proxy.uri, experiment="killed") as first:
        ask(client, 12)
    # Some of what makes up a trace has been sent, not all of it.
    until(lambda: proxy.posts >= 8)
    server.kill()
    with nbext.trace(to=proxy.uri, experiment="killed") as second:
        ask(client)
    counts = session.exports._exporter.counts
    until(lambda: counts().reasons)
    assert counts().reasons == [f"{proxy.uri} cannot be reached; it is tried again by itself"]
    status = session.status()
    assert (status.captured, status.exported + status.pending, status.failed) == (13, 13, 0)
    assert status.pending > 0
    assert status.reason == counts().reasons[0]
    server.start()
    assert nbext.push(timeout=60) == nbext.PushResult(exported=13)
    assert hex_ids(stored(server.uri, "killed")) == trace_ids(first, second)


def test_a_server_that_breaks_refuses_and_comes_back_gets_everything_once(server, proxy, client):
    proxy.status = 500
    with nbext.trace(to=proxy.uri, experiment="broken") as first:
        ask(client, 2)
    until(lambda: session.exports.counts.reasons)
    result = nbext.push(timeout=1)
    assert (result.exported, result.pending, result.failed) == (0, 2, 0)
    until(lambda: session.exports.counts.reasons)
    assert session.exports.counts.reasons == [f"{proxy.uri} answered 500; it is tried again by itself"]

    proxy.status = 401
    # Asked again it is tried at once; by itself, after ever longer waits.
    nbext.push(timeout=1)
    until(lambda: session.exports.counts.failed == 2)
    (why,) = session.exports.counts.reasons
    assert "wants a login (401); set MLFLOW_TRACKING_TOKEN" in why
    until(lambda: first.export_state.get("failed") == 2)
    assert first.export_state["why"] == why
    assert proxy.posts < 20

    proxy.status, proxy.delay = None, 0.5
    with nbext.trace(to=proxy.uri, experiment="broken") as second:
        ask(client)
    assert nbext.push(timeout=60) == nbext.PushResult(exported=3)
    assert hex_ids(stored(server.uri, "broken")) == trace_ids(first, second)
    # One press away: the trace itself, or the experiment several are in.
    page, _, found = whole_wire(second)["export"]["page"].partition("?")
    assert found == f"selectedEvaluationId=tr-{second.calls[0].trace_id}"
    assert page.startswith(f"{proxy.uri}/#/experiments/")
    assert whole_wire(first)["export"]["page"] == page


_KERNEL = """
import sys, time, openai, nbext
nbext.configure(journal_folder=sys.argv[3])
client = openai.OpenAI(base_url=sys.argv[1], api_key="x", max_retries=0)
with nbext.trace("first", to=sys.argv[2], experiment="kernels"):
    client.chat.completions.create(model="demo-chat", messages=[{"role": "user", "content": "one"}])
with nbext.trace("second", to=sys.argv[2], experiment="kernels"):
    client.chat.completions.create(model="demo-chat", messages=[{"role": "user", "content": "two"}])
    nbext.kernel.session.session.writer.drain(5)
    print("ready", flush=True)
    time.sleep(60)
"""


def test_what_a_killed_kernel_left_is_finished_by_the_next(gateway, client, kernel, store, database):
    # Nothing listens here: an address for which there will be a store later is the same as a file.
    aside = database.rename(database.with_name("aside.db"))
    database.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", _KERNEL, gateway.base_url, store, str(kernel)],
        env=environment() | {"PYTHONPATH": str(Path(nbext.__file__).parents[1])},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    database.rmdir()
    aside.rename(database)
    assert nbext.push(timeout=60) == nbext.PushResult(exported=2)
    (journal,) = (kernel / ".nbext").glob("*.jsonl")
    assert hex_ids(stored(store, "kernels")) == trace_ids(*nbext.open(journal))


@pytest.mark.parametrize(
    ("module", "line"),
    [
        (
            "raise ImportError('No module named mlflow')",
            "MLflow is not installed; pip install -U 'nbext[mlflow]', then %gateway_trace push",
        ),
        (
            "__version__ = '3.2.0'",
            f"MLflow 3.2.0 is too old to export to; pip install -U 'mlflow>={OLDEST}', "
            "then %gateway_trace push",
        ),
    ],
)
def test_without_mlflow_or_with_an_old_one_the_capture_stays_and_the_fix_is_said(
    client, store, monkeypatch, tmp_path, module, line
):
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "mlflow.py").write_text(f"{module}\n")
    monkeypatch.setattr(
        "nbext.sinks.mlflow.exporter.sys.executable",
        _python_with(blocked, tmp_path),
    )
    with nbext.trace(to=store) as capture:
        ask(client)
    result = nbext.push(timeout=30)
    assert (result.exported, result.failed) == (0, 1)
    assert result.reasons == [line]
    assert len(capture) == 1
    monkeypatch.undo()


def _python_with(folder: Path, tmp_path: Path) -> str:
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexport PYTHONPATH="{folder}:$PYTHONPATH"\nexec {sys.executable} "$@"\n')
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(
    ("to", "line"),
    [
        ("sqlit:///x.db", "to: 'sqlit:///x.db' is no tracking URI of MLflow; did you mean sqlite:…?"),
        ("store.db", "to: 'store.db' is a path; for a file of SQLite write sqlite:///store.db"),
        ("http://", "to: 'http://' has no host; expected http://host:port"),
    ],
)
def test_a_wrong_uri_is_refused_before_anything_runs(to, line):
    with pytest.raises(ValueError, match="to: ") as refused:
        nbext.trace(to=to)
    assert str(refused.value) == line
    with pytest.raises(ValueError, match="to: ") as refused:
        nbext.configure(to=to)
    assert str(refused.value) == line


def test_nothing_is_exported_where_nobody_said_so(client):
    with nbext.trace() as capture:
        ask(client)
    assert capture.export_state is None
    (reason,) = nbext.push().reasons
    assert reason.startswith("no place to export to; give one: %gateway_trace push --to URI")


def test_passwords_are_not_written(client, kernel):
    with nbext.trace(to=f"http://me:hunter22@127.0.0.1:{free_port()}", experiment="secret") as capture:
        ask(client)
    nbext.kernel.session.session.writer.drain(5)
    assert "hunter22" not in str(capture.export_state)
    for path in (kernel / ".nbext").iterdir():
        assert b"hunter22" not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0 or path.name == ".gitignore"
