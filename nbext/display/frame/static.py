"""A frame where no script runs."""

from __future__ import annotations

import json
from typing import Any

from ..escape import cut, markup, one_line
from ..words import plural

_MOST_ROWS = 50
_MOST_COLUMNS = 9
_WIDE = 60
# What tells rows apart comes first, as in the view.
_PREFERRED = (
    "status",
    "name",
    "tool",
    "role",
    "model",
    "duration_ms",
    "ttft_ms",
    "output_tokens",
    "cost_usd",
    "prompt",
    "text",
)


def frame_html(payload: dict[str, Any]) -> str:
    """Give the first rows as an HTML table."""
    places = _places(payload)
    names = [payload["columns"][place]["name"] for place in places]
    head = "".join(f"<th>{markup(name)}</th>" for name in names)
    lines = [
        "<tr>" + "".join(f"<td>{markup(_word(row[place]))}</td>" for place in places) + "</tr>"
        for row in payload["rows"][:_MOST_ROWS]
    ]
    table = f"<table><tr>{head}</tr>{''.join(lines)}</table>"
    return f"<strong>{markup(_title(payload))}</strong>{table}{_rest(payload)}"


def frame_text(payload: dict[str, Any], *, width: int = 100) -> str:
    """Give the first rows as text."""
    places = _places(payload)
    lines = [_title(payload)]
    for row in payload["rows"][:_MOST_ROWS]:
        words = [one_line(_word(row[place])) for place in places]
        lines.append(cut("  ".join(word for word in words if word), width))
    return "\n".join(lines)


def _title(payload: dict[str, Any]) -> str:
    return f"{one_line(payload['name'])} · {plural(payload['total'], 'row')}"


def _rest(payload: dict[str, Any]) -> str:
    left = payload["total"] - min(_MOST_ROWS, len(payload["rows"]))
    return f"<em>… {plural(left, 'more row')}</em>" if left > 0 else ""


def _places(payload: dict[str, Any]) -> list[int]:
    names = [column["name"] for column in payload["columns"]]
    known = [names.index(name) for name in _PREFERRED if name in names]
    others = [i for i, name in enumerate(names) if i not in known and not name.endswith("_id")]
    return known if len(known) >= 3 else [*known, *others][:_MOST_COLUMNS]


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.1f}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return cut(one_line(text), _WIDE)
