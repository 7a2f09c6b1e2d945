"""Nothing a model, a server or a file can write runs in the page, and no request leaves it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .attacks import Watch, alone, joined, strings
from .pages import DRAW, SCRIPTS, WIDGET, inert

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
PAGE_JS = ROOT / "nbext" / "static" / "page.js"
VIEWER_JS = ROOT / "nbext" / "static" / "viewer.js"
MORE_JS = ROOT / "nbext" / "static" / "more.js"
LAB = ROOT / "renderers" / "labextension" / "static"
WALK = Path(__file__).with_name("attack_walk.js")

# Four spans each, and a step through all tabs of each: in parts, so that they share the cores.
PARTS = 6


def document(wires: list[dict[str, Any]]) -> str:
    """Make a page as `Capture.to_html` does: data in inert script elements, the viewer after them."""
    data = "".join(
        f'<script type="application/json" id="nbext-{i}">{inert(wire)}</script>'
        for i, wire in enumerate(wires)
    )
    return f"<!doctype html><meta charset=utf-8><body>{data}{SCRIPTS}</body>"


def watch(page: Page, document: str, **scripts: Path) -> Watch:
    files = {
        name: ("text/javascript", path.read_text()) for name, path in {**scripts, "more_js": MORE_JS}.items()
    }
    watched = Watch(page, {"": ("text/html", document), "favicon.ico": ("image/x-icon", "")})
    watched.files.update({f"{name.replace('_', '.')}": file for name, file in files.items()})
    return watched.open()


def walk_trace(page: Page, watched: Watch, texts: int) -> None:
    """Look at everything a view of `joined` texts can show: nothing was read as markup, and nothing ran."""
    page.add_script_tag(content=WALK.read_text())
    walked = page.evaluate("walkTrace()")
    assert walked["found"] == []
    assert walked["spans"] == 1 + 4 * texts
    assert watched.happened() == {}
    assert watched.errors == []


def test_corpus_is_large() -> None:
    assert len(strings()) >= 100
    assert len(set(strings())) == len(strings())


def test_the_watch_notices(page: Page) -> None:
    """The same strings, put into a page as markup, run and send: so silence elsewhere says something."""
    watched = watch(page, "<!doctype html><body></body>")
    page.evaluate(
        """texts => { for (const text of texts) {
            const place = document.createElement('div');
            document.body.append(place);
            place.innerHTML = text;
        } }""",
        # Those that take the page away would end it for the others.
        [text for text in strings() if len(text) < 500 and "http-equiv" not in text],
    )
    # Images fail to load, and frames load, when they come to it.
    for _ in range(100):
        got = watched.happened()
        if len(got.get("ran", ())) > 5 and any("leak.invalid" in url for url in got.get("requests", ())):
            break
    assert len(got["ran"]) > 5
    assert any("leak.invalid" in url for url in got["requests"])


@pytest.mark.parametrize("part", range(PARTS))
def test_trace_with_attacks_in_every_field(page: Page, part: int) -> None:
    texts = strings()[part::PARTS]
    watched = watch(page, document([joined(texts, "w")]), page_js=PAGE_JS)
    walk_trace(page, watched, len(texts))


def test_one_call_with_attacks_in_every_field(page: Page) -> None:
    texts = strings()
    wires = [alone(text, f"one{i}") for i, text in enumerate(texts)]
    for wire in wires:
        # A joined call is drawn as the two ends of it, not in this small form.
        wire["spans"][0]["call"].pop("server", None)
    watched = watch(page, document(wires), page_js=PAGE_JS)
    page.add_script_tag(content=WALK.read_text())
    walked = page.evaluate("openCalls()")
    assert walked == {"views": len(texts), "open": len(texts), "found": []}
    assert watched.happened() == {}
    assert watched.errors == []


# Whether long ones are drawn as text does not depend on what the data came by; see above for those.
SHORT = [text for text in strings() if len(text) < 500]
HALVES = 2


def test_the_short_ones_are_many() -> None:
    assert len(SHORT) >= 100


@pytest.mark.parametrize("half", range(HALVES))
def test_widget_with_attacks_in_every_field(page: Page, half: int) -> None:
    texts = SHORT[half::HALVES]
    data = f'<script type="application/json" id="data">{inert(joined(texts, "w"))}</script>'
    watched = watch(
        page, f"<!doctype html><meta charset=utf-8><body>{data}{WIDGET}</body>", viewer_js=VIEWER_JS
    )
    page.wait_for_function(
        "document.querySelector('.nbext-view')?.shadowRoot.querySelector('[role=treegrid]')"
    )
    walk_trace(page, watched, len(texts))


@pytest.mark.parametrize("half", range(HALVES))
def test_mime_renderer_with_attacks_in_every_field(page: Page, half: int) -> None:
    """As JupyterLab draws a saved output, trusted: links and remote images are then offered."""
    texts = SHORT[half::HALVES]
    entry = next(LAB.glob("remoteEntry.*"))
    scripts = {file.name: ("text/javascript", file.read_text()) for file in LAB.glob("*.js")}
    document = f"<!doctype html><meta charset=utf-8><body><script src={entry.name}></script></body>"
    watched = Watch(page, {"": ("text/html", document), "favicon.ico": ("image/x-icon", ""), **scripts})
    watched.open()
    page.evaluate(DRAW, joined(texts, "m"))
    walk_trace(page, watched, len(texts))
