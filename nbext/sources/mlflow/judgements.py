"""MLflow's assessments as ours.

As `Assessment.to_dictionary` writes them, and as the columns of Unity Catalog's trace tables do
(https://mlflow.org/docs/latest/genai/assessments/).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ...model.assessment import Assessment
from ..inference_table.agent_span import clean_id
from ..inference_table.typing import fraction, moment_ns, pairs

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = Any


def judgements_of(given: Iterable[Json]) -> list[tuple[str | None, Assessment]]:
    """Give the judgements that hold, each with the span it is about; None: the trace.

    Those that were replaced by a later one (``valid`` false) are left out.
    """
    found = []
    for item in given:
        if not isinstance(item, dict) or item.get("valid") is False:
            continue
        one = judgement_of(item)
        if one is not None:
            found.append((clean_id(item.get("span_id"), 16), one))
    return found


def judgement_of(item: dict[str, Json]) -> Assessment | None:
    """Read one; None for what is neither feedback nor an expectation."""
    feedback, expectation = _dict(item.get("feedback")), _dict(item.get("expectation"))
    if not feedback and not expectation:
        return None
    source = _dict(item.get("source"))
    metadata = pairs(item.get("metadata"))
    error = _dict(feedback.get("error"))
    return Assessment(
        name=str(item.get("assessment_name") or item.get("name") or "feedback"),
        value=_expected(expectation) if expectation else _plain(feedback.get("value")),
        kind="expectation" if expectation else "feedback",
        rationale=item.get("rationale") or None,
        source=str(source.get("source_type") or "CODE").replace("AI_JUDGE", "LLM_JUDGE"),
        source_id=source.get("source_id") or None,
        at_ns=moment_ns(item.get("last_update_time") or item.get("create_time")),
        judge=_judge(metadata),
        error=(error.get("error_message") or error.get("error_code")) if error else None,
        id=item.get("assessment_id"),
    )


def _expected(expectation: dict[str, Json]) -> Json:
    stored = _dict(expectation.get("serialized_value"))
    if not stored:
        return _plain(expectation.get("value"))
    value = stored.get("value")
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _plain(value: Json) -> Json:
    """Whole numbers come as floats from protobuf."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) > 1 else value


def _judge(metadata: dict[str, str]) -> dict[str, Json]:
    """Give what is known of the judge's own call, as MLflow keeps it in the metadata."""
    usd = fraction(metadata.get("mlflow.assessment.judgeCost"))
    return {} if usd is None else {"usd": usd}


def _dict(value: Json) -> dict[str, Json]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}
