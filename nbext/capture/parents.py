"""Which application span a call is made in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Parent = tuple[str, str]


def mlflow_span() -> Parent | None:
    """Return trace id and span id of MLflow's active span, if MLflow's tracing is loaded."""
    fluent = sys.modules.get("mlflow.tracing.fluent")
    if fluent is None:
        return None
    span = fluent.get_current_active_span()
    if span is None:
        return None
    # "tr-<32 hex>", or "trace:/<where it is kept>/<32 hex>"
    trace_id = str(span.trace_id)[-32:]
    return (trace_id, span.span_id) if _is_hex(trace_id, 32) and _is_hex(span.span_id, 16) else None


def opentelemetry_span() -> Parent | None:
    """Return trace id and span id of OpenTelemetry's current span, if its API is loaded."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    context = trace.get_current_span().get_span_context()
    return (f"{context.trace_id:032x}", f"{context.span_id:016x}") if context.is_valid else None


# Asked in this order, on the path of the user's call: one that has nothing to say must be quick about it.
PROVIDERS: list[Callable[[], Parent | None]] = [mlflow_span, opentelemetry_span]


def current_parent() -> Parent | None:
    """Return trace id (32 hex digits) and span id (16) of the span a call made now belongs under."""
    for provider in PROVIDERS:
        parent = provider()
        if parent is not None:
            return parent
    return None


def of_traceparent(header: str) -> Parent | None:
    """Read a W3C ``traceparent``, version 00: ``00-<trace id>-<parent id>-<flags>``.

    See https://www.w3.org/TR/trace-context/#traceparent-header.
    """
    fields = header.strip().split("-")
    if len(fields) < 4 or not (_is_hex(fields[1], 32) and _is_hex(fields[2], 16)):
        return None
    return fields[1], fields[2]


def _is_hex(text: str, digits: int) -> bool:
    # All zeros is the standard's word for "none".
    return len(text) == digits and not text.strip("0123456789abcdef") and bool(text.strip("0"))
