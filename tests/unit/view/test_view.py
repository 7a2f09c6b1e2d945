"""A view in Python's hands: what the page selects is heard, what Python sets goes to the page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

import nbext
from nbext.display.widget import living_widget
from nbext.kernel.session import session
from nbext.model.call import Message, Part
from nbext.results.captured import Capture
from tests.contract import captures

from .conftest import Page

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def capture() -> Iterator[Capture]:
    made = Capture.of(captures.churn_agent())
    session.remember(made)
    yield made
    widget = living_widget(made)
    if widget is not None:
        widget.close()


def page_of(capture: Capture) -> Page:
    widget = living_widget(capture)
    assert widget is not None
    return Page(widget)


def test_a_click_is_observed(capture: Capture) -> None:
    view = nbext.view()
    assert view.capture is capture
    heard: list[Any] = []
    view.observe(lambda change: heard.append((change["name"], change["new"])))
    call = capture.calls[2]
    page = page_of(capture)
    page.set(selected=call.call_id)
    page.set(filter="search", visible=[call.call_id])
    assert heard == [("selected", call.call_id), ("filter", "search"), ("visible", [call.call_id])]
    assert view.call is call
    assert view.span is not None
    assert view.span.call is call
    tool = next(span for span in capture.spans if span.call is None)
    page.set(selected=tool.id)
    assert view.span.name == tool.name
    assert view.call is None
    page.set(selected=None)
    assert view.span is None


def test_what_python_sets_goes_to_the_page(capture: Capture) -> None:
    view = nbext.view(capture)
    view.selected = capture.calls[0].call_id
    view.filter = "error"
    widget = living_widget(capture)
    assert (widget.selected, widget.filter) == (capture.calls[0].call_id, "error")  # type: ignore[union-attr]
    # Two hands on one view.
    other = nbext.view(capture)
    assert other.selected == view.selected
    other.selected = None
    assert view.selected is None


def test_a_view_can_let_go(capture: Capture) -> None:
    view = nbext.view(capture)
    view.close()
    page_of(capture).set(selected=capture.calls[0].call_id)
    assert view.selected is None


def test_without_a_page_it_is_a_plain_object(capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBEXT_HOST", "terminal")
    view = nbext.view(capture)
    view.selected = capture.calls[0].call_id
    assert view.call is capture.calls[0]
    assert repr(view).startswith("<View of")
    assert repr(view).endswith("chat selected>")


def test_show_gives_the_view(capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    published: list[tuple[dict[str, Any], dict[str, Any]]] = []
    monkeypatch.setattr(
        "IPython.display.publish_display_data",
        lambda data, metadata=None, **more: published.append((data, more)),
    )
    view = capture.show()
    assert view.capture is capture
    assert list(published[0][0]) == ["application/vnd.nbext.trace.v1+json", "text/html", "text/plain"]
    monkeypatch.setenv("NBEXT_HOST", "vscode")
    capture.show()
    widget = published[1][0]["application/vnd.jupyter.widget-view+json"]
    assert widget["model_id"] == capture.id


def test_what_is_no_capture_is_said() -> None:
    with pytest.raises(LookupError, match="nothing was traced yet"):
        nbext.view()
    with pytest.raises(TypeError, match="expected a capture, got int"):
        nbext.view(3)  # type: ignore[arg-type]


def test_bytes_of_an_image_come_when_asked(capture: Capture) -> None:
    call = capture.calls[0]
    urls = ["data:image/png;base64," + base64.b64encode(byte * 5000).decode() for byte in (b"x", b"y")]
    content = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    call.request = {**(call.request or {}), "messages": [{"role": "user", "content": content}]}
    pictures = [Part("image", mime_type="image/png", size=5000) for _ in urls]
    call.messages.append(Message("user", [Part("text", "look"), *pictures]))
    nbext.view(capture)
    page = page_of(capture)
    wire = page.ask("snapshot")["wire"]
    part = next(span for span in wire["spans"] if span["id"] == call.call_id)["call"]["messages"][-1][
        "parts"
    ][1]
    assert len(str(part)) < 200
    place = {"span": call.call_id, "of": "messages", "message": len(call.messages) - 1, "part": 1}
    assert page.ask("media", place)["value"] == urls[0]
    assert page.ask("media", {**place, "part": 2})["value"] == urls[1]
    for wrong in (
        {},
        {**place, "part": 0},
        {**place, "part": 9},
        {**place, "of": "url"},
        {**place, "span": "x"},
        3,
    ):
        assert page.ask("media", wrong)["error"] == "The kernel does not hold these bytes."


def test_everything_that_was_cut_comes_with_a_snapshot(capture: Capture) -> None:
    """A page with a kernel asks for it of its own accord: there is nothing to press."""
    call = capture.calls[0]
    call.messages[-1].parts[-1].text = "long " * 100_000
    nbext.view(capture)
    wire = page_of(capture).ask("snapshot")["wire"]
    assert "cut" not in wire
    assert "long " * 100_000 in str(wire["spans"])


def test_the_second_script_comes_when_asked(capture: Capture) -> None:
    nbext.view(capture)
    assert len(page_of(capture).ask("more")["value"]) > 10_000
