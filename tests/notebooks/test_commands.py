"""The sub-commands, and what is said when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import nbext
from nbext.display.pack import unpack

from .kernel import trace_of

if TYPE_CHECKING:
    from .kernel import Kernel

pytestmark = pytest.mark.notebook


@pytest.fixture(scope="module")
def kernel(kernel: Kernel) -> Kernel:
    kernel.run("%gateway_trace clear")
    kernel.run("%%gateway_trace --name one --quiet\nask('first question')")
    kernel.run("%%gateway_trace --name two --quiet\nask('second question'); ask('third question')")
    return kernel


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%gateway_trace shwo", "%gateway_trace: no sub-command 'shwo'; did you mean show?"),
        (
            "%gateway_trace zzz",
            "%gateway_trace: no sub-command 'zzz'; known: on, off, df, show, diff, export, push, clear",
        ),
        (
            "%gateway_trace --name x",
            "%gateway_trace: '--name' goes with %%gateway_trace at the top of a cell",
        ),
        ("%gateway_trace on now", "%gateway_trace on: 'now' was not expected here; usage: %gateway_trace on"),
        (
            "%gateway_trace df cals",
            "%gateway_trace df: 'cals' is not known; did you mean calls?",
        ),
        ("%gateway_trace df --al", "%gateway_trace df: no option '--al'; did you mean --all?"),
        (
            "%gateway_trace show ffffffff",
            "%gateway_trace show: nothing in memory has the id 'ffffffff'; last captures: ",
        ),
        ("%gateway_trace show 999", "%gateway_trace show: nothing in memory has the id '999'"),
        ("%gateway_trace export", "%gateway_trace export: the following arguments are required: PATH"),
        (
            "%gateway_trace export out.htm",
            "%gateway_trace export: cannot export to out.htm: the name must end in .html, .json, "
            ".jsonl, .otlp.json; did you mean out.html?",
        ),
        (
            "%gateway_trace export out.zip",
            "%gateway_trace export: cannot export to out.zip: the name must end in .html, .json, "
            ".jsonl, .otlp.json",
        ),
        (
            "%gateway_trace export no/such/folder/x.json",
            "%gateway_trace export: cannot write no/such/folder/x.json: No such file or directory",
        ),
        (
            "%gateway_trace export no/such/folder/x.html",
            "%gateway_trace export: cannot write no/such/folder/x.html: No such file or directory",
        ),
        ("%gateway_trace show 'x", "a quote is not closed in: show 'x"),
        (
            "%%gateway_trace --nme x\nask('not asked')",
            "%%gateway_trace: no option '--nme'; did you mean --name?",
        ),
        ("%%gateway_trace --tag x\nask('not asked')", "%%gateway_trace: --tag: expected key=value, got 'x'"),
    ],
)
def test_what_is_wrong_is_one_line(kernel: Kernel, line: str, message: str) -> None:
    ran = kernel.run(line)
    assert ran.reply["status"] == "error"
    assert ran.reply["ename"] == "UsageError"
    assert ran.reply["evalue"].startswith(message)
    assert "\n" not in ran.reply["evalue"]
    assert ran.stderr.count("\n") == 1
    assert ran.error is None
    assert ran.views == []


def test_status(kernel: Kernel) -> None:
    text = kernel.run("%gateway_trace").stdout
    assert text.count("\n") == 1
    for words in (
        "gateway trace off",
        "journal /",
        "captured 3 calls in 2 captures",
        "exported 0",
        "pending 0",
        "failed 0",
    ):
        assert words in text


def test_frames(kernel: Kernel) -> None:
    assert (
        kernel.run("df = %gateway_trace df\nlen(df), list(df['prompt'])").result
        == "(2, ['second question', 'third question'])"
    )
    assert kernel.run("df = %gateway_trace df calls --all\nlen(df)").result == "3"
    for frame, column in (
        ("spans", "span_id"),
        ("messages", "role"),
        ("tools", "arguments"),
        ("attempts", "wait_ms"),
    ):
        assert kernel.run(f"df = %gateway_trace df {frame}\n'{column}' in df.columns").result == "True"
    # pandas leaves columns in the middle of a wide frame out.
    ran = kernel.run("import pandas as pd\npd.set_option('display.max_columns', 100)\n%gateway_trace df")
    assert "second question" in ran.outputs[0].data["text/html"]


def test_show(kernel: Kernel) -> None:
    assert kernel.run("%gateway_trace show").trace["name"] == "two"
    ids = kernel.run("import nbext\nprint(*[c.id for c in nbext.captures])").stdout.split()
    assert kernel.run(f"%gateway_trace show {ids[0]}").trace["name"] == "one"
    both = kernel.run(f"%gateway_trace show {ids[0][:6]} {ids[1][:6]}")
    assert [trace_of(view)["name"] for view in both.views] == ["one", "two"]
    cell = kernel.run("print(nbext.captures[0].cell)").stdout.strip()
    assert kernel.run(f"%gateway_trace show {cell}").trace["name"] == "one"
    call = kernel.run("print(nbext.captures[1].calls[1].call_id)").stdout.strip()
    (span,) = kernel.run(f"%gateway_trace show {call}").trace["spans"]
    assert span["id"] == call


def test_back_from_a_frame(kernel: Kernel) -> None:
    ran = kernel.run("nbext.calls_df().query(\"prompt == 'third question'\")[['call_id']].gateway.show()")
    table = ran.trace
    assert (table["kind"], table["total"]) == ("frame", 1)
    (span,) = unpack(table["wire"])["spans"]
    assert "third question" in str(span)
    ran = kernel.run("nbext.spans_df()[['capture_id']].drop_duplicates().gateway.show()")
    assert unpack(ran.trace["wire"])["totals"]["calls"] == 3
    assert "no id column" in kernel.run("import pandas\npandas.DataFrame({'x': [1]}).gateway").reply["evalue"]


@pytest.mark.parametrize("name", ["out.html", "out.json", "out.jsonl", "with space.json"])
def test_export_and_open(kernel: Kernel, name: str) -> None:
    ran = kernel.run(f"%gateway_trace export '{name}'")
    assert ran.stdout == f"Wrote 2 calls to {name}\n"
    (capture,) = nbext.open(kernel.folder / name)
    assert [call.prompt for call in capture.calls] == ["second question", "third question"]
    assert nbext.calls_df([capture])["capture_id"].nunique() == 1


def test_export_all(kernel: Kernel) -> None:
    assert "Wrote 3 calls" in kernel.run("%gateway_trace export --all all.jsonl").stdout
    assert len(nbext.open(kernel.folder / "all.jsonl")) == 2


def test_config(kernel: Kernel) -> None:
    listed = kernel.run("%config GatewayTrace").stdout
    for words in (
        "GatewayTrace(Configurable) options",
        "max_output_bytes",
        "Size of a saved output",
        "redact_patterns",
    ):
        assert words in listed
    assert "GatewayTrace" in kernel.run("%config").stdout
    kernel.run("%config GatewayTrace.keep = 7")
    assert kernel.run("%config GatewayTrace.keep").result == "7"
    wrong = kernel.run("%config GatewayTrace.keeep = 7")
    assert "no setting 'keeep'; did you mean 'keep'?" in wrong.stderr + wrong.stdout
    wrong = kernel.run("%config GatewayTrace.keep = 'many'")
    assert "keep: expected an int" in wrong.stderr + wrong.stdout
    assert kernel.run("%config GatewayTrace.keep").result == "7"
    wrong = kernel.run("nbext.configure(keeep=7)")
    assert wrong.reply["evalue"] == "no setting 'keeep'; did you mean 'keep'?"


def test_clear_comes_last(fresh: Kernel) -> None:
    assert "nothing was traced yet" in fresh.run("%gateway_trace show").reply["evalue"]
    fresh.run("%%gateway_trace --quiet\nask('x')")
    ran = fresh.run("%gateway_trace clear")
    assert ran.stdout.startswith("Forgot 1 capture. The journal ")
    assert fresh.run("import nbext\nnbext.last is None and len(nbext.captures) == 0").result == "True"
    assert sum(len(c.calls) for c in nbext.open(fresh.folder)) == 1


def test_loading_twice_unloading_and_reloading(fresh: Kernel) -> None:
    fresh.run("%load_ext nbext\nimport nbext\nnbext.load_ipython_extension(get_ipython())")
    ran = fresh.run("%%gateway_trace\nask('x');")
    assert ran.trace["totals"]["calls"] == 1
    fresh.run("%reload_ext nbext")
    ran = fresh.run("%%gateway_trace\nask('x');")
    assert ran.trace["totals"]["calls"] == 1
    assert fresh.run("import nbext\nlen(nbext.captures)").result == "2"
    fresh.run("%gateway_trace on")
    fresh.run("%unload_ext nbext")
    assert fresh.run("ask('x');").views == []
    gone = fresh.run("%gateway_trace")
    assert gone.reply["ename"] == "UsageError"
    assert "not found" in gone.reply["evalue"]
    modules = "[getattr(t, '__module__', '') for t in get_ipython().input_transformers_cleanup]"
    assert "nbext" not in (fresh.run(modules).result or "nbext")
    assert "GatewayTrace" not in fresh.run("%config").stdout
    fresh.run("%load_ext nbext")
    assert fresh.run("%%gateway_trace\nask('x');").trace["totals"]["calls"] == 1


def test_ipython_config(fresh: Kernel) -> None:
    folder = fresh.folder / "ipython" / "profile_default"
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "ipython_config.py"
    config.write_text("c.GatewayTrace.keep = 11\nc.GatewayTrace.paths.append('/v9/think')\n")
    fresh.manager.restart_kernel(now=True)
    fresh.client.wait_for_ready(timeout=60)
    fresh.run("%load_ext nbext")
    assert (
        fresh.run("from nbext import settings\nsettings.current().keep, settings.current().paths[-1]").result
        == "(11, '/v9/think')"
    )
    config.write_text("c.GatewayTrace.keeep = 11\n")
    fresh.manager.restart_kernel(now=True)
    fresh.client.wait_for_ready(timeout=60)
    ran = fresh.run("%load_ext nbext")
    assert ran.reply["evalue"] == (
        "nbext was not loaded: ipython_config.py: GatewayTrace: no setting 'keeep'; did you mean 'keep'?"
    )
    assert ran.error is None
