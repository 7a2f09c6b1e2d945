"""Strings that run or load something where they are taken for more than text, and a page that notices."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page, Route

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "renderers" / "test" / "attacks"
ORIGIN = "http://view.invalid/"

# Whatever an attack can reach: its own mark, dialogs, windows, navigation, beacons.
_WATCH = """
const ran = console.debug.bind(console, 'ran');
window.__hit = ran;
for (const name of ['alert', 'confirm', 'prompt', 'open', 'print'])
  window[name] = () => ran(name);
navigator.sendBeacon = () => ran('sendBeacon');
document.addEventListener('submit', (e) => { e.preventDefault(); ran('submit'); }, true);
document.addEventListener('securitypolicyviolation', (e) => ran('csp', e.violatedDirective));
"""


def strings() -> list[str]:
    """All attack strings; long ones are stored as what they repeat."""
    stored = json.loads((CORPUS / "corpus.json").read_text())
    return [s if isinstance(s, str) else s["repeat"] * s["times"] + s["end"] for s in stored]


def wire_of(text: str, uid: str) -> dict[str, Any]:
    """Make a bundle that has `text` in every field a model, a server or user code can fill."""
    template = json.loads((CORPUS / "everywhere.json").read_text())
    wire: dict[str, Any] = _filled(template, text)
    wire["uid"] = uid
    for i, span in enumerate(wire["spans"]):
        span["id"] = f"{uid}-{i}"
        if "parent" in span:
            span["parent"] = f"{uid}-0"
    return wire


def joined(texts: list[str], uid: str) -> dict[str, Any]:
    """Make one trace of many: four spans for each text, below one root."""
    wires = [wire_of(text, f"{uid}{i}") for i, text in enumerate(texts)]
    root = {"id": uid, "name": "root", "type": "AGENT", "at": 0, "ms": 1000}
    spans = [root]
    for wire in wires:
        for span in wire["spans"]:
            spans.append({**span, "trace": "t", "parent": span.get("parent", uid)})
    return {**wires[0], "uid": uid, "spans": sorted(spans, key=lambda s: s["at"])}


def alone(text: str, uid: str) -> dict[str, Any]:
    """Make a bundle of one call."""
    wire = wire_of(text, uid)
    return {**wire, "spans": wire["spans"][:1]}


def _filled(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return value.replace("@", text)
    if isinstance(value, list):
        return [_filled(v, text) for v in value]
    if isinstance(value, dict):
        return {k.replace("@", text): _filled(v, text) for k, v in value.items()}
    return value


@dataclass
class Watch:
    """A page whose every request but its own files is refused and written down."""

    page: Page
    files: dict[str, tuple[str, str]]
    requests: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self) -> Watch:
        """Load the page; `files` maps paths to content type and text, "" being the document."""
        self.page.add_init_script(_WATCH)
        self.page.route("**/*", self._answer)
        self.page.on("dialog", lambda dialog: (self.seen.append("dialog"), dialog.dismiss()))
        self.page.on("popup", lambda popup: self.seen.append(f"popup {popup.url}"))
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("download", lambda _: self.seen.append("download"))
        self.page.goto(ORIGIN)
        return self

    def _heard(self, message: ConsoleMessage) -> None:
        # Told at once: an attack may take the page, and all it holds, away.
        if message.text.startswith("ran"):
            self.ran.append(message.text)

    def _answer(self, route: Route) -> None:
        url = route.request.url
        known = self.files.get(url.removeprefix(ORIGIN)) if url.startswith(ORIGIN) else None
        if known is None:
            self.requests.append(url)
            route.abort()
        else:
            route.fulfill(content_type=known[0], body=known[1])

    def happened(self) -> dict[str, list[str]]:
        """What got through, by kind; only kinds with something in them."""
        self.page.wait_for_timeout(100)
        frames = [frame.url for frame in self.page.frames[1:]]
        moved = [] if self.page.url == ORIGIN else [self.page.url]
        found = {
            "ran": self.ran,
            "requests": self.requests,
            "seen": self.seen,
            "frames": frames,
            "moved": moved,
        }
        return {kind: what for kind, what in found.items() if what}
