"""A tracking server that is away when something is said; a kernel that is killed before it is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import nbext
from nbext.feedback.post import post
from tests.unit.feedback.test_stored import ask, judgements
from tests.unit.mlflow_export.stores import environment

WAIT = 120
# Says something when it is told to, and is killed.
_KERNEL = """
import sys, time, openai, nbext
nbext.configure(journal_folder=sys.argv[3])
client = openai.OpenAI(base_url=sys.argv[1], api_key="x", max_retries=0)
with nbext.trace("first", to=sys.argv[2], experiment="away") as capture:
    client.chat.completions.create(model="demo-chat", messages=[{"role": "user", "content": "one"}])
print(nbext.push(timeout=100), flush=True)
sys.stdin.readline()
capture.calls[0].feedback(False, comment="No.", expected="two", user="ana")
print("said", flush=True)
time.sleep(100)
"""
_NEXT = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "nbext")
import nbext
nbext.configure(journal_folder=sys.argv[1])
shell.run_line_magic("gateway_trace", "push")
"""


def run(code: str, *args: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *args],
        env=environment() | {"PYTHONPATH": str(Path(nbext.__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_what_is_said_while_the_server_is_away_arrives_once(server, client, gateway, kernel):
    other = kernel / "other"
    killed = run(_KERNEL, gateway.base_url, server.uri, str(other))
    with nbext.trace("here", to=server.uri, experiment="away") as capture:
        ask(client)
    assert nbext.push(timeout=WAIT) == nbext.PushResult(exported=1)
    assert killed.stdout.readline() == "exported 1 · pending 0 · failed 0\n"

    server.kill()
    killed.stdin.write("now\n")
    killed.stdin.flush()
    assert killed.stdout.readline() == "said\n"
    # The kernel, and the process that was to store it: only the file is left.
    for pid in (killed.pid, *children(killed.pid)):
        os.kill(pid, signal.SIGKILL)
    killed.wait()
    call = capture.calls[0]
    call.feedback(True, comment="Yes.", user="ben")
    assert not post.wait(3)
    assert [one.queued for one in call.assessments] == [True]

    server.start()
    assert post.wait(WAIT)
    assert [one.queued for one in call.assessments] == [False]
    told, _ = run(_NEXT, str(other)).communicate(timeout=WAIT)
    assert "waiting" not in told
    assert judgements(server.uri, "away") == [
        ("expected_response", "two", "HUMAN", "ana"),
        ("feedback", False, "HUMAN", "ana"),
        ("feedback", True, "HUMAN", "ben"),
    ]
    # Asked for again there is nothing left to do.
    assert post.send() == 0
