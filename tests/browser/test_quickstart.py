"""The notebook a newcomer runs, in a real JupyterLab and Notebook 7: looked at, saved, reopened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .jupyter import Notebook
from .view import View, contrast, expect_no_failure, luminance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "example_notebooks" / "quickstart.ipynb"

# Cells of the notebook by what they are about, so that a new one does not shift the tests.
CELLS = {
    "one call": "Why can two jobs write",
    "stream": "Where do I look first?",
    "agent": "support agent",
    "fifty": "asyncio.gather",
    "retry": "demo-429-then-ok",
    "guardrail": "demo-guardrail",
}
MIME = "application/vnd.nbext.trace.v1+json"


def blank() -> dict:
    content = json.loads(QUICKSTART.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return content


def cell_of(name: str) -> int:
    cells = json.loads(QUICKSTART.read_text(encoding="utf-8"))["cells"]
    found = [i for i, cell in enumerate(cells) if CELLS[name] in "".join(cell["source"])]
    assert len(found) == 1, f"{CELLS[name]!r} is in {len(found)} cells of the quickstart"
    return found[0]


def fresh_page(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.set_default_timeout(30_000)
    return page


@pytest.fixture(scope="module", params=["lab", "notebook"])
def ran(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Notebook]:
    """The notebook after all its cells have run, its page still open."""
    server = request.getfixturevalue("lab" if request.param == "lab" else "notebook7")
    server.write("quickstart.ipynb", blank())
    page = fresh_page(browser)
    notebook = Notebook(page, server, "quickstart.ipynb").open()
    notebook.run_all(180)
    yield notebook
    page.context.close()
    server.stop_kernels()


def view_of(notebook: Notebook, name: str) -> View:
    host = notebook.view(cell_of(name))
    expect(host).to_have_count(1)
    host.scroll_into_view_if_needed()
    return View(host)


@pytest.mark.parametrize("name", CELLS)
def test_every_traced_cell_has_its_view(ran: Notebook, name: str) -> None:
    view = view_of(ran, name)
    view.expect_drawn()
    ran.shot(f"quickstart-{ran.server.app}-{name}", cell_of(name))


def test_no_cell_failed_and_no_request_left(ran: Notebook) -> None:
    saved = ran.save()
    outputs = [output for cell in saved["cells"] for output in cell.get("outputs", ())]
    assert [o["evalue"] for o in outputs if o["output_type"] == "error"] == []
    assert sum(MIME in o.get("data", {}) for o in outputs) >= len(CELLS)
    assert ran.foreign_requests() == []
    expect_no_failure(ran.page)


def test_the_chat_of_one_call_is_read(ran: Notebook) -> None:
    view = view_of(ran, "one call")
    folded = view.text()
    assert "1 call" in folded
    assert "Why can two jobs write to one Delta table at once?" in folded
    pane = view.open_call()
    expect(pane).to_contain_text("A Delta table is a folder of Parquet files")
    expect(view.find(".nb-foot")).to_contain_text("request")
    ran.shot(f"quickstart-{ran.server.app}-one-call-open", cell_of("one call"))


def test_the_tree_is_pressed_and_a_span_opens(ran: Notebook) -> None:
    view = view_of(ran, "agent")
    count = view.rows.count()
    assert count >= 4
    view.rows.nth(1).locator("b").first.click()
    expect(view.detail).to_be_visible()
    messages = view.tab("Messages")
    expect(messages).to_contain_text("find_customer")
    expect(messages).to_contain_text("charged twice")
    expect(view.tab("Attempts")).to_contain_text("200")
    expect(view.tab("JSON")).to_contain_text("choices")
    view.tab("Messages")
    ran.shot(f"quickstart-{ran.server.app}-agent-detail", cell_of("agent"))


def test_attempts_of_the_repeated_call(ran: Notebook) -> None:
    view = view_of(ran, "retry")
    assert "attempts" in view.text()
    view.open_call()
    expect(view.find(".nb-one")).to_contain_text("429")


def test_the_block_is_told_in_words(ran: Notebook) -> None:
    view = view_of(ran, "guardrail")
    text = view.text()
    assert "blocked" in text
    assert "Blocked before the model saw it" in text
    # What was sent may hold personal data: only the gateway's masked copy is there.
    assert "4111 1111" not in text
    assert "CREDIT_CARD" in text


def test_views_follow_the_theme(ran: Notebook) -> None:
    view = view_of(ran, "agent")
    papers = {}
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        ran.theme(theme)
        paper = view.colour(".nb", "backgroundColor")
        ink = view.colour(".nb-head h3", "color")
        papers[theme] = luminance(paper)
        assert contrast(paper, ink) > 7, theme
        ran.shot(f"quickstart-{ran.server.app}-{theme}", cell_of("agent"))
    assert papers["JupyterLab Dark"] < 0.05
    assert papers["JupyterLab Light"] > 0.9


@pytest.fixture
def reopened(ran: Notebook, browser: Browser) -> Iterator[Notebook]:
    """The saved notebook, opened again after its kernel was shut down."""
    content = ran.save()
    name = "reopened.ipynb"
    ran.server.write(name, content)
    ran.server.stop_kernels()
    page = fresh_page(browser)
    # The file was written by a hand that the server does not know: it would not be trusted.
    ran.server.trust(name)
    yield Notebook(page, ran.server, name).open()
    page.context.close()
    ran.server.stop_kernels()


def test_saved_and_reopened_it_is_still_interactive(reopened: Notebook) -> None:
    app = reopened.server.app
    for name in CELLS:
        view_of(reopened, name).expect_drawn()
    expect_no_failure(reopened.page)

    agent = view_of(reopened, "agent")
    expect(agent.find(".nb-head .chip")).to_have_text("saved")
    agent.rows.nth(1).locator("b").first.click()
    expect(agent.tab("Messages")).to_contain_text("find_customer")
    reopened.shot(f"reopened-{app}-agent", cell_of("agent"))

    fifty = view_of(reopened, "fifty")
    fifty.tree.focus()
    reopened.page.keyboard.press("End")
    expect(fifty.selected).to_be_visible()
    expect(view_of(reopened, "one call").open_call()).to_contain_text("Parquet")
    assert reopened.foreign_requests() == []
    expect_no_failure(reopened.page)
