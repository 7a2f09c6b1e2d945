"""The output of what is no trace: the data of its `kind`, HTML and text, and the kernel's end of its view."""

from __future__ import annotations

import base64
import gzip
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from .hosts import host as current_host
from .pack import PLAIN_BYTES, dumps
from .publish import publish
from .wire import MIME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .hosts import Host
    from .living import LivingModel

Payload = dict[str, Any]

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


def pack_payload(payload: Payload) -> Payload:
    """Give the stored form: zipped above a few kB, as `PayloadZipped` of `renderers/src/wire/types.ts`."""
    plain = dumps(payload).encode()
    if len(plain) <= PLAIN_BYTES:
        return payload
    # mtime 0: the same payload gives the same bytes, so that a re-saved notebook has no diff.
    zipped = base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode("ascii")
    return {"v": 1, "kind": payload["kind"], "uid": payload["uid"], "state": "done", "z": zipped}


class Stored:
    """A payload that is shown, for the page to ask about."""

    def __init__(self, payload: Payload) -> None:
        self.id: str = payload["uid"]
        self.payload = payload


# What was shown last can be asked; older outputs go on with what they have.
_shown: deque[tuple[Stored, LivingModel]] = deque(maxlen=32)


def living(
    stored: Payload, host: Host | None = None, *, asks: Mapping[str, Callable[[Any], Any]] | None = None
) -> LivingModel | None:
    """Give the kernel's end of a payload's view, for as long as it is among the last; None without one.

    Parameters
    ----------
    stored : dict
        The payload in its stored form.
    host : Host, optional
        Looked up if left out.
    asks : mapping, optional
        What the page may ask for, and who answers; see `LivingModel.on_ask`.
    """
    host = host or current_host()
    if host.esm is None:
        return None
    alive = (each for each in _shown if each[1].comm is not None)
    known = next((each for each in alive if each[0].id == stored["uid"]), None)
    if known is None:
        from .living import PayloadWidget

        owner = Stored(stored)
        known = owner, PayloadWidget(owner, esm=host.esm)
        _shown.append(known)
    owner, widget = known
    owner.payload = stored
    for what, function in (asks or {}).items():
        widget.on_ask(what, function)
    return widget


def payload_bundle(
    stored: Payload, *, html: str, text: str, widget: LivingModel | None = None, host: Host | None = None
) -> dict[str, Any]:
    """Give the output, by MIME type."""
    bundle: dict[str, Any] = {MIME: stored, "text/html": html, "text/plain": text}
    if widget is not None and (host or current_host()).widget_kept:
        bundle[WIDGET_MIME] = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return bundle


def show_payload(
    stored: Payload, *, html: str, text: str, widget: LivingModel | None = None, host: Host | None = None
) -> None:
    """Show a payload at the place this is called from."""
    host = host or current_host()
    bundle = payload_bundle(stored, html=html, text=text, widget=widget, host=host)
    publish(bundle, host=host, display_id=f"nbext-{stored['uid']}-{time.time_ns():x}", update=False)
