"""A capture as HTML that can be read where nothing runs: GitHub, nbviewer, nbconvert, an untrusted notebook.

Only the tags table, details, summary, code, em, strong and br (with what a table needs inside), the
attributes align and open, and one link (a, href, rel) where a store shows the trace too, so that every
host's sanitiser lets it through whole.
"""

from __future__ import annotations

import html
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..model.mlflow_pages import is_page
from .escape import markup
from .facts import call_facts, header_facts, notes_of, only_call, problem_facts, title_of
from .rows import LEGEND, Row, rows_of, wire_ms
from .server_words import joined_line
from .static_chat import Chats
from .wire import whole_wire
from .words import duration, split_line, status_word

if TYPE_CHECKING:
    from ..model.capture import Capture

Wire = dict[str, Any]

DEFAULT_MAX_BYTES = 200_000
# What the table of spans may take of it; the rest is for the messages.
_TABLE_SHARE = 0.5
_NBSP = "&nbsp;"


def static_html(capture: Capture, *, max_bytes: int = DEFAULT_MAX_BYTES) -> str:
    """Give the HTML of a capture.

    Parameters
    ----------
    capture : Capture
    max_bytes : int
        Most bytes; spans and messages past it are counted instead of shown.
    """
    return html_of_wire(whole_wire(capture), max_bytes=max_bytes)


def html_of_wire(wire: Wire, *, max_bytes: int = DEFAULT_MAX_BYTES) -> str:
    """Give the HTML of a plain wire; see `static_html`."""
    joined = [joined_line(wire["joined"])] if wire.get("joined") else []
    notes = "".join(f"<br><em>{markup(note)}</em>" for note in [*joined, *notes_of(wire)]) + _page_link(wire)
    if not wire["spans"]:
        return notes.removeprefix("<br>")
    span = only_call(wire)
    budget = max_bytes - len(notes.encode()) - 1000
    body = _one_call(wire, span, budget) if span is not None else _tree(wire, budget)
    return f"{body}{_footer(wire)}{notes}"


def _page_link(wire: Wire) -> str:
    page = (wire.get("export") or {}).get("page") or wire.get("page")
    if not (isinstance(page, str) and is_page(page)):
        return ""
    # Quotes and control characters stand by their codes in it.
    address = html.escape(quote(page, safe=":/?#[]@!$&()*+,;=%~"), quote=True)
    return f'<br><a href="{address}" rel="noopener noreferrer">Open in MLflow</a>'


def _one_call(wire: Wire, span: Wire, budget: int) -> str:
    title, word = title_of(wire), status_word(span)
    facts = [markup(fact) for fact in call_facts(wire, span, "tokens")]
    facts[0] = f"<strong>{facts[0]}</strong>"
    if word:
        facts.insert(0, f"<strong>{word}</strong>")
    if title:
        facts.insert(0, f"<strong>{markup(title)}</strong>")
    return " · ".join(facts) + Chats(wire, budget).table(span)


def _tree(wire: Wire, budget: int) -> str:
    title = title_of(wire)
    facts = [markup(fact) for fact in header_facts(wire, "tokens")]
    lead = f"<strong>{markup(title)}</strong> · " if title else ""
    if not title:
        facts[0] = f"<strong>{facts[0]}</strong>"
    trouble = [
        f"<strong>{fact}</strong>" if not fact.endswith(("retry", "retries")) else fact
        for fact in problem_facts(wire)
    ]
    head = lead + " · ".join([*facts, *trouble])
    split = split_line(wire["totals"])
    head += f"<br><em>{split}</em>" if split else ""
    table = _span_table(wire, int(budget * _TABLE_SHARE))
    chats = Chats(wire, budget - len(table.encode()))
    return f"{head}<details><summary>Spans</summary>{table}</details>{chats.all()}"


def _span_table(wire: Wire, budget: int) -> str:
    rows = rows_of(wire)
    axis = f"0 to {duration(wire_ms(wire))}"
    head = f'<tr><th>Span</th><th align="right">Tokens</th><th align="right">Time</th><th>{axis}</th></tr>'
    used, lines = len(head), []
    for row in rows:
        line = _span_row(row)
        used += len(line.encode())
        if used > budget:
            break
        lines.append(line)
    table = f"<table><thead>{head}</thead><tbody>{''.join(lines)}</tbody></table>"
    if len(lines) < len(rows):
        table += f"<em>{len(rows) - len(lines):,} more spans</em><br>"
    glyphs = set("".join(row.bar for row in rows[: len(lines)]))
    return (
        table + "<em>" + ", ".join(f"{glyph} {word}" for glyph, word in LEGEND if glyph in glyphs) + "</em>"
    )


def _span_row(row: Row) -> str:
    indent = _NBSP * 3 * row.depth if row.depth < 8 else f"{_NBSP * 21}⋯ {row.depth} "
    name = f"<strong>{markup(row.name)}</strong>" if row.parent else markup(row.name)
    hint = f" <em>{markup(row.hint)}</em>" if row.hint else ""
    attempts = f" ({row.attempts} attempts)" if row.attempts > 1 else ""
    mark = "× " if row.failed else ""
    return (
        f'<tr><td>{indent}{mark}{name}{hint}{attempts}</td><td align="right">{row.tokens}</td>'
        f'<td align="right">{row.time}</td><td><code>{row.bar.replace(" ", _NBSP)}</code></td></tr>'
    )


def _footer(wire: Wire) -> str:
    saved = wire.get("saved")
    day = _day(saved) if isinstance(saved, str) else ""
    when = f", {day}" if day else ""
    how = "Open in Jupyter with nbext installed for the timeline, search and JSON."
    return f"<em>Saved by nbext{when}. {how}</em>"


def _day(saved: str) -> str:
    try:
        time = datetime.fromisoformat(saved).astimezone()
    except ValueError:
        # Of a file that somebody else wrote.
        return ""
    return f"{time.day} {time:%b %H:%M}"
