"""axe-core finds nothing; sizes of touch rows; reduced motion; a narrow output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.contract import captures

from .cells import ONE, THREE, load
from .jupyter import notebook
from .pages import (
    AXE,
    LAB,
    SCRIPTS,
    data,
    document,
    first_view,
    open_page,
    open_saved,
    open_widget,
    wire_of,
)
from .traces import agent_runs
from .view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

    from .jupyter import Notebook, Server

# WCAG 2.2 A and AA, and what axe's makers hold to be good practice inside a widget.
_RUN = """async () => {
  const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
  const found = await axe.run({ include: [['.nbext-view']] }, options);
  const where = (nodes) =>
    nodes.slice(0, 3).map((n) => `${n.target.flat().join(' ')} ${n.any[0]?.message ?? ''}`);
  return {
    violations: found.violations.map((v) => `${v.id}: ${where(v.nodes).join(' | ')}`),
    checked: found.passes.map((p) => p.id),
  };
}"""


def violations(page: Page) -> dict[str, Any]:
    page.evaluate(AXE.read_text("utf-8"))
    found: dict[str, Any] = page.evaluate(_RUN)
    # Where the body has no height axe checks no contrast, and then finds none that is too low.
    assert "color-contrast" in found["checked"]
    return found["violations"]  # type: ignore[no-any-return]


def one_folded(page: Page, theme: str) -> None:
    open_saved(page, wire_of(captures.one_call()), theme)


def one_open(page: Page, theme: str) -> None:
    open_saved(page, wire_of(captures.one_call()), theme).open_call()


def retried_open(page: Page, theme: str) -> None:
    open_saved(page, wire_of(captures.retries()), theme).open_call()


def blocked_folded(page: Page, theme: str) -> None:
    open_saved(page, wire_of(captures.guardrail()), theme)


def blocked_open(page: Page, theme: str) -> None:
    open_saved(page, wire_of(captures.policy()), theme).open_call()


def agent(page: Page, theme: str) -> None:
    open_saved(page, wire_of(captures.churn_agent()), theme)


def agent_with_detail(page: Page, theme: str) -> None:
    view = open_saved(page, wire_of(captures.churn_agent()), theme)
    view.find(".nb-row", has_text="2 attempts").first.locator("b").first.click()
    expect(view.detail).to_be_visible()


def agent_with_json(page: Page, theme: str) -> None:
    agent_with_detail(page, theme)
    first_view(page).tab("JSON")


def agent_narrow(page: Page, theme: str) -> None:
    page.set_viewport_size({"width": 440, "height": 900})
    agent_with_detail(page, theme)


def keys_listed(page: Page, theme: str) -> None:
    view = open_saved(page, wire_of(captures.churn_agent()), theme)
    view.tree.press("?")
    expect(view.find(".nb-help")).to_be_visible()


def live(page: Page, theme: str) -> None:
    made = captures.running()
    open_widget(page, wire_of(made), theme)


def live_many(page: Page, theme: str) -> None:
    wire = wire_of(captures.parallel())
    running = [{**span, "status": "running"} for span in wire["spans"][-20:]]
    for span in running:
        span.pop("ms", None)
    wire = {**wire, "state": "running", "spans": [*wire["spans"][:-20], *running]}
    wire.pop("ms", None)
    expect(open_widget(page, wire, theme).find(".nb-live")).to_be_visible()


def empty(page: Page, theme: str) -> None:
    body = data(wire_of(captures.empty()), "nbext-1") + SCRIPTS
    open_page(page, document(body, variables=LAB[theme], theme=theme))
    expect(page.locator(".nb-note")).to_be_visible()


def large(page: Page, theme: str) -> None:
    view = open_saved(page, agent_runs(10_000), theme)
    view.find(".nb-find input").fill("timeout")
    expect(view.find(".nb-find [role=status]")).to_contain_text("match")


STATES = [
    one_folded,
    one_open,
    retried_open,
    blocked_folded,
    blocked_open,
    agent,
    agent_with_detail,
    agent_with_json,
    agent_narrow,
    keys_listed,
    live,
    live_many,
    empty,
    large,
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing(page: Page, state: Callable[[Page, str], None], theme: str) -> None:
    state(page, theme)
    assert violations(page) == []


def test_axe_finds_nothing_in_a_notebook(
    server: Server, open_notebook: Callable[..., Notebook], gateway: str
) -> None:
    book = open_notebook(server, "axe.ipynb", notebook(load(gateway), ONE, THREE))
    for i in range(3):
        book.run_cell(i)
    View(book.view(2)).open("chat")
    View(book.view(1)).open_call()
    book.page.add_style_tag(content="body { height: 100vh; }")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        book.theme(theme)
        assert violations(book.page) == []


def test_rows_for_a_finger(browser: Browser) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 900, "height": 900})
    page = context.new_page()
    view = open_saved(page, wire_of(captures.churn_agent()))
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    heights = [row.evaluate("row => row.offsetHeight") for row in view.rows.all()[:5]]
    assert min(heights) >= 44
    view.rows.nth(2).tap()
    expect(view.detail).to_be_visible()
    context.close()


def test_reduced_motion(browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    open_widget(page, wire_of(captures.running()))
    moving = page.evaluate(
        """() => [...document.querySelector('.nbext-view').shadowRoot.querySelectorAll('*')]
          .flatMap(el => el.getAnimations())
          .filter(a => a.playState === 'running' && a.effect.getComputedTiming().duration > 1).length"""
    )
    assert moving == 0
    context.close()


def test_motion_says_that_a_call_runs(page: Page) -> None:
    """Where motion is wanted there is some: so that the test above can fail."""
    open_widget(page, wire_of(captures.running()))
    page.wait_for_function(
        """() => [...document.querySelector('.nbext-view').shadowRoot.querySelectorAll('*')]
          .flatMap(el => el.getAnimations()).length > 0"""
    )


def test_narrow_output_puts_the_name_over_the_bar(page: Page) -> None:
    page.set_viewport_size({"width": 440, "height": 900})
    view = open_saved(page, wire_of(captures.churn_agent()))
    row = view.row("search_docs")
    name, bar = row.locator(".name").bounding_box(), row.locator(".nb-fall").bounding_box()
    assert name
    assert bar
    assert bar["y"] >= name["y"] + name["height"] - 1
    assert view.find(".nb-map").is_hidden()
    overflow = view.find(".nb").evaluate("el => el.scrollWidth - el.clientWidth")
    assert overflow <= 0
