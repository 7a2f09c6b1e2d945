"""A judgement as `Assessment` of `renderers/src/wire/assessment.ts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .wire_call import drop_empty

if TYPE_CHECKING:
    from ..model.assessment import Assessment


def assessment_wire(one: Assessment) -> dict[str, Any]:
    """Give the `Assessment` of a judgement; a key that has nothing to say is left out."""
    return {
        "name": one.name,
        "kind": one.kind,
        **({} if one.value is None else {"value": one.value}),
        **({} if one.good is None else {"good": one.good}),
        "source": one.source,
        **drop_empty(
            rationale=one.rationale,
            source_id=one.source_id,
            at=None if one.at_ns is None else round(one.at_ns / 1e6, 1),
            judge=one.judge,
            pending=one.pending or None,
            error=one.error,
            queued=one.queued or None,
        ),
    }
