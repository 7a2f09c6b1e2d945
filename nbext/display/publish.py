"""Puts a bundle where the host shows outputs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .hosts import Host


def publish(bundle: dict[str, Any], *, host: Host, display_id: str, update: bool) -> None:
    """Show a bundle, or put it in the place of the one shown before under the same id.

    Parameters
    ----------
    bundle : dict
        By MIME type.
    host : Host
    display_id : str
    update : bool
        It has been shown before. Where outputs cannot be replaced nothing is shown again.
    """
    if host.name in ("terminal", "python"):
        if not update:
            sys.stdout.write(bundle["text/plain"] + "\n")
        return
    if host.name == "marimo":
        _publish_marimo(bundle)
        return
    from IPython.display import publish_display_data

    publish_display_data(bundle, {}, transient={"display_id": display_id}, update=update)


def _publish_marimo(bundle: dict[str, Any]) -> None:
    marimo: Any = sys.modules["marimo"]
    marimo.output.append(marimo.Html(bundle["text/html"]))
