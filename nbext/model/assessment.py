"""A judgement of a span: feedback of a person, a judge or code, or what should have come out.

The words are MLflow's: https://mlflow.org/docs/latest/genai/assessments/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["feedback", "expectation"]
# Source types of MLflow.
HUMAN, JUDGE, CODE = "HUMAN", "LLM_JUDGE", "CODE"

# Names under which a person's own words are kept, apart from any name the user gives.
VERDICT, SCORE, COMMENT, EXPECTED = "feedback", "score", "comment", "expected_response"


@dataclass(slots=True)
class Assessment:
    """A judgement of a span.

    ``value`` is what was said: True, 0.92, ``"yes"``, an expected answer; None with ``error`` set
    when a judge failed, and while ``pending``. ``at_ns`` is ns since the epoch. ``judge`` tells of
    the judge's own call: ``model``, ``ms``, ``usd``. ``queued``: kept here, and not yet
    taken by the tracking server.
    """

    name: str
    value: Any = None
    kind: Kind = "feedback"
    good: bool | None = None
    rationale: str | None = None
    source: str = HUMAN
    source_id: str | None = None
    at_ns: int | None = None
    judge: dict[str, Any] = field(default_factory=dict)
    pending: bool = False
    error: str | None = None
    queued: bool = False
    id: str | None = None

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What a later judgement of the same source takes the place of."""
        return self.name, self.source, self.source_id


def put(assessments: list[Assessment], new: Assessment) -> None:
    """Add a judgement; an earlier one of the same name and source makes room for it."""
    for index, known in enumerate(assessments):
        if known.key == new.key:
            assessments[index] = new
            return
    assessments.append(new)


def find(assessments: Iterable[Assessment], name: str, source: str | None = None) -> Assessment | None:
    """Give the latest judgement of a name."""
    found = [one for one in assessments if one.name == name and source in (None, one.source)]
    return max(found, key=lambda one: one.at_ns or 0) if found else None
