"""Hosts that have no server of ours: what few views need comes from the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from nbext.display.hosts import HOSTS
from tests.contract import captures

from .pages import open_alone, wire_of
from .test_hosts import shot_path

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("name", ["vscode", "colab", "databricks"])
def test_what_few_views_need_comes_from_the_kernel(page: Page, name: str) -> None:
    """The second part of the viewer: no server has it there, and no script of the page."""
    assert HOSTS[name].esm == "viewer"
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    frame, refused = open_alone(page, wire_of(captures.churn_agent()), host=name)
    tree = frame.locator(".nb-rows[role=treegrid]")
    expect(tree).to_be_visible()
    asked = "window.asked.filter((what) => what === 'more').length"
    inside = page.frames[1]
    assert inside.evaluate(asked) == 0
    tree.focus()
    tree.press("?")
    expect(frame.locator(".nb-help, [aria-label=Keys], .nb-keys").first).to_contain_text(
        "next, previous error"
    )
    assert inside.evaluate(asked) == 1
    # Once for the page: the detail has more of it, and is there at once.
    tree.press("?")
    frame.locator("[role=row]", has_text="chat").first.locator("b").first.click()
    frame.get_by_role("tab", name="Gateway").click()
    expect(frame.get_by_role("tabpanel")).to_contain_text("request")
    frame.get_by_role("button", name="Replay").click()
    expect(frame.locator(".nb-replay")).to_be_visible()
    assert inside.evaluate(asked) == 1
    assert frame.get_by_text("could not be loaded").count() == 0
    assert refused == []
    assert errors == []
    page.screenshot(path=shot_path(f"host-{name}-more"))
