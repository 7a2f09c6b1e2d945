"""In a kernel: compare two runs of a cell, send a call again, show by id, a frame as a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .kernel import MIME, trace_of

if TYPE_CHECKING:
    from .kernel import Kernel

pytestmark = pytest.mark.notebook

CELL = "%%gateway_trace\nasked = ask({words!r})"


def run(kernel: Kernel, code: str) -> str:
    ran = kernel.run(code)
    assert ran.reply["status"] == "ok", ran.error
    return (ran.result or "") + ran.stdout


def test_a_cell_that_ran_twice_is_compared_with_itself(kernel: Kernel) -> None:
    run(kernel, "%gateway_trace clear")
    run(kernel, CELL.format(words="one"))
    once = kernel.run("%gateway_trace diff")
    assert "was traced only once: run it again, or name both" in (once.error or once.stderr)
    run(kernel, CELL.format(words="other"))
    run(kernel, CELL.format(words="one"))
    ran = kernel.run("%gateway_trace diff")
    (output,) = [each for each in ran.outputs if each.type == "execute_result"]
    assert output.data[MIME]["kind"] == "compare"
    assert output.data["text/plain"].startswith("A run 1 → B run 2")
    assert "<table>" in output.data["text/html"]


def test_runs_are_named_by_what_show_takes(kernel: Kernel) -> None:
    run(kernel, "%gateway_trace clear")
    run(kernel, "%%gateway_trace --name first --quiet\nask('one')")
    run(kernel, "%%gateway_trace --name second --quiet\nask('two, in many more words')")
    ids = re.findall(r"\w{16}", run(kernel, "import nbext; print(*[c.id for c in nbext.captures])"))
    ran = kernel.run(f"%gateway_trace diff {ids[0][:8]} {ids[1]}")
    (output,) = [each for each in ran.outputs if each.type == "execute_result"]
    assert output.data["text/plain"].startswith("A first → B second · 1 changed")
    shown = kernel.run(f"%gateway_trace show {ids[0]} {ids[1][:6]}")
    assert [trace_of(view)["name"] for view in shown.views] == ["first", "second"]
    call = run(kernel, "print(nbext.captures[0].calls[0].call_id)").strip()
    only = kernel.run(f"%gateway_trace show {call}")
    assert [span["id"] for span in only.trace["spans"]] == [call]
    wrong = kernel.run(f"%gateway_trace diff {ids[0]} ffffffff")
    assert "%gateway_trace diff: nothing in memory has the id 'ffffffff'" in (wrong.error or wrong.stderr)
    many = kernel.run(f"%gateway_trace diff {ids[0]} {ids[0]} {ids[1]}")
    assert "expected two runs, A and B, got 3" in (many.error or many.stderr)


def test_show_as_the_last_line_shows_once(kernel: Kernel) -> None:
    run(kernel, CELL.format(words="hello"))
    ran = kernel.run("import nbext\nnbext.last.show()")
    assert len(ran.views) == 1
    assert ran.result is None
    later = kernel.run("view = nbext.view()\nview")
    assert len(later.views) == 1
    assert run(kernel, "view.selected = nbext.last.calls[0].call_id; view.call.prompt") == "'hello'"


def test_a_replay_draws_itself_once_beside_the_original(kernel: Kernel) -> None:
    run(kernel, CELL.format(words="hello"))
    ran = kernel.run("nbext.last.calls[0].replay(messages='other words')")
    assert ran.reply["status"] == "ok", ran.error
    assert ran.result is None
    wire = ran.trace
    assert wire["replay"]["call"] == wire["spans"][0]["id"] == wire["spans"][1]["replay_of"]
    assert wire["spans"][1]["call"]["messages"][-1]["text"] == "other words"
    assert run(kernel, "print(len(nbext.last), nbext.last.calls[0].prompt)").strip() == "1 hello"


def test_an_asynchronous_client_in_a_cell(kernel: Kernel) -> None:
    run(kernel, "%%gateway_trace\nreply = await ask_soon('hello')")
    ran = kernel.run(
        "again = await nbext.last.calls[0].replay(stream=True)\nprint(again.calls[0].completion)"
    )
    assert ran.reply["status"] == "ok", ran.error
    assert len(ran.stdout.strip()) > 10
    # Not awaited it runs on when the cell has ended.
    run(kernel, "later = nbext.last.calls[0].replay(); assert later.running")
    assert (
        run(kernel, "import asyncio\nawait asyncio.wait_for(later, 20)\nprint(later.calls[0].status)").strip()
        == "ok"
    )


def test_a_frame_knows_its_name(kernel: Kernel) -> None:
    run(kernel, CELL.format(words="hello"))
    ran = kernel.run("mine = nbext.calls_df()\nmine.gateway.show()")
    (view,) = ran.views
    assert view.data[MIME]["kind"] == "frame"
    assert view.data["text/plain"].startswith("mine · ")
