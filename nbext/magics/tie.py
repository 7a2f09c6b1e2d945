"""Ties the options to a shell, again and again."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from traitlets.config.loader import LazyConfigValue

from ..settings import GatewayTrace, current

# What a shell's configuration held when we were untied from it. All of that was set or refused then;
# IPython keeps also what `%config` was refused.
_settled: WeakKeyDictionary[Any, dict[str, Any]] = WeakKeyDictionary()


def attach(shell: Any) -> GatewayTrace:
    """Tie the options to an IPython shell: ``ipython_config.py`` is read, ``%config`` knows them.

    Raises
    ------
    ValueError
        ``ipython_config.py``, or a ``%config`` of before, names an option that does not exist, or a
        value that does not fit.
    """
    options = current()
    if options not in shell.configurables:
        settled = _settled.get(shell, {})
        new = _changed(_section(shell), settled)
        typed = {} if shell.parent is None else _changed(new, _section(shell.parent))
        filed = {name: value for name, value in new.items() if name not in typed}
        _set(options, filed, "ipython_config.py")
        _set(options, typed, "%config")
        shell.configurables.append(options)
    return options


def detach(shell: Any) -> None:
    """Undo `attach`."""
    options = current()
    if options in shell.configurables:
        shell.configurables.remove(options)
        _settled[shell] = _section(shell)


def _set(options: GatewayTrace, given: dict[str, Any], origin: str) -> None:
    try:
        options.set(given)
    except ValueError as error:
        raise ValueError(f"{origin}: {GatewayTrace.__name__}: {error}") from None


def _section(configurable: Any) -> dict[str, Any]:
    return dict(configurable.config.get(GatewayTrace.__name__, {}))


def _changed(given: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Give what is not the same in `before`."""
    return {
        name: value
        for name, value in given.items()
        if name not in before or _plain(value) != _plain(before[name])
    }


def _plain(value: Any) -> Any:
    # Recipes are equal only to themselves, and IPython copies them.
    return value.to_dict() if isinstance(value, LazyConfigValue) else value
