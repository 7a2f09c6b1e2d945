"""What is measured of a viewer in the benchmark."""

from __future__ import annotations

import contextlib
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Result:
    """Of one viewer at one size; times in ms, sizes in bytes."""

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


def median_of(results: list[Result]) -> Result:
    """Field by field."""

    def middle(name: str) -> Any:
        values = [getattr(r, name) for r in results if getattr(r, name) is not None]
        return statistics.median(values) if values else None

    first = results[0]
    numbers = {
        name: middle(name)
        for name in ("paint", "rows", "elements", "scroll", "click", "heap", "process", "moved")
    }
    return Result(first.viewer, first.spans, **numbers)
