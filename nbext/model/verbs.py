"""What calls can do that takes more than a model: named here, done by who registers."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Where each verb is found: module and function. Filled at import of the package, resolved on use.
_found: dict[str, tuple[str, str]] = {}


def register(name: str, module: str, function: str) -> None:
    """Say who does a verb.

    Parameters
    ----------
    name : str
    module, function : str
        Imported when the verb is first used. The function takes the call and keywords.
    """
    _found[name] = (module, function)


def run(name: str, /, *args: Any, **kwargs: Any) -> Any:
    """Do a verb.

    Raises
    ------
    RuntimeError
        Nobody does it here.
    """
    if name not in _found:
        raise RuntimeError(f"{name} works where the package nbext is imported; import it first")
    module, function = _found[name]
    return getattr(import_module(module), function)(*args, **kwargs)
