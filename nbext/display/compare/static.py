"""A comparison where no script runs: HTML for GitHub and untrusted notebooks, text for a terminal."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from ..escape import cut, markup, one_line, pad, visible
from .diff import DiffNode, message_text, tool_calls_text
from .totals import signed, total_deltas

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Wire = dict[str, Any]

MARKS = {"same": "=", "changed": "~", "added": "+", "removed": "−"}
_NBSP = "&nbsp;"
# Texts past this are compared in the page, not here.
_LONGEST = 6_000
_MOST_ROWS = 400
_NAME_SHARE = 0.5
_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def counts_of(order: Sequence[DiffNode]) -> str:
    """Say how many spans are changed, added, removed and the same."""
    number = {mark: sum(node.mark == mark for node in order) for mark in MARKS}
    words = [f"{number[mark]:,} {mark}" for mark in ("changed", "added", "removed") if number[mark]]
    same = f"{number['same']:,} the same"
    return ", ".join([*words, same] if number["same"] or not words else words)


def compare_html(
    a: Wire, b: Wire, labels: tuple[str, str], order: Sequence[DiffNode], *, max_bytes: int
) -> str:
    """Give the HTML: totals, the aligned spans, the words that changed in prompts and answers."""
    left, right = markup(one_line(labels[0])), markup(one_line(labels[1]))
    head = f"<strong>A {left} → B {right}</strong> · {markup(counts_of(order))}"
    rows = [f"<tr><th></th>{''.join(map(_right_head, ('A', 'B', 'Difference')))}</tr>"]
    for name, *texts in total_deltas(a, b):
        cells = "".join(f'<td align="right">{markup(text)}</td>' for text in texts)
        rows.append(f"<tr><td>{name}</td>{cells}</tr>")
    budget = max_bytes - len(head.encode()) - sum(len(row.encode()) for row in rows) - 400
    spans = _span_table(order, budget // 2)
    budget -= len(spans.encode())
    chats = []
    for node in order:
        chat = _chat(node)
        budget -= len(chat.encode())
        if budget < 0:
            chats.append("<br><em>More changes are left out here; run the cell to see them.</em>")
            break
        chats.append(chat)
    return f"{head}<table>{''.join(rows)}</table>{spans}{''.join(chats)}"


def _right_head(word: str) -> str:
    return f'<th align="right">{word}</th>'


def _span_table(order: Sequence[DiffNode], budget: int) -> str:
    head = (
        '<tr><th></th><th>Span</th><th align="right">A</th><th align="right">B</th>'
        '<th align="right">Difference</th><th>What changed</th></tr>'
    )
    lines: list[str] = []
    used = len(head)
    for node in order:
        name, before, after, delta, words = _cells(node)
        line = (
            f"<tr><td>{MARKS[node.mark]}</td><td>{_NBSP * 4 * min(node.depth, 12)}{markup(name)}</td>"
            f'<td align="right">{before}</td><td align="right">{after}</td><td align="right">{delta}</td>'
            f"<td>{markup(words)}</td></tr>"
        )
        used += len(line.encode())
        if used > budget:
            lines.append(f"<tr><td></td><td><em>… {len(order) - len(lines):,} more spans</em></td></tr>")
            break
        lines.append(line)
    return f"<details open><summary>Spans</summary><table>{head}{''.join(lines)}</table></details>"


def _cells(node: DiffNode) -> tuple[str, str, str, str, str]:
    span = (node.b or node.a).span  # type: ignore[union-attr]  # one of them is there
    a = None if node.a is None else node.a.end - node.a.at
    b = None if node.b is None else node.b.end - node.b.at
    delta = "" if a is None or b is None else signed(round((b - a) / 1000, 2), "{:.2f} s".format)
    return (
        one_line(span["name"]),
        "" if a is None else f"{a / 1000:.2f} s",
        "" if b is None else f"{b / 1000:.2f} s",
        delta,
        one_line(", ".join(node.words)),
    )


def _chat(node: DiffNode) -> str:
    if node.mark != "changed" or node.a is None or node.b is None:
        return ""
    parts = [
        f"<br><em>{what}</em><br>{''.join(_marked(before, after))}"
        for what, before, after in texts_of(node.a.span, node.b.span)
    ]
    if not parts:
        return ""
    name = markup(one_line(node.b.span["name"]))
    return f"<details><summary>~ {name}</summary>{''.join(parts)}</details>"


def texts_of(a: Wire, b: Wire) -> list[tuple[str, str, str]]:
    """Give what was said in both runs of a call where it differs: what it is, before, after."""
    if "call" not in a or "call" not in b:
        return []
    found = []
    for what, key in (("messages", "messages"), ("answer", "answers")):
        before, after = _said(a["call"][key]), _said(b["call"][key])
        if before != after:
            found.append((what, before, after))
    return found


def _said(messages: Sequence[Wire]) -> str:
    return "\n".join(
        f"{message['role']}: {' '.join([message_text(message), *tool_calls_text(message)]).strip()}"
        for message in messages
    )


def _marked(before: str, after: str) -> Iterator[str]:
    """Put words that went in brackets, and those that came in bold: GitHub keeps no colour."""
    for kind, text in word_changes(before[:_LONGEST], after[:_LONGEST]):
        shown = markup(text).replace("\n", "<br>")
        yield {"removed": f"<em>[−{shown}−]</em>", "added": f"<strong>{shown}</strong>"}.get(kind, shown)
    if max(len(before), len(after)) > _LONGEST:
        yield " <em>… longer texts are compared in the view</em>"


def word_changes(before: str, after: str) -> list[tuple[str, str]]:
    """Give runs of words that stayed (``same``), went (``removed``) and came (``added``)."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    changes: list[tuple[str, str]] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(("same", "".join(old[i:j])))
            continue
        changes += [("removed", "".join(old[i:j]))] * (i < j) + [("added", "".join(new[k:m]))] * (k < m)
    return changes


def compare_text(
    a: Wire, b: Wire, labels: tuple[str, str], order: Sequence[DiffNode], *, width: int = 100
) -> str:
    """Give the text for a terminal."""
    lines = [f"A {one_line(labels[0])} → B {one_line(labels[1])} · {counts_of(order)}", ""]
    for name, before, after, delta in total_deltas(a, b):
        lines.append(f"{name:<20}{before:>12}{after:>12}{delta:>12}")
    lines.append("")
    wide = max(24, int(width * _NAME_SHARE) - 4)
    for node in order[:_MOST_ROWS]:
        name, before, after, delta, words = _cells(node)
        title = pad(cut("  " * min(node.depth, 12) + name, wide), wide)
        line = f"{MARKS[node.mark]} {title} {before:>8} {after:>8} {delta:>8}  {words}"
        lines.append(cut(line, width).rstrip())
    if len(order) > _MOST_ROWS:
        lines.append(f"… {len(order) - _MOST_ROWS:,} more spans")
    return visible("\n".join(lines))
