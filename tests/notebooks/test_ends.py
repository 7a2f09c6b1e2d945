"""However a cell, a stream or a kernel ends, what was captured is there."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

import nbext

from .kernel import trace_of

if TYPE_CHECKING:
    from .kernel import Kernel

pytestmark = pytest.mark.notebook

STREAM = """%%gateway_trace
got = ''
for chunk in slow.chat.completions.create(**STORY):
    if chunk.choices and chunk.choices[0].delta.content:
        got += chunk.choices[0].delta.content
        THEN
"""
ASYNC_STREAM = STREAM.replace("for chunk in slow", "async for chunk in await aslow")


def answer_of(trace: dict) -> str:
    answer = trace["spans"][0]["call"]["answers"][0]
    return answer.get("text") or "".join(p.get("text", "") for p in answer["parts"])


@pytest.mark.parametrize("stream", [STREAM, ASYNC_STREAM], ids=["sync", "async"])
def test_interrupt_in_a_stream(fresh: Kernel, stream: str) -> None:
    message = fresh.begin(stream.replace("THEN", "print('piece', flush=True)"))
    fresh.wait_for("piece\npiece\n")
    fresh.interrupt()
    ran = fresh.finish(message)
    assert ran.reply["status"] == "error"
    assert ran.reply["ename"] in ("KeyboardInterrupt", "CancelledError")
    got = fresh.run("print(got)").stdout.strip("\n")
    assert got
    shown = fresh.run("import nbext\nnbext.last")
    for trace in (trace_of(shown.outputs[0]), *map(trace_of, ran.views)):
        assert trace["state"] == "done"
        assert trace["totals"]["status"] == {"interrupted": 1}
        assert answer_of(trace).startswith(got)
    (capture,) = nbext.open(fresh.folder)
    assert capture.calls[0].status == "interrupted"
    assert capture.calls[0].completion.startswith(got)


@pytest.mark.parametrize("stream", [STREAM, ASYNC_STREAM], ids=["sync", "async"])
@pytest.mark.parametrize("leave", ["break", "raise RuntimeError('mine')"])
def test_leaving_a_stream(fresh: Kernel, stream: str, leave: str) -> None:
    ran = fresh.run(stream.replace("THEN", f"if len(got) > 10: {leave}"))
    assert ran.reply["status"] == ("ok" if leave == "break" else "error")
    assert ran.trace["totals"]["status"] == {"interrupted": 1}
    got = fresh.run("print(got)").stdout.strip("\n")
    assert answer_of(ran.trace).startswith(got)
    (capture,) = nbext.open(fresh.folder)
    assert capture.calls[0].status == "interrupted"
    assert capture.calls[0].completion.startswith(got)


def test_a_stream_read_on_in_a_later_cell(fresh: Kernel) -> None:
    first = fresh.run("%%gateway_trace\nstream = iter(slow.chat.completions.create(**STORY))\nnext(stream);")
    rest = fresh.run(
        "text = ''.join(c.choices[0].delta.content or '' for c in stream if c.choices)\nprint(text)"
    )
    fresh.late(1.5)
    assert first.trace["totals"]["status"] == {"ok": 1}
    assert rest.stdout.strip() in answer_of(first.trace)
    assert fresh.run("import nbext\nnbext.last.calls[0].status").result == "'ok'"


CALLS = """%%gateway_trace
import os, signal, time
for i in range(200):
    ask(f'call {i}')
"""


def test_a_killed_kernel_loses_nothing(fresh: Kernel) -> None:
    fresh.begin(CALLS + "os.kill(os.getpid(), signal.SIGKILL)")
    fresh.wait_for_end()
    captures = nbext.open(fresh.folder)
    prompts = [call.prompt for capture in captures for call in capture.calls]
    assert sorted(prompts) == sorted(f"call {i}" for i in range(200))
    assert {call.status for capture in captures for call in capture.calls} == {"ok"}


def test_killed_from_outside(fresh: Kernel) -> None:
    fresh.begin(CALLS + "print('all done', flush=True)\ntime.sleep(60)")
    fresh.wait_for("all done", seconds=60)
    fresh.kill()
    assert sum(len(capture.calls) for capture in nbext.open(fresh.folder)) == 200


def test_a_journal_folder_that_cannot_be_written(fresh: Kernel) -> None:
    (fresh.folder / "taken").write_text("a file where the folder should be")
    ran = fresh.run("import nbext\nnbext.configure(journal_folder='taken/.nbext')")
    assert ran.reply["status"] == "ok"
    ran = fresh.run("%%gateway_trace\nfor i in range(5): ask('x')")
    assert ran.reply["status"] == "ok", ran.error
    assert ran.trace["totals"]["calls"] == 5
    again = fresh.run("%%gateway_trace\nask('x');")
    shown = ran.stderr + again.stderr
    assert shown.count("cannot write its journal") == 1
    status = fresh.run("%gateway_trace").stdout
    assert "journal not written" in status
    assert "captured 6 calls in 2 captures" in status


def test_a_task_that_outlives_its_cell(fresh: Kernel) -> None:
    """It makes its calls while cells run that are not traced; the hooks are there only as long as it is."""
    fresh.run("import asyncio, nbext\nfrom openai._base_client import httpx2\nsend = httpx2.AsyncClient.send")
    begun = fresh.run(
        """%%gateway_trace
async def agent():
    for n in range(3):
        await asyncio.sleep(0.1)
        await aclient.chat.completions.create(model="demo-chat", messages=[dict(role="user", content=f"{n}")])
task = asyncio.create_task(agent())"""
    )
    fresh.run("await task\nask('not traced')")
    assert fresh.run("len(nbext.last), [c.prompt for c in nbext.last.calls]").result == "(3, ['0', '1', '2'])"
    assert fresh.run("httpx2.AsyncClient.send is send").result == "True"
    fresh.late(0.5)
    assert trace_of(begun.views[0])["totals"]["calls"] == 3


def test_switched_off_it_writes_nothing(fresh: Kernel) -> None:
    fresh.run("%config GatewayTrace.journal = False")
    fresh.run("%%gateway_trace --quiet\nask('x')")
    assert not (fresh.folder / ".nbext").exists()
    assert "journal off, in memory only" in fresh.run("%gateway_trace").stdout


def test_the_journal_is_private(fresh: Kernel) -> None:
    fresh.run("%%gateway_trace --quiet\nask('x')")
    (path,) = (fresh.folder / ".nbext").glob("*.jsonl")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (path.parent / ".gitignore").read_text().strip() == "*"
    assert os.access(path, os.R_OK)


def test_keys_are_in_no_output_and_no_journal(fresh: Kernel) -> None:
    key = "sk-" + "proj-" + "a1B2" * 12
    ran = fresh.run(f"%%gateway_trace\nask('my key is {key}')\nNone")
    assert ran.trace["totals"]["calls"] == 1
    assert key not in str(ran.outputs)
    assert "redacted" in str(ran.outputs)
    for path in fresh.folder.rglob("*"):
        if path.is_file() and "ipython" not in path.parts:
            assert key.encode() not in path.read_bytes(), path
    fresh.run("%gateway_trace export out.html")
    fresh.run("%gateway_trace export out.json")
    for name in ("out.html", "out.json"):
        assert key not in (fresh.folder / name).read_text()
