"""The sums shown in a header; the same as `renderers/src/model/totals.ts` makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .critical import SPLIT_KINDS, critical_path
from .tree import status_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .tree import WireSpan


def totals_of(spans: Sequence[WireSpan], ms: float) -> dict[str, Any]:
    """Give the `WireTotals` of all spans of a capture.

    Parameters
    ----------
    spans : sequence of WireSpan
    ms : float
        Length of the capture, to which the split adds up.
    """
    sums = Sums()
    for span in spans:
        sums.add(span)
    totals = sums.totals()
    if totals["calls"]:
        totals["gateway_ms"] = round(_union(_at_gateway(spans, ms), ms), 2)
    split = critical_path(spans, ms).split
    if split:
        totals["split"] = {kind: round(split[kind], 2) for kind in SPLIT_KINDS if kind in split}
    return totals


class Sums:
    """The part of the totals that can be kept up to date span by span."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._status: dict[str, int] = {}

    def add(self, span: WireSpan, sign: int = 1) -> None:
        """Count a span in, or with ``sign=-1`` out again."""
        self._sum("spans", sign)
        call = span.get("call")
        if call is None:
            return
        self._sum("calls", sign)
        status = status_of(span)
        self._status[status] = self._status.get(status, 0) + sign
        if (call.get("verdict") or {}).get("kind") == "budget":
            self._sum("budget", sign)
        self._sum("retries", sign * max(0, len(call["attempts"]) - 1))
        self._add_tokens(call.get("tokens") or {}, sign)
        self._add_cost(call, status, sign)

    def totals(self) -> dict[str, Any]:
        """Give the `WireTotals` without what depends on time."""
        sums = self._sums
        totals: dict[str, Any] = {"spans": int(sums.get("spans", 0)), "calls": int(sums.get("calls", 0))}
        status = {name: count for name, count in self._status.items() if count}
        if status:
            totals["status"] = status
        for key in ("budget", "retries"):
            if sums.get(key):
                totals[key] = int(sums[key])
        for key in ("in", "out", "tokens"):
            if sums.get(f"{key} known"):
                totals[key] = int(sums[key])
        if sums.get("est"):
            totals["est"] = True
        if sums.get("usd known"):
            totals["usd"] = round(sums["usd"], 9)
            if sums.get("partial"):
                totals["partial"] = True
        return totals

    def _sum(self, key: str, value: float) -> None:
        self._sums[key] = self._sums.get(key, 0) + value

    def _add_tokens(self, tokens: dict[str, Any], sign: int) -> None:
        total = tokens.get("total")
        if total is None and ("in" in tokens or "out" in tokens):
            total = tokens.get("in", 0) + tokens.get("out", 0)
        for key, value in (("in", tokens.get("in")), ("out", tokens.get("out")), ("tokens", total)):
            if value is not None:
                self._sum(key, sign * value)
                self._sum(f"{key} known", sign)
        if tokens.get("est"):
            self._sum("est", sign)

    def _add_cost(self, call: dict[str, Any], status: str, sign: int) -> None:
        cost = call.get("cost")
        if cost is not None:
            self._sum("usd", sign * cost["usd"])
            self._sum("usd known", sign)
        if cost.get("partial") if cost is not None else _has_a_price(call, status):
            self._sum("partial", sign)


def _has_a_price(call: dict[str, Any], status: str) -> bool:
    # A call that was refused before a model saw it has nothing to be charged for.
    return status in ("ok", "interrupted") or (call.get("tokens") or {}).get("total", 0) > 0


def _at_gateway(spans: Sequence[WireSpan], ms: float) -> list[tuple[float, float]]:
    stretches = []
    for span in spans:
        call = span.get("call")
        if call is None:
            continue
        at = float(span["at"])
        end = at + max(0.0, span["ms"]) if "ms" in span else ms
        if not call["attempts"]:
            stretches.append((at, end))
        for attempt in call["attempts"]:
            start = at + attempt["at"]
            stretches.append((start, start + attempt["ms"] if "ms" in attempt else end))
    return stretches


def _union(stretches: list[tuple[float, float]], ms: float) -> float:
    total, reached = 0.0, 0.0
    for start, end in sorted(stretches):
        first, last = max(start, reached), min(end, ms)
        if last > first:
            total += last - first
            reached = last
    return total
