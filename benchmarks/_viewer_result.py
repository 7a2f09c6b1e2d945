"""What is measured of a viewer in the benchmark."""

from __future__ import annotations

import contextlib
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NUMBERS = (
    *("paint", "rows", "elements", "scroll", "click", "heap", "process", "moved"),
    *("paint_cpu", "scroll_cpu"),
)
FRAMES = 120


@dataclass
class Result:
    """Of one viewer at one size; times in ms, sizes in bytes.

    `paint_cpu` is what the page's thread worked up to the first paint, `scroll_cpu` what it worked per
    frame of the scrolling: they hold where other programs take turns with the browser.
    """

    viewer: str
    spans: int
    paint: float
    rows: int
    elements: int
    scroll: float
    click: float | None
    heap: int
    process: int
    moved: int
    paint_cpu: float | None = None
    scroll_cpu: float | None = None
    notice: str = ""


def renderer_bytes(browser: Any) -> int:
    """Proportional memory of the largest renderer process: the DOM is not in the JavaScript heap."""
    session = browser.new_browser_cdp_session()
    largest = 0
    for process in session.send("SystemInfo.getProcessInfo")["processInfo"]:
        if process["type"] != "renderer":
            continue
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{process['id']}/smaps_rollup").read_text()
            pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
            largest = max(largest, int(pss.split()[1]) * 1024)
    return largest


class Clock:
    """CPU time of a page's own thread, in ms."""

    def __init__(self, session: Any) -> None:
        self._session = session
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._last = self._now()

    def _now(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(float(m["value"]) * 1000 for m in metrics if m["name"] == "TaskDuration")

    def lap(self) -> float:
        """Give the time since the last lap."""
        before, self._last = self._last, self._now()
        return self._last - before


def median_of(results: list[Result]) -> Result:
    """Field by field."""

    def middle(name: str) -> Any:
        values = [getattr(r, name) for r in results if getattr(r, name) is not None]
        return statistics.median(values) if values else None

    first = results[0]
    numbers = {name: middle(name) for name in _NUMBERS}
    return Result(first.viewer, first.spans, **numbers, notice=first.notice)
