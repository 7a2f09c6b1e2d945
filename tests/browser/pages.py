"""Pages that imitate a host: its theme variables, an output, the built viewer in it, and no network."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbext.display.wire import whole_wire

from .view import View, views

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page

    from nbext.model.capture import Capture

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "nbext" / "static"
AXE = ROOT / "renderers" / "node_modules" / "axe-core" / "axe.min.js"
ORIGIN = "http://host.invalid/"

# The custom properties a JupyterLab 4 theme sets that a view looks at.
LAB = {
    "light": "--jp-layout-color0:#fff;--jp-ui-font-color0:#000;--jp-brand-color1:#1976d2",
    "dark": "--jp-layout-color0:#111;--jp-ui-font-color0:#fff;--jp-brand-color1:#2196f3",
}
# Those of VS Code's own themes, Dark Modern and Light Modern.
VSCODE = {
    "light": "--vscode-editor-background:#fff;--vscode-foreground:#3b3b3b;--vscode-focusBorder:#005fb8;"
    "--vscode-font-family:'Segoe UI',sans-serif;--vscode-editor-font-family:Consolas,monospace",
    "dark": "--vscode-editor-background:#1f1f1f;--vscode-foreground:#ccc;--vscode-focusBorder:#0078d4;"
    "--vscode-font-family:'Segoe UI',sans-serif;--vscode-editor-font-family:Consolas,monospace",
}

SCRIPTS = "<script src=page.js></script><script src=more.js></script>"

# The model of a widget, as far as the viewer asks: traits, messages, and the kernel's snapshot.
WIDGET = """
<script type=module>
import viewer from './viewer.js';
const wire = JSON.parse(document.getElementById('data').textContent);
const values = { uid: wire.uid, selected: null, filter: '' };
const handlers = {};
const asked = [];
const kernel = JSON.parse(document.getElementById('kernel')?.textContent ?? '{}');
const model = {
  get: (name) => values[name],
  set: (name, value) => { values[name] = value; },
  save_changes() {},
  on: (name, f) => { (handlers[name] ??= new Set()).add(f); },
  off: (name, f) => { handlers[name]?.delete(f); },
  send: (message) => queueMicrotask(() => {
    asked.push(message.what);
    const snapshot = { kind: 'snapshot', id: message.id, rev: 0, now: 1000, wire };
    const answer = { kind: 'answer', id: message.id, value: kernel[message.what] ?? null };
    for (const f of handlers['msg:custom'] ?? []) f(message.what === 'snapshot' ? snapshot : answer, []);
  }),
};
window.asked = asked;
window.tell = (message) => { for (const f of handlers['msg:custom'] ?? []) f(message, []); };
window.traits = values;
const el = document.createElement('div');
document.body.append(el);
viewer.initialize?.({ model });
viewer.render({ model, el });
</script>
"""

# As JupyterLab does: the container is given what is shared, and its renderer a bundle.
DRAW = """async data => {
  class Widget { constructor() { this.node = document.createElement('div'); } addClass() {} dispose() {} }
  const container = window._JUPYTERLAB.nbext;
  container.init({ '@lumino/widgets': { '2.0.0': { loaded: 1, get: async () => () => ({ Widget }) } } });
  const renderer = (await container.get('./mimeExtension'))().default.rendererFactory.createRenderer({});
  document.body.append(renderer.node);
  const bundle = { 'application/vnd.nbext.trace.v1+json': data };
  await renderer.renderModel({ trusted: true, metadata: {}, data: bundle, setData() {} });
}"""


def inert(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(value).replace("<", "\\u003c")


def data(wire: dict[str, Any], name: str) -> str:
    """A wire in a script element that nothing runs."""
    return f'<script type="application/json" id="{name}">{inert(wire)}</script>'


def zipped(wire: dict[str, Any]) -> dict[str, Any]:
    """The form of a wire that large outputs are saved in."""
    packed = base64.b64encode(gzip.compress(json.dumps(wire).encode(), 6)).decode()
    kept = {key: wire[key] for key in ("v", "uid", "name", "state", "start", "ms", "totals") if key in wire}
    return {**kept, "z": packed}


def document(body: str, *, variables: str = "", theme: str = "light", attributes: str = "") -> str:
    """A page with a host's variables; its body is as high as the window, as in a notebook it is not."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>output</title><style>'
        f":root{{color-scheme:{theme}}}body{{min-height:100vh;margin:0;padding:10px;box-sizing:border-box;"
        f"{variables};background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas))}}</style>"
        f"<body {attributes}>{body}</body></html>"
    )


def open_page(page: Page, content: str, **files: tuple[str, str | bytes]) -> list[str]:
    """Show a document that has no network but these files; gives the requests that were refused."""
    refused: list[str] = []
    served: dict[str, tuple[str, str | bytes]] = {
        "": ("text/html; charset=utf-8", content),
        "favicon.ico": ("image/x-icon", ""),
        "viewer.js": ("text/javascript", (STATIC / "viewer.js").read_text("utf-8")),
        "page.js": ("text/javascript", (STATIC / "page.js").read_text("utf-8")),
        "more.js": ("text/javascript", (STATIC / "more.js").read_text("utf-8")),
        **files,
    }

    def answer(route: Any) -> None:
        url = route.request.url
        file = served.get(url.removeprefix(ORIGIN)) if url.startswith(ORIGIN) else None
        if file is None:
            refused.append(url)
            route.abort()
        else:
            # Also to a frame of no origin, as outputs are in some hosts.
            route.fulfill(content_type=file[0], body=file[1], headers={"access-control-allow-origin": "*"})

    page.route("**/*", answer)
    page.goto(ORIGIN)
    return refused


def open_saved(page: Page, wire: dict[str, Any], theme: str = "light") -> View:
    """A saved output in JupyterLab's colours, drawn by the script of the self-contained page."""
    body = data(wire, "nbext-1") + SCRIPTS
    open_page(page, document(body, variables=LAB[theme], theme=theme))
    return first_view(page)


def open_widget(page: Page, wire: dict[str, Any], theme: str = "light", host: str = "lab") -> View:
    """A living view, its kernel imitated: `tell` in the page takes further messages."""
    variables = VSCODE[theme] if host == "vscode" else LAB[theme]
    attributes = f'class="vscode-{theme}" data-vscode-theme-kind="vscode-{theme}"' if host == "vscode" else ""
    body = f"{data(wire, 'data')}<script src=more.js></script>{WIDGET}"
    open_page(page, document(body, variables=variables, theme=theme, attributes=attributes))
    return first_view(page)


# What a frame for outputs may load at most: scripts of its own, and those a widget library makes.
STRICT = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: http://host.invalid; "
    "style-src 'unsafe-inline'; img-src data: blob:"
)


def open_alone(page: Page, wire: dict[str, Any], *, host: str) -> tuple[FrameLocator, list[str]]:
    """A living view in a frame of no origin: all but the viewer comes from the kernel.

    Gives the frame, and the requests that were refused.
    """
    kernel = {"more": (STATIC / "more.js").read_text("utf-8")}
    body = f"{data(wire, 'data')}{data(kernel, 'kernel')}{WIDGET}"
    variables = VSCODE["dark"] if host == "vscode" else ""
    attributes = 'class="vscode-dark" data-vscode-theme-kind="vscode-dark"' if host == "vscode" else ""
    inside = document(body, variables=variables, theme="dark", attributes=attributes)
    inside = inside.replace(
        "<meta", f'<meta http-equiv="Content-Security-Policy" content="{STRICT}"><meta', 1
    )
    frame = (
        '<iframe title="output" sandbox="allow-scripts" width="1200" height="900" src="output.html"></iframe>'
    )
    refused = open_page(page, document(frame), **{"output.html": ("text/html; charset=utf-8", inside)})
    return page.frame_locator("iframe"), refused


def first_view(page: Page) -> View:
    page.wait_for_function("document.querySelector('.nbext-view')?.shadowRoot.querySelector('.nb-head')")
    return views(page)[0]


def wire_of(capture: Capture) -> dict[str, Any]:
    """The plain wire of a capture."""
    return whole_wire(capture)
