"""Prompts of MLflow's registry: seen as they are loaded in a traced cell, and fetched for loaded traces."""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..results.captured import Capture

_lock = threading.Lock()
_watching: list[Capture] = []
_theirs: Callable[..., Any] | None = None


def watch(capture: Capture) -> None:
    """Link the prompts that are loaded from here on to the calls of a capture made from them.

    `mlflow.genai.load_prompt` is wrapped while a capture is open, and only if MLflow is there.
    """
    global _theirs  # noqa: PLW0603  # MLflow has one function, so there is one wrapper
    genai: Any = sys.modules.get("mlflow.genai")
    if genai is None or not hasattr(genai, "load_prompt"):
        return
    with _lock:
        _watching.append(capture)
        if _theirs is None:
            _theirs = genai.load_prompt
            genai.load_prompt = _seen(_theirs)


def unwatch(capture: Capture) -> None:
    """Undo `watch`."""
    global _theirs  # noqa: PLW0603
    with _lock:
        if capture in _watching:
            _watching.remove(capture)
        genai: Any = sys.modules.get("mlflow.genai")
        if _watching or _theirs is None or genai is None:
            return
        if getattr(genai.load_prompt, "__wrapped__", None) is _theirs:
            genai.load_prompt = _theirs
        _theirs = None


def prompt_dict(prompt: Any, previous: Any = None) -> dict[str, Any]:
    """Give a prompt of MLflow's registry as `WirePrompt` of `renderers/src/wire/assessment.ts`."""
    told = {
        "name": prompt.name,
        "version": prompt.version,
        "alias": list(getattr(prompt, "aliases", None) or []),
        "uri": prompt.uri,
        "template": prompt.template,
        "previous": None
        if previous is None
        else {"version": previous.version, "template": previous.template},
    }
    return {key: value for key, value in told.items() if value not in (None, [])}


def _seen(load: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(load)
    def load_prompt(*args: Any, **kwargs: Any) -> Any:
        prompt = load(*args, **kwargs)
        if prompt is not None:
            for capture in _watching:
                try:
                    _add(capture, prompt)
                except Exception as error:  # noqa: PERF203  # the user's program goes on
                    capture.note_failure(error)
        return prompt

    return load_prompt


def _add(capture: Capture, prompt: Any) -> None:
    from .session import session

    known = any((one["name"], one["version"]) == (prompt.name, prompt.version) for one in capture.prompts)
    if not known:
        found = prompt_dict(prompt)
        capture.prompts.append(found)
        # The version before is for the view alone; the cell does not wait for it.
        session.writer.put(functools.partial(_add_before, found, prompt))


def _add_before(found: dict[str, Any], prompt: Any) -> None:
    # By the client, which links nothing to the user's trace.
    before = _before(sys.modules["mlflow"].MlflowClient().load_prompt, prompt)
    if before is not None:
        found["previous"] = {"version": before.version, "template": before.template}


def _before(load: Callable[..., Any], prompt: Any) -> Any:
    version = int(prompt.version) if str(prompt.version).isdecimal() else 0
    if version < 2:
        return None
    try:
        return load(prompt.name, version=version - 1, allow_missing=True)
    except Exception:
        return None
