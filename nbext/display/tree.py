"""Wire spans as a tree, whatever is odd in them; the same tree as `renderers/src/model/tree.ts` builds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

WireSpan = dict[str, Any]
Kind = Literal["model", "tool", "data", "flow"]

# MLflow's SpanType; all others are own code.
_KINDS: dict[str, Kind] = {
    "EMBEDDING": "data",
    "RETRIEVER": "data",
    "RERANKER": "data",
    "TOOL": "tool",
    "CHAT_MODEL": "model",
    "LLM": "model",
}


@dataclass(slots=True, eq=False)
class Node:
    """A span in its tree. Times are ms from the start of the capture.

    Attributes
    ----------
    id : str
        The span's, made one of its own where two spans share it.
    at, end : float
        Of the span; it never ends before it starts.
    first, last : float
        Of the span and all under it.
    """

    span: WireSpan
    id: str
    at: float
    end: float
    first: float
    last: float
    parent: Node | None = None
    depth: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        """What the span is drawn as."""
        return kind_of(self.span)


def kind_of(span: WireSpan) -> Kind:
    """Tell what a span is drawn as, by its MLflow type."""
    return _KINDS.get(span["type"].upper()) or ("model" if "call" in span else "flow")


def status_of(span: WireSpan) -> str:
    """Status; a span with an error but no status has failed."""
    return str(span.get("status") or ("error" if "error" in span else "ok"))


def build_tree(spans: Sequence[WireSpan], ms: float) -> list[Node]:
    """Give the roots, children in place and sorted by start.

    Parameters
    ----------
    spans : sequence of WireSpan
        A parent may be missing, ids may repeat, parents may form a cycle.
    ms : float
        Length of the capture; what runs ends there.
    """
    nodes: dict[str, Node] = {}
    for span in sorted(spans, key=lambda span: float(span["at"])):
        node = _node(span, _free_id(span["id"], nodes), ms)
        nodes[node.id] = node
    for node in nodes.values():
        parent = nodes.get(node.span.get("parent") or "")
        node.parent = None if parent is node else parent
    _cut_cycles(list(nodes.values()))
    roots: list[Node] = []
    for node in nodes.values():
        (roots if node.parent is None else node.parent.children).append(node)
    order = depth_first(roots)
    for node in order:
        node.depth = node.parent.depth + 1 if node.parent else 0
    for node in reversed(order):
        if node.parent:
            node.parent.first = min(node.parent.first, node.first)
            node.parent.last = max(node.parent.last, node.last)
    return roots


def depth_first(roots: Sequence[Node]) -> list[Node]:
    """Give all nodes, parents before children. No recursion: 1,400 levels have been seen."""
    order: list[Node] = []
    stack = list(reversed(roots))
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(reversed(node.children))
    return order


def _free_id(wanted: str, taken: dict[str, Node]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}#{number}", number + 1
    return name


def _node(span: WireSpan, name: str, ms: float) -> Node:
    at = float(span["at"])
    length = span.get("ms")
    end = max(at, ms if length is None else at + float(length))
    return Node(span, name, at, end, at, end)


def _cut_cycles(nodes: Sequence[Node]) -> None:
    """Open each circle of parents at its first span, which becomes a root."""
    rank = {id(node): number for number, node in enumerate(nodes)}
    seen: set[int] = set()
    for node in nodes:
        path: dict[int, Node] = {}
        above: Node | None = node
        while above is not None and id(above) not in seen and id(above) not in path:
            path[id(above)] = above
            above = above.parent
        if above is not None and id(above) in path:
            ring = list(path.values())[list(path).index(id(above)) :]
            min(ring, key=lambda member: rank[id(member)]).parent = None
        seen.update(path)
