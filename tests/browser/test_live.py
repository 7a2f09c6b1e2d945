"""A view while its cell runs: it grows, many calls stand side by side, an interrupt leaves it right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .cells import SLOW_STREAM, load, many
from .jupyter import notebook
from .view import View, expect_no_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from .jupyter import Notebook, Server


def started(
    open_notebook: Callable[..., Notebook], server: Server, name: str, url: str, cell: str
) -> tuple[Notebook, View]:
    """Open a notebook, load the extension, start the cell; its view is there while it runs."""
    book = open_notebook(server, name, notebook(load(url), cell))
    book.run_cell(0)
    book.run_cell(1, wait=False)
    host = book.view(1)
    expect(host).to_be_visible(timeout=60_000)
    return book, View(host)


def running(book: Notebook) -> bool:
    return bool(
        book.page.evaluate(
            "() => [...window.jupyterapp.shell.currentWidget.content.model.cells]"
            ".some(cell => cell.executionState === 'running')"
        )
    )


def arrived(view: View, least: int) -> str:
    """Words of the answer so far, once at least `least` characters are there."""
    words = view.page.wait_for_function(
        """([host, least]) => {
          const text = host.shadowRoot.querySelector('.nb-prev .caret')?.parentElement.textContent ?? '';
          return text.length >= least && text;
        }""",
        arg=[view.host.element_handle(), least],
        timeout=60_000,
    )
    return str(words.json_value())


def test_a_stream_grows_under_the_running_cell(
    server: Server, open_notebook: Callable[..., Notebook], slow_gateway: str
) -> None:
    book, view = started(open_notebook, server, "grows.ipynb", slow_gateway, SLOW_STREAM)
    first = arrived(view, 20)
    assert running(book), "the text was seen only when the cell had ended"
    book.shot(f"live-{server.app}-stream", 1)
    more = arrived(view, len(first) + 10)
    assert running(book)
    assert more.startswith(first)
    assert "running" in view.text()
    book.wait_until_idle(120)
    expect(view.find(".nb-head")).not_to_contain_text("running")
    assert len(str(view.open_call().text_content())) > len(more)


def test_many_calls_show_the_live_view(
    server: Server, open_notebook: Callable[..., Notebook], slow_gateway: str
) -> None:
    book, view = started(open_notebook, server, "many.ipynb", slow_gateway, many(30))
    expect(view.find(".nb-live")).to_be_visible(timeout=60_000)
    expect(view.find(".nb-head")).to_contain_text("in flight")
    # Rows are those in flight and those that failed, in a box of fixed height.
    expect(view.find(".nb-live [role=row]").first).to_be_visible()
    height = view.find(".nb-live .nb-rows").bounding_box()["height"]  # type: ignore[index]
    assert running(book), "the live view came only when the cell had ended"
    book.shot(f"live-{server.app}-many", 1)
    assert view.find(".nb-live .nb-rows").bounding_box()["height"] == height  # type: ignore[index]
    book.wait_until_idle(180)
    expect(view.tree).to_be_visible()
    expect(view.find(".nb-head")).to_contain_text("30 calls")
    expect(view.find(".nb-head")).not_to_contain_text("in flight")


def test_an_interrupt_leaves_what_had_arrived(
    server: Server, open_notebook: Callable[..., Notebook], slow_gateway: str
) -> None:
    book, view = started(open_notebook, server, "interrupted.ipynb", slow_gateway, SLOW_STREAM)
    arrived(view, 20)
    book.command("notebook:interrupt-kernel")
    expect(view.find(".nb-head")).to_contain_text("interrupted", timeout=60_000)
    book.wait_until_idle()
    view.expect_drawn()
    chat = view.open_call()
    expect(view.find(".nb-one")).to_contain_text("You stopped it after")
    expect(view.find(".nb-one")).to_contain_text("kept")
    assert len(str(chat.text_content())) > 20
    assert "running" not in view.text()
    book.shot(f"live-{server.app}-interrupted", 1)
    saved = book.save()["cells"][1]["outputs"]
    wires = [o["data"] for o in saved if o["output_type"] == "display_data"]
    assert len(wires) == 1
    assert "interrupted" in "".join(wires[0]["text/plain"])
    expect_no_failure(book.page)
