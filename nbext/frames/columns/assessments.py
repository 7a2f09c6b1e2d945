"""Columns of what was said of a call or span: by people always, by a judge on demand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...model.assessment import COMMENT, EXPECTED, HUMAN, SCORE, VERDICT, find
from ..column import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...model.assessment import Assessment


def people(assessments: Callable[[Any], list[Assessment]]) -> list[Column]:
    """Give the columns of what people said.

    Parameters
    ----------
    assessments : callable
        From a row to what was said of it.
    """

    def thumb(row: Any) -> bool | None:
        one = find(assessments(row), VERDICT, HUMAN)
        return one.value if one is not None and isinstance(one.value, bool) else None

    def score(row: Any) -> float | None:
        one = find(assessments(row), SCORE, HUMAN)
        good = one is not None and isinstance(one.value, (int, float)) and not isinstance(one.value, bool)
        return float(one.value) if one is not None and good else None

    def comment(row: Any) -> str | None:
        said = [one for one in assessments(row) if one.source == HUMAN and one.rationale]
        one = find(said, VERDICT) or find(said, COMMENT) or (said[-1] if said else None)
        return None if one is None else one.rationale

    def expected(row: Any) -> str | None:
        one = find(assessments(row), EXPECTED)
        return None if one is None else _text(one.value)

    return [
        Column("thumb", thumb, "boolean", doc="what people said: True good, False bad"),
        Column("score", score, "Float64", doc="what people gave it, 0 to 1"),
        Column("comment", comment, "string", doc="what people wrote of it"),
        Column("expected", expected, "string", doc="what the answer should have been"),
    ]


def judged(name: str, field: str = "value") -> Column:
    """Give the column of one judge, scorer or name of feedback, for calls and for spans.

    Parameters
    ----------
    name : str
        As the judgement is called: ``grounded``.
    field : {"value", "rationale", "error", "source_id"}

    Examples
    --------
    >>> judged("grounded").name
    'grounded'
    >>> judged("grounded", "rationale").name
    'grounded_rationale'
    """
    if field not in ("value", "rationale", "error", "source_id"):
        raise ValueError(f"judged: expected value, rationale, error or source_id, got {field!r}")

    def get(row: Any) -> Any:
        one = find(_said(row), name)
        return None if one is None else getattr(one, field)

    dtype = "object" if field == "value" else "string"
    return Column(
        name if field == "value" else f"{name}_{field}", get, dtype, doc=f"{field} that {name} gave"
    )


def _said(row: Any) -> list[Assessment]:
    span = getattr(row, "span", None)
    found: list[Assessment] = row.assessments if span is None else span.assessments
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
