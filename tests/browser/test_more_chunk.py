"""The labextension fetches its second chunk from beside its entry, once something needs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from .attacks import alone
from .pages import DRAW
from .test_attacks_kinds import overview

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

STATIC = Path(__file__).parents[2] / "renderers" / "labextension" / "static"
BASE = "http://lab.invalid/lab/extensions/nbext/static/"


def draw(page: Page, data: dict[str, Any], *, without: str = "") -> list[str]:
    fetched: list[str] = []

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(BASE)
        if not name.endswith(".js"):
            route.fulfill(content_type="text/html", body="<!doctype html><body></body>")
        elif without and name.startswith(without):
            route.fulfill(status=404, body="")
        else:
            fetched.append(name.split(".")[0])
            route.fulfill(content_type="text/javascript", body=(STATIC / name).read_text())

    page.route("**/*", answer)
    page.goto("http://lab.invalid/lab")
    page.add_script_tag(url=BASE + next(STATIC.glob("remoteEntry.*")).name)
    page.evaluate(DRAW, json.loads(json.dumps(data)))
    return fetched


def test_it_comes_with_the_first_view_that_needs_it(page: Page) -> None:
    fetched = draw(page, overview("main.t", "o"))
    expect(page.locator(".nb-overview")).to_be_visible()
    assert fetched == ["remoteEntry", "more"]


def test_a_plain_call_does_without(page: Page) -> None:
    wire = alone("hello", "c")
    del wire["spans"][0]["assessments"], wire["spans"][0]["call"]["server"], wire["joined"]
    fetched = draw(page, wire)
    page.locator(".nb-one .tog").click()
    expect(page.locator(".nb-one .nb-pane").first).to_be_visible()
    assert fetched == ["remoteEntry"]


def test_that_it_cannot_be_had_is_one_line(page: Page) -> None:
    draw(page, overview("main.t", "o"), without="more.")
    expect(page.locator(".nb-note")).to_contain_text("This part of the view could not be loaded.")
