"""A progress line for reads that take long, in a notebook or a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engines import Progress

# Shorter reads show nothing.
_QUIET_SECONDS = 1.0
_EVERY_SECONDS = 0.2
_WIDTH = 24


def progress_bar(title: str) -> Progress | None:
    """Give what is to be told of each batch; None where nobody would see it.

    The line appears when a read has taken a second and goes when it ends, so that a saved notebook
    keeps nothing of it.
    """
    if "ipykernel" not in sys.modules and not sys.stderr.isatty():
        return None
    return _Bar(title)


class _Bar:
    def __init__(self, title: str) -> None:
        self.title = title
        self.began = time.monotonic()
        self.drawn = 0.0
        self.shown = False
        self.handle: object = None

    def __call__(self, read: int, expected: int | None) -> None:
        """Draw how far it is; `read` is `expected` at the end."""
        now = time.monotonic()
        if expected is not None and read >= expected:
            self.clear()
        elif now - self.began > _QUIET_SECONDS and now - self.drawn > _EVERY_SECONDS:
            self.drawn = now
            self.draw(line(self.title, read, expected, now - self.began))

    def draw(self, text: str) -> None:
        self.shown = True
        if "ipykernel" not in sys.modules:
            sys.stderr.write(f"\r{text}\x1b[K")
            sys.stderr.flush()
            return
        from IPython.display import display

        bundle = {"text/plain": text}
        if self.handle is None:
            self.handle = display(bundle, raw=True, display_id=True)
        elif hasattr(self.handle, "update"):
            self.handle.update(bundle, raw=True)

    def clear(self) -> None:
        if not self.shown:
            return
        self.shown = False
        if self.handle is not None and hasattr(self.handle, "update"):
            self.handle.update({"text/plain": ""}, raw=True)
        elif self.handle is None:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def line(title: str, read: int, expected: int | None, seconds: float) -> str:
    """Write how far a read is.

    Examples
    --------
    >>> line("main.llm.demo_payload", 250_000, 1_000_000, 2.0)
    'main.llm.demo_payload ██████░░░░░░░░░░░░░░░░░░ 250,000 of 1,000,000 rows, 2 s'
    """
    if not expected:
        return f"{title} {read:,} rows, {seconds:.0f} s"
    full = round(_WIDTH * min(read / expected, 1))
    return f"{title} {'█' * full}{'░' * (_WIDTH - full)} {read:,} of {expected:,} rows, {seconds:.0f} s"
