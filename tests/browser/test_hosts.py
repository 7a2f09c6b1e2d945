"""Where an output is shown outside of JupyterLab, one test each: never empty, never "model not found"."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import nh3
import pytest
from playwright.sync_api import expect

from nbext.display.bundle import mime_bundle
from nbext.display.hosts import HOSTS
from tests.contract import captures

from .cells import THREE, load
from .jupyter import ROOT, free_port, notebook
from .pages import (
    VSCODE,
    document,
    first_view,
    open_page,
    open_widget,
    wire_of,
)
from .view import active_element, contrast, expect_no_failure, views

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page


MIME = "application/vnd.nbext.trace.v1+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def notebook_of(*bundles: dict[str, Any]) -> dict[str, Any]:
    content = notebook(*("# traced" for _ in bundles))
    for cell, data in zip(content["cells"], bundles, strict=True):
        cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]
    return content


def test_nbconvert(browser: Browser) -> None:
    import nbformat
    from nbconvert import HTMLExporter

    made = [captures.one_call(), captures.churn_agent()]
    bundles = [mime_bundle(c, host=HOSTS["jupyter"]) for c in made]
    page_text, _ = HTMLExporter().from_notebook_node(
        nbformat.from_dict(notebook_of(*bundles))  # type: ignore[no-untyped-call]
    )
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        # Its template asks for MathJax and others; an output must not need them.
        open_page(page, page_text)
        outputs = page.locator(".jp-RenderedHTMLCommon.jp-OutputArea-output")
        expect(outputs).to_have_count(2)
        expect(outputs.nth(0)).to_contain_text("What is a lakehouse")
        expect(outputs.nth(1)).to_contain_text("churn_agent")
        expect(outputs.nth(1)).to_contain_text("run_sql")
        assert page.locator("script[type*=widget]").count() == 0
        if scripts:
            expect_no_failure(page)
        page.screenshot(path=shot_path(f"host-nbconvert-scripts-{scripts}"))
        context.close()


# What GitHub's sanitiser is known to let through, as far as we write it: no style, class or script.
GITHUB_TAGS = {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "details",
    "summary",
    "code",
    "em",
    "strong",
    "br",
}
GITHUB_ATTRIBUTES = {"*": {"align"}, "details": {"open"}}


def test_github_and_nbviewer(browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False, viewport={"width": 900, "height": 900}).new_page()
    for make in (captures.one_call, captures.churn_agent, captures.guardrail, captures.odd, captures.empty):
        html = mime_bundle(make(), host=HOSTS["jupyter"])["text/html"]
        clean = nh3.clean(html, tags=GITHUB_TAGS, attributes=GITHUB_ATTRIBUTES, link_rel=None)
        assert clean.replace("\xa0", "&nbsp;") == html, "the sanitiser took something away"
        page.set_content(f"<!doctype html><body>{clean}</body>")
        assert len(page.inner_text("body").strip()) > 20, make.__name__
    agent = mime_bundle(captures.churn_agent(), host=HOSTS["jupyter"])["text/html"]
    page.set_content(f"<!doctype html><body>{agent}</body>")
    expect(page.locator("body")).to_contain_text("25 spans")
    expect(page.locator("body")).to_contain_text("TABLE_OR_VIEW_NOT_FOUND")
    # Folding works without a script.
    closed = page.locator("details:not([open])").first
    closed.locator("summary").first.click()
    assert page.locator("details[open]").count() >= 1
    page.screenshot(path=shot_path("host-github"))
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_vscode(page: Page, theme: str) -> None:
    """Its outputs live in a frame of their own, with its theme on the body and its variables on the root."""
    wire = wire_of(captures.churn_agent())
    view = open_widget(page, wire, theme, host="vscode")
    view.expect_drawn()
    paper, ink = view.colour(".nb", "backgroundColor"), view.colour(".nb-head h3", "color")
    assert contrast(paper, ink) > 7
    expected = {"light": (255, 255, 255), "dark": (31, 31, 31)}[theme]
    assert paper == expected, VSCODE[theme]
    assert "Segoe UI" in str(view.find(".nb").evaluate("el => getComputedStyle(el).fontFamily"))
    expect(view.open("gather")).to_be_visible()
    assert page.evaluate("window.traits.selected") in {span["id"] for span in wire["spans"]}
    page.screenshot(path=shot_path(f"host-vscode-{theme}"))
    # With the kernel gone VS Code shows what stands beside the widget.
    bundle = mime_bundle(captures.churn_agent(), host=HOSTS["vscode"])
    open_page(page, document(bundle["text/html"], variables=VSCODE[theme], theme=theme))
    expect(page.locator("body")).to_contain_text("churn_agent")


@pytest.mark.parametrize("name", ["colab", "databricks"])
def test_output_frames_that_keep_no_state(page: Page, name: str) -> None:
    """An output is a frame of its own; reopened, it has the HTML and no widget; 10 MB at most."""
    host = HOSTS[name]
    assert host.widget_live
    assert not host.widget_kept
    # While the cell runs the widget draws, and brings the viewer along.
    view = open_widget(page, wire_of(captures.churn_agent()))
    view.expect_drawn()

    many = captures.long_run(6000)
    bundle = mime_bundle(many, max_bytes=50_000_000, host=host)
    assert WIDGET_VIEW not in bundle
    assert len(json.dumps(bundle).encode()) <= 10_000_000
    html = bundle["text/html"].replace("&", "&amp;").replace('"', "&quot;")
    frame = f'<iframe title="output" sandbox="allow-scripts" width="900" height="800" srcdoc="{html}">'
    refused = open_page(page, document(f"{frame}</iframe>"))
    inside = page.frame_locator("iframe").locator("body")
    expect(inside).to_contain_text("eval_batch")
    expect(inside).to_contain_text("6,000")
    assert refused == []
    page.screenshot(path=shot_path(f"host-{name}"))


def test_a_self_contained_page_from_disk(page: Page, tmp_path: Path) -> None:
    from nbext.sinks.html import to_html

    path = to_html([captures.churn_agent(), captures.one_call()], tmp_path / "trace.html")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    agent = first_view(page)
    agent.expect_drawn()
    expect(agent.open("gather")).to_be_visible()
    assert len(views(page)) == 2
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


MARIMO = """import marimo

app = marimo.App()


@app.cell
def _():
    import nbext
    from openai import OpenAI

    client = OpenAI(base_url="{url}", api_key="demo")
    with nbext.trace("in marimo") as capture:
        for words in ("hello <b>there</b>", "and again"):
            client.chat.completions.create(
                model="demo-chat", messages=[{{"role": "user", "content": words}}]
            )
    capture
    return


if __name__ == "__main__":
    app.run()
"""


def test_marimo(page: Page, tmp_path: Path, gateway: str) -> None:
    (tmp_path / "traced.py").write_text(MARIMO.format(url=gateway), encoding="utf-8")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "marimo",
        "run",
        "traced.py",
        "--headless",
        "--no-token",
        "-p",
        str(port),
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"http://127.0.0.1:{port}/")
        expect(page.locator("body")).to_contain_text("in marimo", timeout=60_000)
        expect(page.locator("body")).to_contain_text("2 calls")
        expect(page.locator("body")).to_contain_text("hello <b>there</b>")
        expect_no_failure(page)
        own = (f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}", "data:", "blob:")
        assert [url for url in requests if not url.startswith(own)] == []
        page.screenshot(path=shot_path("host-marimo"))
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} did not answer")


def test_terminal(gateway: str, tmp_path: Path) -> None:
    """IPython in a terminal: a tree of text, no markup, no control characters of the model's."""
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor", "-i"],
        input=cell_by_cell(load(gateway), THREE),
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(tmp_path), "HOME": str(tmp_path)},
        cwd=tmp_path,
        timeout=120,
        check=False,
    )
    out = done.stdout
    assert "trio" in out, out + done.stderr
    assert "3 calls" in out
    assert "█" in out
    assert "Question 2: what is a" in out
    assert "<table" not in out
    assert "application/vnd" not in out
    assert "Traceback" not in out


def cell_by_cell(setup: str, cell: str) -> str:
    """Lines for a prompt, which takes one statement at a time and ends a cell at an empty line."""
    load_ext, rest = setup.split("\n", 1)
    return f"{load_ext}\nexec({rest!r})\n{cell}\n\n\nexit\n"


def shot_path(name: str) -> Path:
    from .jupyter import SHOTS

    SHOTS.mkdir(exist_ok=True)
    return SHOTS / f"{name.lower()}.png"


def test_the_focus_is_not_taken(page: Page) -> None:
    """A view that appears leaves the focus where it was."""
    open_widget(page, wire_of(captures.churn_agent()))
    assert not active_element(page)["inView"]
