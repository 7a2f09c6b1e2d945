"""axe-core finds nothing in the forms beside the trace: compare, overview, frame, join, replay, feedback."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

import nbext
from nbext.display.compare.payload import compare_payload
from nbext.display.frame.payload import frame_payload
from nbext.results.captured import Capture
from tests.contract import captures

from .attacks import alone
from .pages import LAB, SCRIPTS, WIDGET, data, document, first_view, open_page, open_saved, wire_of
from .test_access import violations
from .test_attacks_kinds import overview as every_overview
from .test_attacks_kinds import replay as every_replay
from .view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

WORD = "text of a field"


def payload(page: Page, made: dict[str, Any], theme: str) -> View:
    open_page(page, document(data(made, "nbext-1") + SCRIPTS, variables=LAB[theme], theme=theme))
    view = View(page.locator(".nbext-view").first)
    expect(view.find(".nb-head, .nb-code").first).to_be_visible()
    return view


def living(page: Page, made: dict[str, Any], theme: str) -> View:
    body = f"{data(made, 'data')}<script src=more.js></script>{WIDGET}"
    open_page(page, document(body, variables=LAB[theme], theme=theme))
    view = View(page.locator(".nbext-view").first)
    expect(view.find(".nb-head, .nb-code").first).to_be_visible()
    return view


def two_runs() -> dict[str, Any]:
    a, b = wire_of(captures.churn_agent()), wire_of(captures.churn_agent())
    b["uid"] = "b" * 16
    b["spans"] = [span for span in b["spans"] if span["name"] != "no_pii"]
    for span in b["spans"]:
        if span["name"] == "analyse":
            span["ms"] += 900
        for answer in span.get("call", {}).get("answers", ()):
            answer["text"] = f"In short: {answer.get('text', '')}"
    return compare_payload(a, b, ("run 3", "run 4"))


def compare(page: Page, theme: str) -> View:
    view = payload(page, two_runs(), theme)
    expect(view.find(".nb-cmp")).to_be_visible()
    return view


def compare_open(page: Page, theme: str) -> None:
    view = compare(page, theme)
    view.rows.last.locator("b").first.click()
    view.tree.press("N")
    expect(view.detail).to_be_visible()


def compare_side_by_side(page: Page, theme: str) -> None:
    compare_open(page, theme)
    first_view(page).find("button", has_text="Side by side").click()


def compare_menu(page: Page, theme: str) -> None:
    view = compare(page, theme)
    view.find(".nb-menu button").first.click()
    expect(view.find("[role=menu]")).to_be_visible()


def compare_narrow(page: Page, theme: str) -> None:
    page.set_viewport_size({"width": 440, "height": 900})
    compare_open(page, theme)


def overview(page: Page, theme: str) -> View:
    view = living(page, every_overview("main.llm.support_payload", "o" * 16), theme)
    expect(view.find(".nb-overview")).to_be_visible()
    return view


def overview_filtered(page: Page, theme: str) -> None:
    view = overview(page, theme)
    view.find("tbody tr").first.click()
    view.find("button", has_text="Show SQL").click()
    view.find(".nb-head .nb-menu button").first.click()
    expect(view.find("[role=menu]")).to_be_visible()


def frame_of(capture: Any) -> dict[str, Any]:
    made = Capture.of(capture)
    frame = nbext.calls_df(made)
    return frame_payload(
        frame,
        uid="f" * 16,
        name="calls",
        grain="calls",
        ids=list(frame["call_id"]),
        units={"duration_ms": "ms", "cost_usd": "$"},
        wire=wire_of(made),
        max_bytes=800_000,
    )


def frame(page: Page, theme: str) -> View:
    view = living(page, frame_of(captures.churn_agent()), theme)
    expect(view.find(".nb-df")).to_be_visible()
    return view


def frame_open(page: Page, theme: str) -> View:
    view = frame(page, theme)
    view.find("tbody tr[aria-rowindex]").first.click()
    expect(view.detail).to_be_visible()
    return view


def frame_replay(page: Page, theme: str) -> None:
    view = frame_open(page, theme)
    view.detail.get_by_role("button", name="Replay").click()
    expect(view.find(".nb-replay")).to_be_visible()


def joined(page: Page, theme: str) -> None:
    wire = alone(WORD, "j" * 16)
    view = open_saved(page, wire, theme)
    tab = view.find("[role=tab]", has_text="Gateway").first
    expect(tab).to_be_visible()
    tab.click()


def plain(wire: dict[str, Any]) -> dict[str, Any]:
    """Without the other end: a call that is drawn in the small form."""
    wire["spans"][0]["call"].pop("server", None)
    return {key: value for key, value in wire.items() if key != "joined"}


def feedback(page: Page, theme: str) -> None:
    view = living(page, plain(alone(WORD, "k" * 16)), theme)
    view.find(".nb-one").click()
    view.find("button[aria-label='Bad answer']").click()
    expect(view.find("textarea").first).to_be_visible()
    view.find(".nb-pill").first.click()


def replayed(page: Page, theme: str) -> None:
    view = payload(page, every_replay(WORD, "r" * 16), theme)
    expect(view.find(".nb-sides")).to_be_visible()


def replay_edited(page: Page, theme: str) -> None:
    view = living(page, every_replay(WORD, "r" * 16), theme)
    view.find("button", has_text=re.compile("^Edit$")).click()
    view.find(".nb-replay textarea").last.fill("other words")
    view.find("button", has_text="Compare whole call").click()
    expect(view.detail).to_be_visible()


def linked(page: Page, theme: str) -> None:
    wire = wire_of(captures.churn_agent())
    spans = wire["spans"]
    spans[4]["links"] = [{"trace": "t", "span": spans[2]["id"]}, {"trace": "ab" * 16, "span": "cd" * 8}]
    view = open_saved(page, wire, theme)
    view.row("2 links").locator("b").first.click()
    view.tab("Links")


def cut_short(page: Page, theme: str) -> None:
    wire = wire_of(captures.churn_agent())
    kept = [{**span, "cut": True} for span in wire["spans"]]
    view = living(page, {**wire, "spans": kept, "cut": {"spans": 3412, "bytes": 1_000_000}}, theme)
    view.open("gather")
    expect(view.find("button", has_text="Show all")).to_have_count(2)


def filters(page: Page, theme: str) -> None:
    view = open_saved(page, wire_of(captures.churn_agent()), theme)
    view.find(".nb-head .nb-menu button").first.click()
    view.find("[role=menuitem]", has_text="Filter").click()
    expect(view.find(".nb-filters, .nb-tools").first).to_be_visible()


def menu(page: Page, theme: str) -> None:
    view = open_saved(page, wire_of(captures.churn_agent()), theme)
    view.find(".nb-head .nb-menu button").first.click()
    expect(view.find("[role=menu]")).to_be_visible()


STATES = [
    compare,
    compare_open,
    compare_side_by_side,
    compare_menu,
    compare_narrow,
    overview,
    overview_filtered,
    frame,
    frame_open,
    frame_replay,
    joined,
    feedback,
    replayed,
    replay_edited,
    linked,
    cut_short,
    filters,
    menu,
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(page: Page, state: Callable[[Page, str], Any], theme: str) -> None:
    state(page, theme)
    assert violations(page) == []
