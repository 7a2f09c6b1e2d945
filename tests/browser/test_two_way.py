"""Page and kernel, both ways: clicks are heard in Python, Python steers the page, a call is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .cells import THREE, load
from .jupyter import notebook
from .view import View, expect_no_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from .jupyter import Notebook, Server

WATCH = """import nbext
heard = []
view = nbext.view()
view.observe(lambda change: heard.append(change["new"]), "selected")"""
HEARD = (
    "print('heard', len(heard), heard[-1] == nbext.last.calls[1].call_id, view.call is nbext.last.calls[1])"
)
STEER = "view.selected = nbext.last.calls[2].call_id; print('filtered by', repr(view.filter))"
TABLE = "calls = nbext.calls_df()\ncalls.gateway.show()"
PICKED = "print('picked', len(calls.gateway.filtered), calls.gateway.code, *calls.gateway.selected.prompt)"
PICTURE = """%%gateway_trace
import base64, struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
import os
raw = b"".join(b"\\0" + os.urandom(90) for _ in range(30))
png = b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 30, 30, 8, 2, 0, 0, 0))
png += chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
url = "data:image/png;base64," + base64.b64encode(png).decode()
parts = [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}]
seen = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])"""
AGAIN = "%gateway_trace diff"


def printed(book: Notebook, cell: int, words: str) -> None:
    expect(book.output(cell).first).to_contain_text(words, timeout=30_000)


def test_clicks_are_heard_and_python_steers(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    book = open_notebook(lab, "two-way.ipynb", notebook(load(gateway), THREE, WATCH, HEARD, STEER))
    for cell in (0, 1, 2):
        book.run_cell(cell)
    view = View(book.view(1))
    view.expect_drawn()
    view.rows.nth(1).locator("b").first.click()
    expect(view.detail).to_contain_text("Question 1")
    book.run_cell(3)
    printed(book, 3, "heard 1 True True")
    book.run_cell(4)
    printed(book, 4, "filtered by ''")
    expect(view.rows.nth(2)).to_have_attribute("aria-selected", "true")
    expect(view.detail).to_contain_text("Question 2")
    expect_no_failure(book.page)


def test_a_frame_is_filtered_and_picked_from(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    book = open_notebook(lab, "frame.ipynb", notebook(load(gateway), THREE, WATCH, TABLE, PICKED))
    for cell in (0, 1, 2, 3):
        book.run_cell(cell)
    table = View(book.view(3))
    grid = table.find(".nb-grid")
    expect(grid).to_be_visible()
    expect(table.find(".nb-code")).to_contain_text("calls")
    rows = grid.locator("tbody tr[aria-rowindex]")
    expect(rows).to_have_count(3)
    rows.nth(2).click()
    expect(table.find(".nb-detail")).to_contain_text("Question 2")
    book.shot("frame-lab", 3)
    table.find("thead input").last.fill("question 2")
    expect(rows).to_have_count(1)
    expect(table.find(".nb-code")).to_contain_text("question 2")
    # The kernel hears of it when typing has paused.
    book.page.wait_for_timeout(800)
    book.run_cell(4)
    printed(book, 4, "picked 1 calls[calls.prompt.str.contains")
    printed(book, 4, "Question 2")
    expect_no_failure(book.page)


def test_a_call_is_sent_again_from_the_page(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    told = "again = nbext.last.replays[0]\nprint('replayed', again.calls[0].prompt, len(nbext.last))"
    book = open_notebook(lab, "replay.ipynb", notebook(load(gateway), THREE, WATCH, told))
    for cell in (0, 1, 2):
        book.run_cell(cell)
    view = View(book.view(1))
    view.open("chat")
    view.detail.get_by_role("button", name="Replay").click()
    form = view.find(".nb-replay")
    expect(form).to_be_visible()
    form.get_by_role("button", name="Edit").click()
    form.locator("textarea").last.fill("Why is the sky blue?")
    form.get_by_role("button", name="Run").click()
    expect(form.locator(".nb-sides")).to_contain_text("original", timeout=30_000)
    expect(form.locator("[aria-live]")).to_have_attribute("aria-busy", "false", timeout=30_000)
    book.shot("replay-lab", 1)
    # The trace itself stays as it was.
    expect(view.find(".nb-head").first).to_contain_text("3 calls")
    book.run_cell(3)
    printed(book, 3, "replayed Why is the sky blue? 3")
    expect_no_failure(book.page)


def test_a_call_is_sent_again_from_the_table_of_a_frame(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    told = "print('replayed', nbext.last.replays[0].calls[0].prompt, len(calls))"
    book = open_notebook(lab, "frame-replay.ipynb", notebook(load(gateway), THREE, WATCH, TABLE, told))
    for cell in (0, 1, 2, 3):
        book.run_cell(cell)
    table = View(book.view(3))
    table.find("tbody tr[aria-rowindex]").nth(1).click()
    table.detail.get_by_role("button", name="Replay").click()
    form = table.find(".nb-replay")
    form.get_by_role("button", name="Edit").click()
    form.locator("textarea").last.fill("Why is the sky blue?")
    form.get_by_role("button", name="Run").click()
    expect(form.locator(".nb-sides")).to_contain_text("original", timeout=30_000)
    expect(form.locator("[aria-live]")).to_have_attribute("aria-busy", "false", timeout=30_000)
    expect(table.find("tbody tr[aria-rowindex]")).to_have_count(3)
    book.shot("frame-replay-lab", 3)
    book.run_cell(4)
    printed(book, 4, "replayed Why is the sky blue? 3")
    expect_no_failure(book.page)


MANY = """%%gateway_trace
replies = await asyncio.gather(*(asked(f"Question {n}: what is a lakehouse?") for n in range(24)))"""


@pytest.mark.parametrize("place", ["top", "bottom"])
def test_the_first_press_counts_wherever_the_notebook_scrolls_to(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str, place: str
) -> None:
    """A press into a cell makes it the active one, and the notebook may bring it into sight."""
    more = [f"print('cell {i}\\n' * 30)" for i in range(3)]
    book = open_notebook(lab, f"press-{place}.ipynb", notebook(load(gateway), *more, MANY, *more))
    for cell in range(8):
        book.run_cell(cell)
    view = View(book.view(4))
    row = view.rows.nth(12 if place == "top" else 4).locator("b").first
    row.evaluate("(el, place) => el.scrollIntoView({ block: place })", "start" if place == "top" else "end")
    # The last cell is the active one, out of sight.
    book.page.wait_for_timeout(500)
    box = row.bounding_box()
    assert box
    number = row.evaluate("el => el.closest('[role=row]').getAttribute('aria-rowindex')")
    book.page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    book.page.mouse.down()
    book.page.wait_for_timeout(150)
    book.page.mouse.up()
    expect(view.selected).to_have_attribute("aria-rowindex", number)
    expect(view.detail).to_be_visible()
    book.page.mouse.move(2, 2)


def test_two_runs_of_a_cell_are_drawn_side_by_side(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    book = open_notebook(lab, "compare.ipynb", notebook(load(gateway), THREE, AGAIN))
    for cell in (0, 1, 1, 2):
        book.run_cell(cell)
    compared = View(book.view(2))
    expect(compared.find(".nb-cmp")).to_be_visible(timeout=30_000)
    expect(compared.find(".nb-cmp")).to_contain_text("run 1")
    expect(compared.find(".nb-cmp")).to_contain_text("run 2")
    expect(compared.rows).to_have_count(3)
    book.shot("compare-lab", 2)
    expect_no_failure(book.page)


def test_the_bytes_of_an_image_come_at_a_press(
    lab: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    book = open_notebook(lab, "image.ipynb", notebook(load(gateway), PICTURE))
    for cell in (0, 1):
        book.run_cell(cell)
    view = View(book.view(1))
    chat = view.open_call()
    chat.get_by_role("button", name="Show image").click()
    image = chat.locator("img.nb-image")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.naturalWidth") == 30
    assert "naturalWidth" not in str(book.save()["cells"][1]["outputs"])
    assert book.foreign_requests() == []
