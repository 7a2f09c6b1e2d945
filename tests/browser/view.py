"""A view in a page, driven as a person would: rows are pressed, tabs chosen, words read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

# What a host or a widget shows in the place of a view that cannot be drawn.
FAILURES = ("model not found", "Loading widget", "cannot be drawn", "Error displaying widget")

# A colour as red, green, blue, whatever the notation: the page itself paints it.
_PAINT = """colour => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d');
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""


class View:
    """A drawn view.

    Parameters
    ----------
    host : Locator
        The element ``.nbext-view``; what is in its shadow root is found through it.
    """

    def __init__(self, host: Locator) -> None:
        self.host = host

    @property
    def page(self) -> Page:
        return self.host.page

    def find(self, selector: str, **which: Any) -> Locator:
        return self.host.locator(selector, **which)

    @property
    def tree(self) -> Locator:
        return self.find(".nb-rows[role=treegrid]")

    @property
    def rows(self) -> Locator:
        return self.tree.get_by_role("row")

    @property
    def detail(self) -> Locator:
        return self.find(".nb-detail")

    def row(self, words: str) -> Locator:
        return self.rows.filter(has_text=words).first

    @property
    def selected(self) -> Locator:
        return self.tree.locator("[role=row][aria-selected=true]")

    def open(self, words: str) -> Locator:
        """Press a row; gives the detail pane."""
        row = self.row(words)
        row.locator("b").first.click()
        expect(row).to_have_attribute("aria-selected", "true")
        expect(self.detail).to_be_visible()
        return self.detail

    def tab(self, word: str) -> Locator:
        """Choose a tab of the detail; gives its pane."""
        tab = self.detail.get_by_role("tab", name=word)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        return self.detail.get_by_role("tabpanel")

    def open_call(self) -> Locator:
        """Open the view of one call; gives its chat."""
        self.find(".nb-one").click()
        expect(self.find(".nb-one .nb-pane")).to_be_visible()
        return self.find(".nb-one .nb-pane")

    def fold(self, words: str) -> None:
        """Press the chevron of a row."""
        self.row(words).locator(".fold").first.click()

    def text(self) -> str:
        """All its words. Also of a view out of sight, where a notebook leaves painting out."""
        return str(self.host.evaluate("host => host.shadowRoot.querySelector('.nb').textContent"))

    def colour(self, selector: str, what: str) -> tuple[int, int, int]:
        """A computed colour, as red, green, blue."""
        value = self.find(selector).first.evaluate("(el, what) => getComputedStyle(el)[what]", what)
        red, green, blue = self.page.evaluate(_PAINT, value)
        return red, green, blue

    def expect_drawn(self) -> None:
        """Drawn with words in it, and nothing that stands for a failure."""
        expect(self.host).to_be_visible()
        expect(self.find(".nb-head").first).to_be_visible()
        text = self.text()
        assert text.strip(), "an empty box"
        assert not [words for words in FAILURES if words in text]


def views(page: Page, within: str = "") -> list[View]:
    """All views of a page, from top to bottom."""
    return [View(host) for host in page.locator(f"{within} .nbext-view".strip()).all()]


def expect_no_failure(page: Page) -> None:
    """Nothing anywhere in the page says that a model or a renderer was not found."""
    text = page.evaluate("document.body.innerText")
    assert not [words for words in FAILURES if words in text]


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance as WCAG defines it, 0 to 1."""

    def linear(c: float) -> float:
        c /= 255
        return c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Contrast ratio of two colours as WCAG defines it, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def active_element(page: Page) -> dict[str, Any]:
    """What has the focus, through shadow roots: its tag, role, label and whether it is in a view."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => {
          let el = document.activeElement, inView = false;
          while (el?.shadowRoot?.activeElement) {
            inView = inView || el.matches('.nbext-view');
            el = el.shadowRoot.activeElement;
          }
          return { tag: el?.localName ?? '', role: el?.getAttribute('role') ?? '',
                   label: el?.getAttribute('aria-label') ?? '', inView };
        }"""
    )
