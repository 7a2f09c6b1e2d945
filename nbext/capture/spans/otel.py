"""Spans of OpenTelemetry, by a span processor on the tracer provider in use."""

from __future__ import annotations

import sys
import weakref
from typing import Any

from .. import context
from . import collected

# Providers that have our processor. There is no way to take one off again, so it stays, and does
# nothing while nothing records.
_watched: weakref.WeakSet[Any] = weakref.WeakSet()
_processor: Any = None


def watch(provider: Any) -> None:
    """Have a provider of the SDK tell us of its spans; one of another make is left alone."""
    add = getattr(provider, "add_span_processor", None)
    if add is not None and provider not in _watched:
        _watched.add(provider)
        add(_the_processor())


def watch_global() -> None:
    """Do so with the process's own provider, if one has been set."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is not None and "opentelemetry.sdk.trace" in sys.modules:
        watch(trace.get_tracer_provider())


def current_span() -> Any:
    """Give the span of the SDK that is active here; None for none or one of another make."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    span = trace.get_current_span()
    return span if hasattr(span, "attributes") and span.get_span_context().is_valid else None


def _the_processor() -> Any:
    global _processor  # noqa: PLW0603  # made once the SDK is there
    if _processor is None:
        base: Any = sys.modules["opentelemetry.sdk.trace"].SpanProcessor
        _processor = type("SpansOfCells", (base,), {"on_start": _started, "on_end": _ended})()
    return _processor


def _started(_self: Any, span: Any, parent_context: Any = None) -> None:
    del parent_context
    recording = context.current()
    if recording is not None and hasattr(span, "attributes"):
        recording.guarded(collected.begun, span, f"{span.context.span_id:016x}", span.start_time)


def _ended(_self: Any, span: Any) -> None:
    span_id = f"{span.context.span_id:016x}"
    entry = collected.under_way(span_id)
    recording = context.current() if entry is None else entry.recording
    if recording is not None:
        recording.guarded(collected.ended, span, span_id, span.start_time)
