"""JupyterLab and Notebook 7: live, reopened, restarted, not trusted, copied; never "model not found"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from nbext.display.pack import unpack

from .cells import ONE, THREE, load
from .jupyter import Notebook, notebook
from .view import View, expect_no_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from .jupyter import Server

MIME = "application/vnd.nbext.trace.v1+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def saved_chip(view: View) -> Any:
    return view.find(".nb-head .chip")


def run(book: Notebook) -> None:
    """Run the loading cell and the two traced ones, one after the other."""
    for i in range(3):
        book.run_cell(i)


def test_live(server: Server, open_notebook: Callable[..., Notebook], gateway: str) -> None:
    book = open_notebook(server, "live.ipynb", notebook(load(gateway), ONE, THREE))
    run(book)
    one, trio = View(book.view(1)), View(book.view(2))
    one.expect_drawn()
    trio.expect_drawn()
    assert book.view(1).count() == book.view(2).count() == 1
    expect(saved_chip(trio)).to_have_count(0)
    expect(trio.open("chat")).to_contain_text("what is a lakehouse")
    expect(one.open_call()).to_contain_text("Parquet")
    assert book.foreign_requests() == []
    expect_no_failure(book.page)


def executed(server: Server, open_notebook: Callable[..., Notebook], gateway: str, name: str) -> dict:
    """A notebook with the views of one call and of three, as the application saved it."""
    book = open_notebook(server, name, notebook(load(gateway), ONE, THREE))
    run(book)
    content = book.save()
    book.page.goto("about:blank")
    server.stop_kernels()
    return content


def test_reopened_without_a_kernel(
    server: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    content = executed(server, open_notebook, gateway, "gone.ipynb")
    # With either of the two an application starts some kernel for Python.
    content["metadata"] = {}
    server.write("gone-2.ipynb", content)
    server.trust("gone-2.ipynb")
    book = open_notebook(server, "gone-2.ipynb")
    book.without_kernel()
    one, trio = View(book.view(1)), View(book.view(2))
    one.expect_drawn()
    trio.expect_drawn()
    expect(saved_chip(trio)).to_have_text("saved")
    expect(trio.open("chat")).to_contain_text("what is a lakehouse")
    trio.tree.press("ArrowDown")
    expect(trio.selected).to_have_attribute("aria-rowindex", "2")
    expect(one.open_call()).to_contain_text("Parquet")
    assert server.api("sessions") == [] or all(not s.get("kernel") for s in server.api("sessions"))
    book.shot(f"host-{server.app}-no-kernel")
    assert book.foreign_requests() == []
    expect_no_failure(book.page)


def test_kernel_restarted_under_the_open_page(
    server: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    book = open_notebook(server, "restarted.ipynb", notebook(load(gateway), ONE, THREE))
    run(book)
    trio = View(book.view(2))
    expect(saved_chip(trio)).to_have_count(0)
    book.restart_kernel()
    expect(saved_chip(trio)).to_have_text("saved", timeout=30_000)
    expect(trio.open("chat")).to_contain_text("what is a lakehouse")
    View(book.view(1)).expect_drawn()
    expect_no_failure(book.page)
    run(book)
    trio = View(book.view(2))
    expect(saved_chip(trio)).to_have_count(0)
    trio.expect_drawn()
    expect_no_failure(book.page)


PLANTED = '**bold** [a link](https://leak.invalid/page) <img src=x onerror="window.__hit=1">'


def test_untrusted(server: Server, open_notebook: Callable[..., Notebook], gateway: str) -> None:
    content = executed(server, open_notebook, gateway, "untrusted.ipynb")
    [output] = content["cells"][1]["outputs"]
    wire = unpack(output["data"][MIME])
    wire["spans"][0]["call"]["answers"] = [{"role": "assistant", "text": PLANTED}]
    output["data"][MIME] = wire
    # Changed on disk, so that its signature is none any more.
    server.write("untrusted-2.ipynb", content)
    book = open_notebook(server, "untrusted-2.ipynb")
    one, trio = View(book.view(1)), View(book.view(2))
    one.expect_drawn()
    expect(trio.find(".nb-note", has_text="Not a trusted notebook.")).to_be_visible()
    chat = one.open_call()
    # Read as words, not as markup; a link is not one that could be followed.
    expect(chat).to_contain_text("<img src=x onerror=")
    expect(chat.locator("b", has_text="bold")).to_have_count(1)
    assert one.find("a, img").count() == 0
    expect(trio.open("chat")).to_contain_text("what is a lakehouse")
    assert trio.find("button", has_text="Replay").count() == 0
    assert book.page.evaluate("window.__hit") is None
    assert [url for url in book.requests if "leak.invalid" in url] == []
    book.shot(f"host-{server.app}-untrusted")
    expect_no_failure(book.page)


def test_a_copy_beside_the_original_is_not_bound_to_its_kernel(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    book = open_notebook(lab, "original.ipynb", notebook(load(gateway), ONE, THREE))
    run(book)
    lab.write("copy.ipynb", book.save())
    lab.trust("copy.ipynb")
    book.command("docmanager:open", {"path": "copy.ipynb", "options": {"mode": "split-right"}})
    page = book.page
    page.wait_for_function("window.jupyterapp.shell.currentWidget?.title.label === 'copy.ipynb'")
    panels = page.locator(".jp-NotebookPanel")
    expect(panels).to_have_count(2)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.jp-NotebookPanel')]"
        ".every(panel => panel.querySelectorAll('.nbext-view').length === 2)"
    )
    original, copy = (View(panels.nth(i).locator(".nbext-view").nth(1)) for i in (0, 1))
    expect(saved_chip(copy)).to_have_text("saved")
    expect(saved_chip(original)).to_have_count(0)
    copy.row("chat").locator("b").first.click()
    expect(copy.detail).to_be_visible()
    expect(original.selected).to_have_count(0)
    book.shot("host-lab-copy-beside")
    expect_no_failure(page)
