"""Every key of the view does what its list says, and none of them reaches the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from nbext.display.bundle import mime_bundle
from nbext.display.hosts import HOSTS
from tests.contract import captures

from .jupyter import notebook
from .pages import open_widget, wire_of
from .view import View, active_element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from .jupyter import Notebook, Server

_NOTEBOOK = """() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  return {
    active: content.activeCellIndex,
    mode: content.mode,
    cells: [...content.model.cells].map((cell) => `${cell.id} ${cell.type} ${cell.sharedModel.getSource()}`),
    dialogs: document.querySelectorAll('.jp-Dialog').length,
  };
}"""


@pytest.fixture
def book(server: Server, open_notebook: Callable[..., Notebook]) -> Iterator[Notebook]:
    content = notebook("x = 1", "# the agent ran here", "y = 2", "z = 3")
    bundle = mime_bundle(captures.churn_agent(), host=HOSTS["jupyter"])
    content["cells"][1]["outputs"] = [{"output_type": "display_data", "data": bundle, "metadata": {}}]
    server.write("keys.ipynb", content)
    server.trust("keys.ipynb")
    opened = open_notebook(server, "keys.ipynb")
    opened.wait_for_kernel()
    yield opened
    opened.page.goto("about:blank")
    server.stop_kernels()


@pytest.fixture
def view(book: Notebook) -> View:
    view = View(book.view(1))
    view.row("plan").locator("b").first.click()
    view.page.keyboard.press("Escape")
    expect(view.detail).to_have_count(0)
    view.tree.focus()
    return view


def name(view: View) -> str:
    return str(view.selected.locator("b").first.text_content())


def press(view: View, *keys: str) -> None:
    for key in keys:
        view.page.keyboard.press(key)


def test_moving(view: View) -> None:
    press(view, "Home")
    expect(view.selected.locator("b").first).to_have_text("churn_agent")
    press(view, "ArrowDown")
    expect(view.selected.locator("b").first).to_have_text("plan")
    press(view, "ArrowUp")
    expect(view.selected.locator("b").first).to_have_text("churn_agent")
    press(view, "End")
    expect(view.selected.locator("b").first).to_have_text("notify")
    press(view, "PageUp")
    assert name(view) != "notify"
    press(view, "PageDown")
    expect(view.selected.locator("b").first).to_have_text("notify")
    # Left: a leaf's parent, then folded, then its own parent. Right: unfolded, then the first child.
    press(view, "ArrowLeft")
    expect(view.selected.locator("b").first).to_have_text("save_note")
    press(view, "ArrowLeft")
    expect(view.selected).to_have_attribute("aria-expanded", "false")
    press(view, "ArrowLeft")
    expect(view.selected.locator("b").first).to_have_text("write")
    press(view, "ArrowRight")
    expect(view.selected.locator("b").first).to_have_text("read_style")
    active = view.tree.get_attribute("aria-activedescendant")
    assert active
    assert view.find(f'[id="{active}"][aria-selected=true]').count() == 1


def test_folding(view: View) -> None:
    press(view, "Home")
    rows = view.rows.count()
    press(view, " ")
    expect(view.selected).to_have_attribute("aria-expanded", "false")
    assert view.rows.count() == 1
    press(view, " ")
    expect(view.rows).to_have_count(rows)
    press(view, "[")
    fewer = view.rows.count()
    assert fewer < rows
    press(view, "[")
    assert view.rows.count() < fewer
    press(view, "]", "]", "]")
    expect(view.rows).to_have_count(rows)


def test_detail_and_back(view: View) -> None:
    press(view, "Home", "ArrowDown", "ArrowDown", "Enter")
    expect(view.detail).to_be_visible()
    view.page.wait_for_function(
        "document.activeElement?.shadowRoot?.activeElement?.getAttribute('role') === 'tab'"
    )
    press(view, "ArrowRight")
    expect(view.detail.get_by_role("tab", name="Attempts")).to_have_attribute("aria-selected", "true")
    press(view, "Escape")
    assert active_element(view.page)["role"] == "treegrid"
    expect(view.detail).to_be_visible()
    press(view, "Escape")
    expect(view.detail).to_have_count(0)


def test_find(view: View) -> None:
    press(view, "/")
    assert active_element(view.page)["label"] == "Find in trace"
    view.page.keyboard.type("run_sql")
    status = view.find(".nb-find [role=status]")
    expect(status).to_contain_text("match")
    press(view, "Enter")
    expect(status).to_contain_text("1 of")
    first = view.selected.get_attribute("aria-rowindex")
    press(view, "Enter")
    expect(status).to_contain_text("2 of")
    view.tree.focus()
    press(view, "N")
    expect(view.selected).to_have_attribute("aria-rowindex", str(first))
    press(view, "n")
    expect(status).to_contain_text("2 of")
    press(view, "Escape")
    expect(view.find(".nb-find input")).to_have_value("")
    assert active_element(view.page)["role"] == "treegrid"
    # The rows are virtual: the browser's own search would miss most of them.
    press(view, "Control+f")
    assert active_element(view.page)["label"] == "Find in trace"


def test_errors(view: View) -> None:
    press(view, "Home", "e")
    expect(view.selected).to_contain_text("TABLE_OR_VIEW_NOT_FOUND")
    press(view, "Home", "E")
    expect(view.selected).to_contain_text("TABLE_OR_VIEW_NOT_FOUND")


def test_time(view: View) -> None:
    axis = view.find(".nb-axis")
    whole = axis.text_content()
    press(view, "Home", "ArrowDown", "+")
    expect(view.find(".nb-map .win.part")).to_have_count(1)
    near = axis.text_content()
    assert near != whole
    press(view, ">", ">")
    assert axis.text_content() != near or view.find(".nb-map .win").get_attribute("style")
    style = view.find(".nb-map .win").get_attribute("style")
    press(view, "<")
    expect(view.find(".nb-map .win")).not_to_have_attribute("style", str(style))
    press(view, "-", "-", "-")
    expect(view.find(".nb-map .win.part")).to_have_count(0)
    press(view, "f")
    expect(view.find(".nb-map .win.part")).to_have_count(1)
    press(view, "f")
    expect(view.find(".nb-map .win.part")).to_have_count(0)


def test_critical_path_and_keys(view: View) -> None:
    marks = view.find(".nb-row .crit")
    assert marks.count() > 0
    press(view, "p")
    expect(marks).to_have_count(0)
    press(view, "p")
    assert marks.count() > 0
    press(view, "?")
    keys = view.find(".nb-help")
    expect(keys).to_be_visible()
    for key in ("Home", "PgUp", "Enter", "Space", "Esc", "[", "/", "n", "e", "+", "<", "f", "p", "?"):
        expect(keys.locator("kbd", has_text=key).first).to_be_visible()
    press(view, "Escape")
    expect(keys).to_have_count(0)
    assert active_element(view.page)["role"] == "treegrid"


# What JupyterLab's command mode takes: moving, cutting, deleting, inserting, changing, restarting.
COMMAND_MODE = [
    *("ArrowDown", "ArrowUp", "Home", "End", "PageDown", "PageUp", "Space", "j", "k"),
    *("d", "d", "0", "0", "i", "i", "a", "b", "x", "c", "v", "m", "y", "r", "z", "Shift+L", "1", "6"),
]


def test_no_key_reaches_the_notebook(book: Notebook, view: View) -> None:
    before: dict[str, Any] = book.page.evaluate(_NOTEBOOK)
    kernel = book.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    press(view, *COMMAND_MODE)
    view.page.keyboard.press("Enter")
    expect(view.detail).to_be_visible()
    press(view, "d", "d", "0", "0", "x", "ArrowDown")
    book.page.wait_for_timeout(300)
    assert book.page.evaluate(_NOTEBOOK) == before
    session = book.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    assert session == kernel
    # In the text of the search too.
    press(view, "/")
    view.page.keyboard.type("ddxx00")
    expect(view.find(".nb-find input")).to_have_value("ddxx00")
    assert book.page.evaluate(_NOTEBOOK) == before


def test_the_same_keys_outside_the_view_are_the_notebooks(book: Notebook) -> None:
    """So that the test above can fail: with the focus on a cell they change the notebook."""
    before: dict[str, Any] = book.page.evaluate(_NOTEBOOK)
    book.page.locator(".jp-Notebook .jp-Cell").nth(2).locator(".jp-InputPrompt").click()
    for key in ("d", "d"):
        book.page.keyboard.press(key)
    book.page.wait_for_function("window.jupyterapp.shell.currentWidget.content.model.cells.length === 3")
    assert book.page.evaluate(_NOTEBOOK) != before


def test_shift_enter_stays_the_notebooks(book: Notebook, view: View) -> None:
    assert book.page.evaluate(_NOTEBOOK)["active"] == 1
    press(view, "Shift+Enter")
    book.page.wait_for_function(
        "window.jupyterapp.shell.currentWidget.content.model.cells.get(1).executionCount !== null"
    )


def test_focus_is_kept_when_the_data_changes(page: Page) -> None:
    wire = {**wire_of(captures.churn_agent()), "state": "running"}
    wire.pop("ms", None)
    view = open_widget(page, wire)
    view.tree.focus()
    press(view, "Home", "ArrowDown", "ArrowDown", "ArrowDown")
    at = name(view)
    before = active_element(page)
    assert before["role"] == "treegrid"
    span = {
        "id": "f" * 16,
        "name": "late",
        "type": "TOOL",
        "at": 5,
        "ms": 4,
        "parent": wire["spans"][0]["id"],
    }
    for rev in (1, 2, 3):
        more = {**span, "id": f"{rev:016x}ff"}
        page.evaluate(
            "message => window.tell(message)",
            {"kind": "delta", "rev": rev, "now": 10_000 + rev, "state": "running", "spans": [more]},
        )
    expect(view.rows.filter(has_text="late")).to_have_count(3)
    assert active_element(page) == before
    assert name(view) == at
