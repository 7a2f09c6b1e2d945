"""The rows of a trace in text and static HTML: name, hint, tokens, time and a bar of glyphs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .critical import waits_of
from .escape import one_line
from .tree import build_tree, depth_first
from .twins import call_words, twins_of
from .words import duration, tokens

if TYPE_CHECKING:
    from .tree import Node

BAR_CELLS = 24

OWN, WAITING, WORK, RETRY, FAILED, SHORT = "▁", "░", "█", "~", "×", "▏"
LEGEND = (
    (OWN, "own code"),
    (WAITING, "waiting for the first token"),
    (WORK, "working"),
    (RETRY, "waiting to retry"),
    (FAILED, "failed"),
)

_FAILED_STATUS = ("error", "blocked", "rate_limited")


@dataclass(frozen=True, slots=True)
class Row:
    """One span in words, escaped for a terminal."""

    depth: int
    parent: bool
    failed: bool
    name: str
    hint: str
    attempts: int
    tokens: str
    time: str
    bar: str


def rows_of(wire: dict[str, Any], cells: int = BAR_CELLS) -> list[Row]:
    """Give all rows, depth first.

    Parameters
    ----------
    wire : Wire
    cells : int
        Width of the bars in characters.
    """
    ms = wire_ms(wire)
    roots = build_tree(wire["spans"], ms)
    nodes = depth_first(roots)
    twins = twins_of(roots, nodes)
    return [_row(node, ms, cells, _hint(node, id(node) in twins)) for node in nodes]


def wire_ms(wire: dict[str, Any]) -> float:
    """Length of the capture; while it runs, to the latest thing known."""
    if "ms" in wire:
        return float(wire["ms"])
    return max((span["at"] + _reached(span) for span in wire["spans"]), default=0.0)


def error_count(wire: dict[str, Any]) -> int:
    """Count what failed by itself: a parent that fails with its child is not counted again."""
    failed = [
        n for n in depth_first(build_tree(wire["spans"], wire_ms(wire))) if n.span.get("status") == "error"
    ]
    above: set[int] = set()
    for node in failed:
        parent = node.parent
        while parent is not None and id(parent) not in above:
            above.add(id(parent))
            parent = parent.parent
    return sum(id(node) not in above for node in failed)


def _reached(span: dict[str, Any]) -> float:
    if "ms" in span:
        return float(span["ms"])
    call = span.get("call") or {}
    ends = [part["at"] + part.get("ms", part.get("head", 0.0)) for part in call.get("attempts", ())]
    return float(max([*ends, *call.get("chunks", ())[-1:]], default=0.0))


def _hint(node: Node, twin: bool) -> str:
    span = node.span
    told = str(span.get("hint", ""))
    if twin and span.get("status", "ok") in ("ok", "running"):
        told = call_words(span["call"]) or told
    if ((span.get("call") or {}).get("facts") or {}).get("fallback"):
        told = " · ".join(filter(None, [told, "answered by fallback"]))
    return told


def _row(node: Node, ms: float, cells: int, hint: str) -> Row:
    span = node.span
    call = span.get("call") or {}
    usage = call.get("tokens") or {}
    total = usage.get("total", usage.get("in", 0) + usage.get("out", 0)) if usage else None
    return Row(
        depth=node.depth,
        parent=bool(node.children),
        failed=span.get("status") in _FAILED_STATUS,
        name=one_line(span["name"]) or "?",
        hint=one_line(hint),
        attempts=len(call.get("attempts", ())),
        tokens="" if total is None else ("~" if usage.get("est") else "") + tokens(total),
        time=duration(max(0.0, span["ms"])) if "ms" in span else _unended(span),
        bar=_bar(node, ms, cells),
    )


def _unended(span: dict[str, Any]) -> str:
    """Say of a span without an end that it runs, but for a call that was logged without its duration."""
    return "–" if span.get("call") and span.get("status") != "running" else "running"


def _bar(node: Node, ms: float, cells: int) -> str:
    cell = ms / cells or 1.0
    first = min(cells - 1, max(0, round(node.at / cell)))
    last = min(cells, round(node.end / cell))
    failed = node.span.get("status") in _FAILED_STATUS
    if node.end - node.at < cell / 2 or last <= first:
        return " " * first + (FAILED if failed else SHORT)
    if node.kind == "flow":
        return " " * first + OWN * (last - first)
    glyphs = [_glyph(node, (index + 0.5) * cell) for index in range(first, last)]
    if glyphs[-1] == WAITING and "first" in (node.span.get("call") or {}):
        # However short, the answer itself is to be seen after the wait for it.
        glyphs = [*glyphs, WORK] if last < cells else [*glyphs[:-1], WORK]
    for attempt in _failed_attempts(node):
        # Short as it may be, a failed attempt is what one looks for.
        place = round((node.at + attempt["at"]) / cell) - first
        glyphs[min(len(glyphs) - 1, max(0, place))] = FAILED
    return " " * first + "".join(glyphs)


def _glyph(node: Node, at: float) -> str:
    span = node.span
    call = span.get("call")
    if any(start <= at < end for start, end in waits_of(span, node.end)):
        return RETRY
    if span.get("status") in _FAILED_STATUS:
        return FAILED
    if call and "first" in call and at < node.at + call["first"]:
        return WAITING
    if call and call.get("stream") and "first" not in call:
        return WAITING
    return WORK


def _failed_attempts(node: Node) -> list[dict[str, Any]]:
    attempts = (node.span.get("call") or {}).get("attempts", [])
    if node.span.get("status") in _FAILED_STATUS:
        return list(attempts)
    return list(attempts[:-1])
