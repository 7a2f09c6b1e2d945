"""MLflow's own view under a cell is left out where ours stands, and comes back for all other cells."""

from __future__ import annotations

import sys
from typing import Any


class _Ours:
    """Stands where MLflow keeps True, so that a word of the user's in between is told from ours."""

    def __bool__(self) -> bool:
        return True


_silenced = _Ours()
_before: Any = None
# Traces of our cells, by MLflow's id: they may be exported, and put up for display, when their cell is over.
_shown_by_us: dict[str, None] = {}
_MOST = 10_000
_shell: Any = None


def begin() -> None:
    """Keep MLflow from showing what is traced from here on.

    There are public functions to switch its display off and on, but none that tells how it stands.
    """
    global _before  # noqa: PLW0603  # MLflow has one display, so have we
    handler = _handler()
    if handler is not None and handler.disabled is not _silenced:
        _before = handler.disabled
        handler.disabled = _silenced
        _watch_cells()


def end() -> None:
    """Leave MLflow's display as the user has it."""
    handler = _handler()
    if handler is not None and handler.disabled is _silenced:
        handler.disabled = _before


def keep_out(trace_id: str) -> None:
    """Have a trace never shown by MLflow of its own accord, also when it is exported later."""
    if len(_shown_by_us) >= _MOST:
        _shown_by_us.pop(next(iter(_shown_by_us)), None)
    _shown_by_us[trace_id] = None


def forget() -> None:
    """Take our handler off the shell."""
    global _shell  # noqa: PLW0603
    if _shell is not None:
        _shell.events.unregister("post_execute", _drop)
        _shell = None
    _shown_by_us.clear()


def _watch_cells() -> None:
    global _shell  # noqa: PLW0603
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is not None and _shell is None:
        _shell = shell
        # The shell calls these before the handlers that MLflow's display is one of.
        shell.events.register("post_execute", _drop)


def _drop() -> None:
    handler = _handler()
    waiting = getattr(getattr(handler, "_instance", None), "traces_to_display", None)
    if waiting:
        for trace_id in [trace_id for trace_id in waiting if trace_id in _shown_by_us]:
            waiting.pop(trace_id, None)


def _handler() -> Any:
    display = sys.modules.get("mlflow.tracing.display")
    return getattr(display, "IPythonTraceDisplayHandler", None)
