"""``%load_ext nbext``: the magics, the events of the shell, and the way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from IPython.core.error import UsageError

from ..capture import spans
from .cells import Cells
from .gateway_trace import GatewayTraceMagics
from .tie import attach, detach
from .transform import trace_first_line

_EVENTS = ("pre_run_cell", "post_run_cell", "post_execute")


@dataclass(frozen=True, slots=True)
class _Loaded:
    cells: Cells
    magics: GatewayTraceMagics


_loaded: WeakKeyDictionary[Any, _Loaded] = WeakKeyDictionary()


def load(shell: Any) -> None:
    """Add the magics to a shell; a second time does nothing.

    Raises
    ------
    UsageError
        ``ipython_config.py`` or ``%config`` gave an option of ours that does not exist or does not fit.
    """
    if shell in _loaded:
        return
    try:
        attach(shell)
    except ValueError as error:
        raise UsageError(f"nbext was not loaded: {error}") from None
    cells = Cells(shell)
    magics = GatewayTraceMagics(shell, cells)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(trace_first_line)
    for event in _EVENTS:
        shell.events.register(event, getattr(cells, event))
    _loaded[shell] = _Loaded(cells, magics)


def unload(shell: Any) -> None:
    """Take them out again; open captures are closed, what was captured stays."""
    loaded = _loaded.pop(shell, None)
    if loaded is None:
        return
    loaded.cells.close()
    spans.forget()
    for event in _EVENTS:
        shell.events.unregister(event, getattr(loaded.cells, event))
    shell.input_transformers_cleanup.remove(trace_first_line)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("gateway_trace", None)
    shell.magics_manager.registry.pop(type(loaded.magics).__name__, None)
    detach(shell)
