"""What two runs took and cost, side by side, as `renderers/src/model/deltas.ts` says it."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

from ..tree import status_of
from ..words import duration, duration_long, tokens, usd

if TYPE_CHECKING:
    from collections.abc import Callable

Wire = dict[str, Any]

_BAD = ("error", "blocked", "rate_limited")


def total_deltas(a: Wire, b: Wire) -> list[tuple[str, str, str, str]]:
    """Give name, earlier, later and difference of time, tokens, cost, first token, errors and attempts."""

    def row(
        name: str, values: tuple[Any, Any], text: Callable[[float], str], percent: bool
    ) -> tuple[str, str, str, str]:
        before, after = values
        known = before is not None and after is not None
        return (
            name,
            "–" if before is None else text(before),
            "–" if after is None else text(after),
            _difference(before, after, text, percent) if known else "",
        )

    def of(key: str) -> tuple[Any, Any]:
        return a["totals"].get(key), b["totals"].get(key)

    return [
        row("Time", (a.get("ms"), b.get("ms")), _time, False),
        row("Tokens", of("tokens"), tokens, True),
        row("Cost", of("usd"), usd, True),
        row("First token, median", (_first(a), _first(b)), duration, False),
        row("Errors", (_errors(a), _errors(b)), _whole, False),
        row("Attempts", (_attempts(a), _attempts(b)), _whole, False),
    ]


def signed(value: float, text: Callable[[float], str]) -> str:
    """Say a difference with its sign: ``−2.41 s``, ``+3``, ``0``."""
    return "0" if value == 0 else ("+" if value > 0 else "−") + text(abs(value))


def _difference(a: float, b: float, text: Callable[[float], str], percent: bool) -> str:
    if not percent:
        return signed(b - a, text if text is not _time else duration)
    return signed((b - a) / a * 100, lambda value: f"{int(value + 0.5)} %") if a > 0 else ""


def _time(ms: float) -> str:
    return duration_long(ms)


def _whole(number: float) -> str:
    return f"{number:,.0f}"


def _first(wire: Wire) -> float | None:
    firsts = [span["call"]["first"] for span in wire["spans"] if "first" in span.get("call", ())]
    return median(firsts) if firsts else None


def _errors(wire: Wire) -> int:
    return sum(status_of(span) in _BAD for span in wire["spans"])


def _attempts(wire: Wire) -> int:
    return sum(max(1, len(span["call"]["attempts"])) for span in wire["spans"] if "call" in span)
