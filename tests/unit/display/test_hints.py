"""What stands after the name of a span that failed."""

from __future__ import annotations

import pytest

from nbext.display.wire_span import span_wire
from nbext.model.span import Span


def hint(kind: str | None, message: str | None) -> str:
    span = Span(
        id="a",
        trace_id="t",
        name="run_sql",
        type="TOOL",
        start_ns=0,
        end_ns=1,
        status="error",
        inputs={"query": "SELECT 1"},
        error_type=kind,
        error_message=message,
    )
    return str(span_wire(span, 0, None)["hint"])


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        ("LookupError", "TABLE_OR_VIEW_NOT_FOUND: churn_q3\nat line 1", "TABLE_OR_VIEW_NOT_FOUND: churn_q3"),
        ("KeyError", "'region'", "KeyError: 'region'"),
        ("TABLE_OR_VIEW_NOT_FOUND", "crm.churn_q3", "TABLE_OR_VIEW_NOT_FOUND: crm.churn_q3"),
        ("ValueError", "", "ValueError"),
        (None, "it broke", "it broke"),
        (None, None, "error"),
    ],
)
def test_an_error_is_told_by_its_message(kind: str | None, message: str | None, expected: str) -> None:
    assert hint(kind, message) == expected
