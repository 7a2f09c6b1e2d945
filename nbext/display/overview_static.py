"""An overview as HTML and text that can be read where nothing runs."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any

from .escape import columns, cut, markup, one_line, pad
from .words import duration, tokens, usd

Wire = dict[str, Any]

_BLOCKS = " ▁▂▃▄▅▆▇█"
_CELLS = 60
_MOST_ROWS = 25
# A stretch below a day is told by its hours.
_SHORT_MS = 86_400_000
_GRAINS = {
    "endpoint": "Endpoint",
    "entity": "Served entity",
    "requester": "Requester",
    "tag": "Tag",
}
_HEADS = ("Requests", "429 %", "Blocked %", "Error %", "p50", "p95", "p99", "Tokens", "Cost")


def overview_html(wire: Wire) -> str:
    """Give the HTML: the numbers, their course as glyphs, and a table for each grain.

    Only the tags and attributes every host's sanitiser lets through, as in `static_html`.
    """
    facts = [f"<strong>{markup(short_name(wire['table']))}</strong>", *map(markup, head_facts(wire))]
    lines = " · ".join(facts)
    course = "".join(
        f"<tr><td>{label}</td><td><code>{markup(glyphs)}</code></td>"
        f'<td align="right">{markup(most)}</td></tr>'
        for label, glyphs, most in courses(wire)
    )
    if course:
        axis = f"<tr><td></td><td><em>{markup(range_words(wire['from'], wire['to']))}</em></td><td></td></tr>"
        lines += f"<table><tbody>{course}{axis}</tbody></table>"
    for place, (grain, title) in enumerate(_GRAINS.items()):
        groups = wire["groups"].get(grain) or []
        if not groups:
            continue
        table = _html_table(title, groups)
        lines += (
            table if place == 0 else f"<details><summary>{title}: {len(groups):,}</summary>{table}</details>"
        )
    return lines + "".join(f"<br><em>{markup(note)}</em>" for note in notes(wire))


def _html_table(title: str, groups: list[Wire]) -> str:
    head = "".join(f'<th align="right">{name}</th>' for name in _HEADS)
    rows = "".join(
        f"<tr><td>{markup(_name(group))}</td>"
        + "".join(f'<td align="right">{markup(cell)}</td>' for cell in cells(group))
        + "</tr>"
        for group in groups[:_MOST_ROWS]
    )
    more = f"<em>{len(groups) - _MOST_ROWS:,} more</em><br>" if len(groups) > _MOST_ROWS else ""
    return f"<table><thead><tr><th>{title}</th>{head}</tr></thead><tbody>{rows}</tbody></table>{more}"


def overview_text(wire: Wire, *, width: int = 100) -> str:
    """Give the text for a terminal."""
    lines = [f"{one_line(short_name(wire['table']))}  {' · '.join(head_facts(wire))}"]
    for label, glyphs, most in courses(wire):
        lines.append(f"{label:<10}{glyphs}  {most}")
    for grain, title in _GRAINS.items():
        groups = (wire["groups"].get(grain) or [])[:_MOST_ROWS]
        if groups:
            lines += ["", *_text_table(title, groups, width)]
    return "\n".join([*lines, *(["", *notes(wire)] if notes(wire) else [])])


def _text_table(title: str, groups: list[Wire], width: int) -> list[str]:
    rows = [cells(group) for group in groups]
    widths = [max(len(head), *(len(row[i]) for row in rows)) for i, head in enumerate(_HEADS)]
    room = max(12, width - sum(widths) - 2 * len(widths))
    names = [one_line(_name(group)) for group in groups]
    wide = min(room, max(columns(title), *(columns(name) for name in names)))
    lines = [pad(title, wide) + "".join(f"  {head:>{w}}" for head, w in zip(_HEADS, widths, strict=True))]
    for name, row in zip(names, rows, strict=True):
        lines.append(
            pad(cut(name, wide), wide) + "".join(f"  {c:>{w}}" for c, w in zip(row, widths, strict=True))
        )
    return lines


def head_facts(wire: Wire) -> list[str]:
    """``1.28M requests``, when, shares of what was not answered, cost."""
    totals = wire["totals"]
    requests = totals["requests"]
    if not requests:
        return [f"No requests from {range_words(wire['from'], wire['to'])}."]
    facts = [
        f"{tokens(requests)} request{'s' * (requests != 1)}",
        range_words(wire["from"], wire["to"]),
    ]
    for key, word in (("limited", "429"), ("blocked", "blocked"), ("errors", "errors")):
        if totals.get(key):
            facts.append(f"{_percent(totals[key], requests)} % {word}")
    if totals.get("usd") is not None:
        facts.append(_cost(totals))
    return facts


def courses(wire: Wire) -> list[tuple[str, str, str]]:
    """Label, glyphs and largest value of what is drawn over time."""
    if not wire["buckets"]:
        return []
    found = []
    requests = _course(wire, lambda bucket: bucket["requests"], add=True)
    found.append(("Requests", requests[0], f"up to {requests[1]:,.0f}"))
    trouble = _course(
        wire, lambda b: b.get("errors", 0) + b.get("limited", 0) + b.get("blocked", 0), add=True
    )
    if trouble[1]:
        found.append(("not ok", trouble[0], f"up to {trouble[1]:,.0f}"))
    latency = _course(wire, lambda bucket: bucket.get("p95"), add=False)
    if latency[1]:
        found.append(("p95", latency[0], f"up to {duration(latency[1])}"))
    used = _course(wire, lambda bucket: bucket.get("in", 0) + bucket.get("out", 0), add=True)
    if used[1]:
        found.append(("Tokens", used[0], f"up to {tokens(used[1])}"))
    return found


def _course(wire: Wire, value: Any, *, add: bool) -> tuple[str, float]:
    """Draw a value over time in so many cells; those of a cell are added, or the highest is taken."""
    start, end = wire["from"], max(wire["to"], wire["from"] + wire["step"])
    count = max(1, min(_CELLS, round((end - start) / wire["step"])))
    values: list[float] = [0.0] * count
    for bucket in wire["buckets"]:
        given = value(bucket)
        place = min(count - 1, max(0, int((bucket["start"] - start) / (end - start) * count)))
        if given is not None:
            values[place] = values[place] + given if add else max(values[place], given)
    most = max(values)
    if most <= 0:
        return "", 0.0
    levels = len(_BLOCKS) - 1
    # What is there at all is seen, however small.
    glyphs = "".join(_BLOCKS[0 if v <= 0 else max(1, round(v / most * levels))] for v in values)
    return glyphs, most


def cells(counts: Wire) -> list[str]:
    """Give the cells of a row, as `_HEADS` names them."""
    requests = counts["requests"]
    shares = [_percent(counts.get(key, 0), requests) for key in ("limited", "blocked", "errors")]
    times = [duration(counts[key]) if counts.get(key) is not None else "–" for key in ("p50", "p95", "p99")]
    used = "–"
    if counts.get("in") is not None:
        used = (
            f"{tokens(counts['in'])} → {tokens(counts['out'])}" if counts.get("out") else tokens(counts["in"])
        )
    return [f"{requests:,}", *shares, *times, used, _cost(counts) if counts.get("usd") is not None else "–"]


def notes(wire: Wire) -> list[str]:
    """Say how the numbers are known."""
    engine = wire.get("engine") or {}
    found = []
    if engine.get("seconds") is not None:
        count = engine.get("queries", 1)
        found.append(
            f"{engine['name']}, {engine['seconds']:.1f} s, {count} quer{'y' if count == 1 else 'ies'}"
        )
    if wire.get("sampled"):
        found.append("sampled rows are weighted")
    if wire.get("newest") is not None:
        found.append(f"newest row {_moment(wire['newest'])}")
    return (
        [" · ".join(found), *map(one_line, wire.get("notes") or [])]
        if found
        else list(wire.get("notes") or [])
    )


def _name(group: Wire) -> str:
    return f"{group['name']} ({group['hint']})" if group.get("hint") else str(group["name"])


def _cost(counts: Wire) -> str:
    return f"≥ {usd(counts['usd'])}" if counts.get("partial") else usd(counts["usd"])


def _percent(count: float, of: float) -> str:
    share = 100 * count / of if of else 0.0
    return f"{share:.1f}" if share < 99.95 else "100"


def short_name(table: str) -> str:
    """Last part of a table's name or path."""
    name = table.rstrip("/").rpartition("/")[2].removesuffix(".parquet")
    return name.rpartition(".")[2] or table


def range_words(start_ms: float, end_ms: float) -> str:
    """Write a stretch of time in UTC: whole days, or the hours of a short one.

    Examples
    --------
    >>> day = 86_400_000
    >>> range_words(1783123200000, 1783123200000 + 7 * day)
    '4 to 10 Jul 2026'
    >>> range_words(1783123200000, 1783123200000 + 200 * day)
    '4 Jul 2026 to 19 Jan 2027'
    >>> range_words(1783123200000, 1783123200000 + day / 24)
    '4 Jul 2026, 00:00 to 01:00 UTC'
    """
    start, last = (
        datetime.fromtimestamp(ms / 1000, timezone.utc) for ms in (start_ms, max(start_ms, end_ms - 1))
    )
    first, year = f"{start.day} {start:%b}", f" {start.year}"
    if end_ms - start_ms < _SHORT_MS:
        # A minute that has begun belongs to it.
        end = datetime.fromtimestamp(math.ceil(end_ms / 60_000) * 60, timezone.utc)
        day = "" if last.date() == start.date() else f"{last.day} {last:%b} {last.year}, "
        return f"{first}{year}, {start:%H:%M} to {day}{end:%H:%M} UTC"
    if start.year == last.year:
        year = ""
        first = f"{start.day}" if start.month == last.month else first
    return f"{first}{year} to {last.day} {last:%b} {last.year}"


def _moment(ms: float) -> str:
    time = datetime.fromtimestamp(ms / 1000, timezone.utc)
    return f"{time.day} {time:%b %H:%M} UTC"
