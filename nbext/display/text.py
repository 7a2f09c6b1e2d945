"""A capture as text for a terminal; every text of a model is escaped."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Any

from .chat import hidden_line, hides_input, outcomes_of, question_of
from .escape import columns, cut, one_line, pad, visible
from .facts import call_facts, header_facts, notes_of, only_call, problem_facts, title_of
from .rows import BAR_CELLS, LEGEND, Row, rows_of, wire_ms
from .server_words import server_facts
from .wire import whole_wire
from .words import duration, plural, split_line, status_word

if TYPE_CHECKING:
    from ..model.capture import Capture

_TOKENS = 7
_NARROWEST_NAME = 12
_ROLE = 11
_MOST_ANSWERS = 5
_MOST_NOTES = 5


def text_tree(
    capture: Capture, *, width: int | None = None, max_rows: int | None = None, max_lines: int = 20
) -> str:
    """Give the tree of a capture, its bars drawn with glyphs; for one call the question and the answer.

    Parameters
    ----------
    capture : Capture
    width : int, optional
        Columns of the terminal; that of the real one if left out.
    max_rows : int, optional
        Most spans listed; the rest is counted.
    max_lines : int
        Most lines of an answer shown.
    """
    width = width or shutil.get_terminal_size((100, 24)).columns
    return text_of_wire(whole_wire(capture), width=width, max_rows=max_rows, max_lines=max_lines)


def text_of_wire(
    wire: dict[str, Any], *, width: int = 100, max_rows: int | None = None, max_lines: int = 20
) -> str:
    """Give the text of a plain wire; see `text_tree`."""
    span = only_call(wire)
    if not wire["spans"]:
        lines: list[str] = []
    elif span is not None:
        lines = _one_call(wire, span, width, max_lines)
    else:
        lines = _tree(wire, width, max_rows)
    notes = notes_of(wire)
    if lines and notes:
        lines.append("")
    return "\n".join([*lines, *notes])


def _one_call(wire: dict[str, Any], span: dict[str, Any], width: int, max_lines: int) -> list[str]:
    facts = call_facts(wire, span, "tok")
    word = status_word(span)
    title = title_of(wire)
    head = " · ".join([*([word] if word else []), *facts])
    lines = [f"{title}  {head}" if title else head]
    role, question = question_of(span["call"])
    if hides_input(span["call"]):
        question = hidden_line(span["call"]["verdict"], len(question))
    lines += _paragraph(role, question, width, min(3, max_lines))
    outcomes = outcomes_of(span)
    for role, text in outcomes[:_MOST_ANSWERS]:
        lines += _paragraph(role, text, width, max_lines)
    if len(outcomes) > _MOST_ANSWERS:
        lines.append(f"… {plural(len(outcomes) - _MOST_ANSWERS, 'more answer')}")
    for note in span["call"].get("notes", ()):
        lines += _paragraph("note", note, width, max_lines)
    lines += _paragraph("logged", " · ".join(server_facts(span)), width, max_lines)
    following = (span["call"].get("verdict") or {}).get("next")
    return lines + (_paragraph("next", following, width, max_lines) if following else [])


def _paragraph(role: str, text: str, width: int, most: int) -> list[str]:
    room = max(20, width - _ROLE)
    lines = [
        wrapped
        for line in visible(text).expandtabs(4).splitlines()
        for wrapped in textwrap.wrap(line, room, replace_whitespace=False, drop_whitespace=True) or [""]
    ]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return []
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = cut(lines[-1] + " …", room) if columns(lines[-1]) > room - 2 else lines[-1] + " …"
    first = pad(cut(one_line(role), _ROLE - 2), _ROLE) + lines[0]
    return [first.rstrip(), *((" " * _ROLE + line).rstrip() for line in lines[1:])]


def _tree(wire: dict[str, Any], width: int, max_rows: int | None) -> list[str]:
    title = title_of(wire)
    facts = " · ".join([*header_facts(wire, "tok"), *problem_facts(wire)])
    lines = [f"{title}  {facts}" if title else facts, split_line(wire["totals"]), ""]
    cells = BAR_CELLS if width >= 72 else 12
    rows = rows_of(wire, cells)
    shown = rows if max_rows is None else rows[:max_rows]
    time_width = max(6, *(len(row.time) for row in shown))
    names = [_name(row) for row in shown]
    name_width = min(
        max(_NARROWEST_NAME, width - _TOKENS - 2 - time_width - 2 - cells),
        max(_NARROWEST_NAME, *(columns(name) + 5 for name in names)),
    )
    span_word = pad("span", name_width)
    axis = "0" + duration(wire_ms(wire)).rjust(cells - 1)
    lines.append(f"{span_word}{'tokens':>{_TOKENS}}  {'time':>{time_width}}  {axis}")
    for row, name in zip(shown, names, strict=True):
        label = pad(cut(name, name_width - 1), name_width)
        lines.append(f"{label}{row.tokens:>{_TOKENS}}  {row.time:>{time_width}}  {row.bar}".rstrip())
    if len(rows) > len(shown):
        lines.append(f"… {len(rows) - len(shown):,} more spans")
    used = set("".join(row.bar for row in shown))
    legend = "  ".join(f"{glyph} {word}" for glyph, word in LEGEND if glyph in used)
    lines += ["", legend] if legend else []
    notes = _call_notes(wire, width)
    return [*lines, "", *notes] if notes else lines


def _call_notes(wire: dict[str, Any], width: int) -> list[str]:
    """Give what is odd about the calls, each oddity once with the calls it is met in."""
    met: dict[str, list[str]] = {}
    for span in wire["spans"]:
        for note in (span.get("call") or {}).get("notes", ()):
            met.setdefault(note, []).append(span["name"])
    lines: list[str] = []
    for note, names in list(met.items())[:_MOST_NOTES]:
        where = one_line(names[0]) if len(names) == 1 else plural(len(names), "call")
        lines += _paragraph("note", f"{where}: {note}", width, 3)
    if len(met) > _MOST_NOTES:
        lines.append(f"… {plural(len(met) - _MOST_NOTES, 'more note')}")
    return lines


def _name(row: Row) -> str:
    # From depth 8 on the depth is told instead of drawn, or the names would leave the page.
    indent = "  " * row.depth if row.depth < 8 else "  " * 7 + f"⋯ {row.depth} "
    name = f"{indent}{'× ' if row.failed else ''}{row.name}"
    if row.hint:
        name += f"  {row.hint.removeprefix('error: ') if row.failed else row.hint}"
    return f"{name}  ({row.attempts} attempts)" if row.attempts > 1 else name
