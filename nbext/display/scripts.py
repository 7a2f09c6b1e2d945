"""The built browser half: `static/*.js`, made by `renderers/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_STATIC = Path(__file__).resolve().parent.parent / "static"


@cache
def script(name: str) -> str:
    """Give a built script: ``registry``, ``viewer``, ``page`` or ``more``.

    Raises
    ------
    RuntimeError
        This copy of nbext was installed without its built files.
    """
    path = _STATIC / f"{name}.js"
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RuntimeError(
            f"nbext was installed without {path.name}: install it from its wheel, "
            "or run `npm run build` in renderers/"
        ) from error
