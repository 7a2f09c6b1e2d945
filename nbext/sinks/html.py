"""Captures as one self-contained page: the viewer, the data, and static HTML for where no script runs."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..display.escape import markup
from ..display.facts import title_of
from ..display.pack import pack
from ..display.payload import pack_payload
from ..display.scripts import script
from ..display.static_html import html_of_wire
from ..display.wire import whole_wire
from ..model.capture import Capture
from .jsonfile import export_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

# Nothing may be fetched or sent: the script is known by its hash, pictures come from the data alone.
_POLICY = (
    "default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data: blob:; "
    "media-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="nbext">
<title>{title}</title>
<style>body {{ margin: 16px; font: 13px/1.5 system-ui, sans-serif; }}
[data-nbext-for] {{ margin-bottom: 12px; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: 2px 8px; text-align: left; vertical-align: top; }}
code {{ white-space: pre-wrap; }}</style>
</head>
<body>
{views}
<script type="application/json" id="captures">{captures}</script>
<script>{code}</script>
<script>{more}</script>
</body>
</html>
"""


def to_html(captures: Capture | Iterable[Capture], path: str | Path) -> Path:
    """Write captures to one HTML file that works from disk, with no network; `nbext.open` reads it back.

    Parameters
    ----------
    captures : Capture or iterable of Capture
        Drawn one under the other.
    path : str or Path

    Raises
    ------
    OSError
        The file cannot be written.
    RuntimeError
        This copy of nbext was installed without its built files.
    """
    path = Path(path)
    path.write_text(
        page_of([captures] if isinstance(captures, Capture) else list(captures)), encoding="utf-8"
    )
    return path


def payload_to_html(
    payload: dict[str, Any], path: str | Path, *, html: str, title: str, captures: Iterable[Capture]
) -> Path:
    """Write a page of what is no trace, as a comparison.

    Parameters
    ----------
    payload : dict
    path : str or Path
    html : str
        What stands there where no script runs.
    title : str
    captures : iterable of Capture
        What `nbext.open` reads back.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    path = Path(path)
    view = _view_of(payload["uid"], html, pack_payload(payload))
    path.write_text(_page([title], [view], list(captures)), encoding="utf-8")
    return path


def page_of(captures: list[Capture]) -> str:
    """Give the text of the page."""
    wires = [whole_wire(capture) for capture in captures]
    titles = [title for wire in wires if (title := title_of(wire))]
    views = [_view_of(wire["uid"], html_of_wire(wire, max_bytes=2_000_000), pack(wire)) for wire in wires]
    return _page(titles, views, captures)


def _page(titles: list[str], views: list[str], captures: list[Capture]) -> str:
    # The second holds the views that are opened on demand.
    scripts = [script(name).replace("</script", "<\\/script") for name in ("page", "more")]
    zipped = base64.b64encode(gzip.compress(export_bytes(captures), 9, mtime=0)).decode("ascii")
    return _PAGE.format(
        policy=_POLICY.format(digests=" ".join(f"'sha256-{_digest(code)}'" for code in scripts)),
        title=markup(" · ".join(titles) or "Model calls"),
        views="\n".join(views),
        captures=_inline({"z": zipped}),
        code=scripts[0],
        more=scripts[1],
    )


def _digest(code: str) -> str:
    return base64.b64encode(hashlib.sha256(code.encode()).digest()).decode("ascii")


def _view_of(uid: str, html: str, stored: dict[str, Any]) -> str:
    name = f"nbext-{uid}"
    return (
        f'<div data-nbext-for="{markup(name)}">{html}</div>\n'
        f'<script type="application/json" id="{markup(name)}">{_inline(stored)}</script>'
    )


def _inline(value: Any) -> str:
    """Give JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
