"""The critical path: where the time of a capture went, each moment counted once.

From the end backwards, each moment belongs to one span: among the children of a span the one that
ended last before the moment, or, if none just ended, one that was under way; moments in which no
child was at work are the span's own. The viewer reckons the same way
(`renderers/src/model/critical.ts`); shared fixtures hold both to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .tree import Node, build_tree, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .tree import WireSpan

# The order the legend shows them in.
SPLIT_KINDS = ("model", "tool", "data", "wait", "flow", "hold", "error")

# A child that ended this shortly before is what the next one waited for.
_HANDOVER_MS = 5
_BY_STATUS = {"error": "error", "rate_limited": "error", "blocked": "hold"}


@dataclass(slots=True)
class Critical:
    """Ids on the path; ms by kind, adding up to the length of the capture."""

    ids: set[str] = field(default_factory=set)
    split: dict[str, float] = field(default_factory=dict)

    def spend(self, kind: str, ms: float) -> None:
        """Count `ms` as `kind`."""
        if ms > 0:
            self.split[kind] = self.split.get(kind, 0.0) + ms


def critical_path(spans: Sequence[WireSpan], ms: float) -> Critical:
    """Walk back from the end of the capture through what it was waiting for.

    Parameters
    ----------
    spans : sequence of WireSpan
    ms : float
        Length of the capture.
    """
    found = Critical()
    work: list[tuple[Node | None, list[Node], float, float]] = [
        (None, build_tree(spans, ms), 0.0, max(0.0, ms))
    ]
    while work:
        node, children, start, end = work.pop()
        cursor = end
        for child, since, until in _steps_back(children, start, end):
            _own_time(found, node, until, cursor)
            cursor = since
            found.ids.add(child.id)
            work.append((child, child.children, since, until))
        _own_time(found, node, start, cursor)
    return found


def _steps_back(children: Sequence[Node], start: float, end: float) -> Iterator[tuple[Node, float, float]]:
    """Give the children the path goes through, last first, with the stretch of each."""
    ended = sorted(children, key=lambda child: -child.last)
    index = 0
    under_way: Node | None = None
    cursor = end
    while cursor > start:
        while index < len(ended) and ended[index].last > cursor:
            if under_way is None or ended[index].first < under_way.first:
                under_way = ended[index]
            index += 1
        closed = ended[index] if index < len(ended) and ended[index].last > start else None
        still = under_way if under_way is not None and under_way.first < cursor else None
        if closed is not None and (still is None or cursor - closed.last <= _HANDOVER_MS):
            step = closed
            index += 1
        elif still is not None:
            step = still
        else:
            return
        since = max(step.first, start)
        yield step, since, min(step.last, cursor)
        cursor = since


def _own_time(found: Critical, node: Node | None, start: float, end: float) -> None:
    if end <= start:
        return
    if node is None:
        found.spend("flow", end - start)
        return
    since = min(max(start, node.at), end)
    until = max(min(end, node.end), since)
    # Before or after the span itself, where only what it left running is at work.
    found.spend("flow", since - start + (end - until))
    waited, reached = 0.0, since
    for wait_start, wait_end in waits_of(node.span, node.end):
        first, last = max(wait_start, reached), min(wait_end, until)
        if last > first:
            waited += last - first
            reached = last
    found.spend("wait", waited)
    kind: str = node.kind
    if kind != "flow":
        kind = _BY_STATUS.get(status_of(node.span), kind)
    found.spend(kind, until - since - waited)


def waits_of(span: WireSpan, end: float) -> list[tuple[float, float]]:
    """Give the stretches between the attempts of a call; the last may reach to `end`, now."""
    call: dict[str, Any] = span.get("call") or {}
    attempts = call.get("attempts") or []
    at = float(span["at"])
    waits = []
    for earlier, later in zip(attempts, [*attempts[1:], None], strict=False):
        if "ms" not in earlier:
            continue
        since = at + earlier["at"] + earlier["ms"]
        if later is not None:
            waits.append((since, at + later["at"]))
        elif "ms" not in span:
            waits.append((since, end))
    return waits
