"""What stands after the name of a span that failed."""

from __future__ import annotations

import pytest

from nbext.display.wire_span import span_wire
from nbext.model.call import Call
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


@pytest.mark.parametrize(
    ("code", "kind", "message", "expected"),
    [
        (
            500,
            "INTERNAL_ERROR",
            "upstream connect error\nreset",
            "500 INTERNAL_ERROR: upstream connect error",
        ),
        (400, "invalid_image_format", "invalid_image_format: no tiff", "400 invalid_image_format: no tiff"),
        (504, None, "upstream request timeout", "504 upstream request timeout"),
        (503, "UNAVAILABLE", None, "503 UNAVAILABLE"),
        (502, None, None, "error 502"),
        (None, "APIConnectionError", "Connection refused.", "Connection refused."),
        (200, "StreamError", "It ended early.", "It ended early."),
    ],
)
def test_a_failed_call_is_told_by_its_code_and_message(
    code: int | None, kind: str | None, message: str | None, expected: str
) -> None:
    call = Call("c", "t", start_ns=0, end_ns=1, status="error", status_code=code)
    span = Span(
        id="a", trace_id="t", name="chat", type="LLM", start_ns=0, end_ns=1, status="error", call=call
    )
    span.error_type, span.error_message = kind, message
    assert span_wire(span, 0, None)["hint"] == expected


def test_a_long_message_is_cut() -> None:
    told = hint("ValueError", "word " * 60)
    assert told.endswith("…")
    assert len(told) == 80
