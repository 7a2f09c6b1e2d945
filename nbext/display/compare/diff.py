"""Two wires aligned as trees, by the rules of `renderers/src/model/diff.ts`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..tree import build_tree, status_of
from ..words import short_model, status_word
from .align import align

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..tree import Node

Wire = dict[str, Any]
Mark = Literal["same", "changed", "added", "removed"]


@dataclass(slots=True, eq=False)
class DiffNode:
    """A span of either run, or the two that belong together.

    Attributes
    ----------
    mark : str
        ``same``, ``changed``, ``added`` (only in the later run) or ``removed``.
    a, b : Node or None
        In the earlier and in the later run.
    words : list of str
        What changed: ``gpt-oss-120b → claude-haiku-4-5``, ``system prompt changed``.
    """

    mark: Mark
    a: Node | None
    b: Node | None
    depth: int
    words: list[str]
    children: list[DiffNode] = field(default_factory=list)


def diff_wires(a: Wire, b: Wire) -> list[DiffNode]:
    """Give the spans of two plain wires, aligned, parents before children.

    Spans pair by name, type and place among their siblings; hint and status break ties.
    """
    return diff_trees(build_tree(a["spans"], _ms(a)), build_tree(b["spans"], _ms(b)))


def _ms(wire: Wire) -> float:
    ends = [span["at"] + span.get("ms", 0) for span in wire["spans"]]
    return float(wire["ms"]) if "ms" in wire else max(ends, default=0.0)


def diff_trees(a: Sequence[Node], b: Sequence[Node]) -> list[DiffNode]:
    """Align two lists of roots; `a` is the earlier run."""
    roots: list[DiffNode] = []
    work: list[tuple[Sequence[Node], Sequence[Node], int, list[DiffNode]]] = [(a, b, 0, roots)]
    while work:
        lefts, rights, depth, into = work.pop()
        for left, right in align(lefts, rights, _likeness, _key):
            node = _diff_node(left, right, depth)
            into.append(node)
            work.append(
                (left.children if left else (), right.children if right else (), depth + 1, node.children)
            )
    order: list[DiffNode] = []
    stack = roots[::-1]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(reversed(node.children))
    return order


def _key(node: Node) -> str:
    return f"{node.span['type']}\n{node.span['name']}"


def _likeness(a: Node, b: Node) -> int:
    if a.span["name"] != b.span["name"] or a.kind != b.kind:
        return 0
    return 4 + 2 * (a.span.get("hint") == b.span.get("hint")) + (status_of(a.span) == status_of(b.span))


def _diff_node(a: Node | None, b: Node | None, depth: int) -> DiffNode:
    words = changes_of(a.span, b.span) if a and b else []
    mark: Mark = "added" if a is None else "removed" if b is None else "changed" if words else "same"
    return DiffNode(mark, a, b, depth, words)


def changes_of(a: Wire, b: Wire) -> list[str]:
    """Say what differs between two runs of a span, times apart."""
    words = []
    if status_of(a) != status_of(b):
        words.append(f"{_status(a)} → {_status(b)}")
    if "call" in a and "call" in b:
        return words + _call_changes(a["call"], b["call"])
    if "call" in a or "call" in b:
        return words
    if not _equal(a, b, "inputs"):
        words.append("input changed")
    if not _equal(a, b, "outputs"):
        words.append("output changed")
    if not words and "inputs" not in a and "inputs" not in b and a.get("hint") != b.get("hint"):
        words.append(f"{a.get('hint', 'nothing')} → {b.get('hint', 'nothing')}")
    return words


def _status(span: Wire) -> str:
    return status_word({**span, "status": status_of(span)}) or "ok"


def _call_changes(a: Wire, b: Wire) -> list[str]:
    words = []
    before, after = _model_of(a), _model_of(b)
    if before != after:
        words.append(f"{before or 'no model'} → {after or 'no model'}")
    if _texts(a["messages"], system=True) != _texts(b["messages"], system=True):
        words.append("system prompt changed")
    if _texts(a["messages"], system=False) != _texts(b["messages"], system=False):
        words.append("messages changed")
    if not _equal(a, b, "params"):
        words.append("parameters changed")
    if not _equal(a, b, "tools"):
        words.append("tools changed")
    if _texts(a["answers"]) != _texts(b["answers"]):
        words.append("answer changed")
    return words


def _model_of(call: Wire) -> str:
    return short_model(call.get("served") or call.get("model") or call.get("endpoint") or "")


def _texts(messages: Sequence[Wire], system: bool | None = None) -> list[Any]:
    """Give what is said, tool calls as their names and arguments; by system prompt or the rest."""
    return [
        (message["role"], message_text(message), tool_calls_text(message))
        for message in messages
        if system is None or (message["role"] in ("system", "developer")) == system
    ]


def message_text(message: Wire) -> str:
    """Give the visible text of a wire message."""
    if "text" in message:
        return str(message["text"])
    parts = message.get("parts", ())
    return "".join(part["text"] for part in parts if part["k"] in ("text", "refusal", "tool_result"))


def tool_calls_text(message: Wire) -> list[str]:
    """Give the tool calls of a wire message as ``name(arguments)``."""
    parts = message.get("parts", ())
    return [f"{part['name']}({part['args']})" for part in parts if part["k"] == "tool_call"]


def _equal(a: Wire, b: Wire, key: str) -> bool:
    if key not in a or key not in b:
        return (key in a) == (key in b)
    return _canonical(a[key]) == _canonical(b[key])


def _canonical(value: Any) -> str:
    """Write JSON that is the same for equal values: keys sorted, and 1.0 is 1 as it is in a browser."""
    return json.dumps(_numbers(value), sort_keys=True)


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
