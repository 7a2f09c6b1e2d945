"""Learning that a module has been imported, the moment it has."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class Watch:
    """An entry of ``sys.meta_path`` that finds nothing itself and is there only while we record.

    Parameters
    ----------
    names : collection of str
        Top-level modules.
    loaded : callable
        Called with the name once the module has run; must not raise.
    """

    def __init__(self, names: Sequence[str], loaded: Callable[[str], None]) -> None:
        self._names = frozenset(names)
        self._loaded = loaded

    def start(self) -> None:
        """Begin to watch."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Leave ``sys.meta_path`` as it was."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Let the other finders look, and have the loader tell us."""
        if name not in self._names:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                if hasattr(spec.loader, "exec_module"):
                    # Only ever asked for what `importlib` asks of a loader.
                    spec.loader = _Telling(spec, self._loaded)  # type: ignore[assignment]
                return spec
        return None


class _Telling:
    """Loads with the spec's own loader, which is put back before the module's code runs."""

    def __init__(self, spec: ModuleSpec, loaded: Callable[[str], None]) -> None:
        self._spec = spec
        self._loader: Any = spec.loader
        self._loaded = loaded

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        create = getattr(self._loader, "create_module", None)
        module: ModuleType | None = None if create is None else create(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._spec.loader = self._loader
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._loaded(self._spec.name)
