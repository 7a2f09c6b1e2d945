"""From what a person said to judgements."""

from __future__ import annotations

import getpass
import json
import os
import time
from typing import TYPE_CHECKING, Any

from ..model.assessment import COMMENT, EXPECTED, HUMAN, SCORE, VERDICT, Assessment

if TYPE_CHECKING:
    from ..model.redact import Redactor

Json = Any
_NOTHING = (
    "nothing was said; give a value (True, False, a number or a word), score=0.0 to 1.0, "
    "comment= or expected="
)


def said(
    value: Json = None,
    *,
    score: float | None = None,
    comment: str | None = None,
    expected: Json = None,
    name: str | None = None,
    user: str | None = None,
    redactor: Redactor | None = None,
) -> list[Assessment]:
    """Make judgements of what a person said; the comment is the reason of the first.

    Raises
    ------
    ValueError
        Nothing was said, or it is of a kind that cannot be kept.
    """
    comment = comment.strip() if isinstance(comment, str) else comment
    if comment is not None and not isinstance(comment, str):
        raise ValueError(f"comment: expected a text, got {comment!r}")
    if name is not None and (not isinstance(name, str) or not name.strip()):
        raise ValueError(f"name: expected what is judged, such as 'grounded', got {name!r}")
    if redactor is not None:
        comment = redactor.text(comment) if comment else comment
        expected, value = redactor.json(expected), redactor.json(value)
    found: list[tuple[str, Json, str]] = []
    if value is not None:
        found.append((name or VERDICT, _value(value), "feedback"))
    if score is not None:
        own = SCORE if name is None else (name if value is None else f"{name}_score")
        found.append((own, _score(score), "feedback"))
    if comment and not found:
        found.append((name or COMMENT, comment, "feedback"))
    if expected not in (None, ""):
        if not _is_json(expected):
            raise ValueError(
                f"expected: a {type(expected).__name__} is no JSON value; give a text, a dict or a list"
            )
        found.append((EXPECTED, expected, "expectation"))
    if not found:
        raise ValueError(_NOTHING)
    who = user or user_name()
    at = time.time_ns()
    made = [
        Assessment(own, given, kind, source=HUMAN, source_id=who, at_ns=at, id=os.urandom(8).hex())  # type: ignore[arg-type]
        for own, given, kind in found
    ]
    if comment:
        made[0].rationale = comment
    return made


def said_in_view(ask: Json) -> dict[str, Json]:
    """Read `FeedbackAsk` of `renderers/src/wire/assessment.ts` as the arguments of `said`.

    Raises
    ------
    ValueError
        It is none.
    """
    if not isinstance(ask, dict) or not isinstance(ask.get("span"), str):
        raise ValueError("What the feedback is about was not said.")
    verdict = {"up": True, "down": False}.get(str(ask.get("verdict")))
    return {"value": verdict, **{key: ask.get(key) for key in ("score", "comment", "expected")}}


def user_name() -> str:
    """Give the name a person goes by here."""
    for variable in ("MLFLOW_TRACKING_USERNAME", "JUPYTERHUB_USER", "DATABRICKS_USER_NAME"):
        if os.environ.get(variable):
            return os.environ[variable]
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # A container may have no name for its user.
        return "user"


def _is_json(value: Json) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _value(value: Json) -> Json:
    if isinstance(value, (bool, int, float, str)):
        if isinstance(value, str) and not value.strip():
            raise ValueError(_NOTHING)
        return value
    raise ValueError(f"value: expected True, False, a number or a word, got {value!r}")


def _score(score: Json) -> float:
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1:
        raise ValueError(f"score: expected a number from 0 to 1, got {score!r}")
    return float(score)
