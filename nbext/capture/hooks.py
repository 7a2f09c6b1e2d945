"""Puts us around `send` of the HTTP libraries while something records, and takes us away again."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from . import spans
from .context import recording_stack
from .httpx_hook import async_send, sync_send
from .imports import Watch
from .requests_hook import session_send

Wrap = Callable[[Any], Any]

# The classes every HTTP exchange of a library goes through, and what goes around their `send`.
# openai and anthropic speak httpx2 (their newer releases) or httpx; databricks-sdk and mlflow requests.
_TARGETS: dict[str, dict[str, Wrap]] = {
    "httpx": {
        "Client": partial(sync_send, library="httpx"),
        "AsyncClient": partial(async_send, library="httpx"),
    },
    "httpx2": {
        "Client": partial(sync_send, library="httpx2"),
        "AsyncClient": partial(async_send, library="httpx2"),
    },
    "requests": {"Session": session_send},
}

_lock = threading.RLock()
_recording = 0
# What was wrapped, and every wrapper of ours with what it goes around: somebody who patched over us may
# put one of an earlier time back.
_wrapped: list[tuple[Any, Any]] = []
_originals: dict[Any, Any] = {}


def install() -> None:
    """Wrap `send` of the libraries that are loaded, and of those that will be, until `uninstall`.

    Counted: the last `uninstall` takes the wrappers away.
    """
    global _recording  # noqa: PLW0603  # one per process, as the classes are
    with _lock:
        _recording += 1
        if _recording == 1:
            _watch.start()
            _guarded(spans.begin)
            for name in _TARGETS:
                if name in sys.modules:
                    _loaded(name)


def uninstall() -> None:
    """Undo one `install`.

    A class that somebody else has patched over us is left to them; our wrapper inside theirs then
    only passes on.
    """
    global _recording  # noqa: PLW0603
    with _lock:
        if _recording == 0:
            return
        _recording -= 1
        if _recording:
            return
        _watch.stop()
        _guarded(spans.end)
        while _wrapped:
            cls, wrapper = _wrapped.pop()
            if cls.__dict__.get("send") is wrapper:
                cls.send = _originals.pop(wrapper)


def _loaded(name: str) -> None:
    """Wrap a library that is there; never raises, as it may run inside the user's ``import``."""
    if name in _TARGETS:
        _guarded(_wrap, name)
    else:
        _guarded(spans.begin)


def _guarded(function: Callable[..., None], *args: Any) -> None:
    try:
        function(*args)
    except Exception as error:  # its calls go unseen, and the views say why
        for recording in list(recording_stack):
            recording.capture.note_failure(error)


def _wrap(name: str) -> None:
    with _lock:
        module = vars(sys.modules[name])
        for class_name, wrap in _TARGETS[name].items():
            cls: Any = module.get(class_name)
            send = getattr(cls, "__dict__", {}).get("send")
            if send is None or not _recording or any(cls is known for known, _ in _wrapped):
                continue
            if send not in _originals:
                wrapper = wrap(send)
                _originals[wrapper] = send
                cls.send = wrapper
                send = wrapper
            _wrapped.append((cls, send))


_watch = Watch((*_TARGETS, "mlflow"), _loaded)
