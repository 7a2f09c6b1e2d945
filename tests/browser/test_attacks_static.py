"""The same attacks in the HTML that is read where nothing of ours runs: GitHub, nbconvert, not trusted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import nh3
import pytest

from nbext.display.compare.diff import diff_wires
from nbext.display.compare.static import compare_html
from nbext.display.frame.static import frame_html
from nbext.display.overview_static import overview_html
from nbext.display.static_html import html_of_wire

from .attacks import Watch, alone, joined, strings
from .test_attacks import WALK
from .test_attacks_kinds import frame, overview
from .test_hosts import GITHUB_ATTRIBUTES, GITHUB_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

SHORT = [text for text in strings() if len(text) < 5000]
MOST = 10_000_000


def trace_forms() -> Iterator[str]:
    yield html_of_wire(joined(strings(), "t"), max_bytes=MOST)
    # Long ones are cut, and what is cut in two must not open a tag either.
    yield html_of_wire(joined(strings(), "t"))


def call_forms() -> Iterator[str]:
    for text in strings():
        wire = alone(text, "c")
        yield html_of_wire(wire)
        wire["spans"][0]["call"].pop("server", None)
        yield html_of_wire(wire)


def other_forms() -> Iterator[str]:
    for text in SHORT:
        a, b = alone(text, "a"), alone(f"{text} b", "b")
        yield compare_html(a, b, (text, f"{text} b"), diff_wires(a, b), max_bytes=MOST)
        yield frame_html(frame(text, "f"))
        yield overview_html(overview(text, "o"))


@pytest.mark.parametrize("make", [trace_forms, call_forms, other_forms])
def test_attacks_in_every_field(page: Page, make: Any) -> None:
    forms = list(make())
    body = "".join(f"<section>{form}</section>" for form in forms)
    watched = Watch(page, {"": ("text/html; charset=utf-8", f"<!doctype html><body>{body}</body>")})
    watched.files["favicon.ico"] = ("image/x-icon", "")
    watched.open()
    assert len(strings()) >= 100
    # None ended the element it stands in, or the document.
    assert page.locator("body > *").count() == len(forms)
    assert page.locator("body > section").count() == len(forms)
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    page.add_script_tag(content=WALK.read_text())
    # `leak.invalid` in the page only as the words they are.
    assert page.evaluate("[...new Set(bad(document.body).filter((what) => what !== '<script>'))]") == []
    assert "leak.invalid" in page.inner_text("body")
    assert watched.happened() == {}
    assert watched.errors == []


@pytest.mark.parametrize("make", [trace_forms, call_forms, other_forms])
def test_a_sanitiser_finds_nothing_to_take_away(make: Any) -> None:
    """What GitHub lets through is all there is: no other tag, no other attribute."""
    for form in make():
        clean = nh3.clean(form, tags=GITHUB_TAGS, attributes=GITHUB_ATTRIBUTES, link_rel=None)
        assert bare(clean.replace("\xa0", "&nbsp;")) == bare(form)


def bare(html: str) -> str:
    """Without what every parser adds: the body of a table, the empty value of an attribute."""
    return re.sub(r"</?tbody>|(?<= open)=\"\"", "", html)
