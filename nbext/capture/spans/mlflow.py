"""Spans of MLflow: by its span processors when they end, by its tracer provider when they begin.

Documented at https://mlflow.org/docs/latest/genai/tracing/ (``mlflow.tracing.configure``, since 3.2;
``get_bridged_tracer_provider``, since 3.15). MLflow is never imported here, only used where it is.
"""

from __future__ import annotations

import sys
from functools import wraps
from typing import Any

from .. import context
from . import calls, collected, otel

# The list we gave MLflow, and the one that was there before.
_given: list[Any] | None = None
_theirs: list[Any] | None = None
# What `mlflow.set_tracking_uri` was, and what stands around it.
_original: tuple[Any, Any] | None = None


def tracing() -> Any:
    """Give `mlflow.tracing` if it is loaded and can do what is needed."""
    module = sys.modules.get("mlflow.tracing")
    return module if hasattr(module, "configure") else None


def install() -> None:
    """Put our span processor after the user's own, so that it sees what they leave.

    Also when it has been put already: what the user configures meanwhile takes its place.
    """
    global _given, _theirs  # noqa: PLW0603  # MLflow has one configuration, so have we
    module = tracing()
    if module is None:
        return
    _watch_uri()
    present = _processors(module)
    if present is not _given or _given is None:
        _theirs = present
        _given = [*(one for one in present if one is not nbext_spans), nbext_spans]
        module.configure(span_processors=_given)


def uninstall() -> None:
    """Leave MLflow's configuration as the user has it."""
    global _given, _theirs  # noqa: PLW0603
    module = tracing()
    if module is None or _given is None:
        return
    _leave_uri()
    present = _processors(module)
    if present is _given:
        module.configure(span_processors=_theirs)
    elif nbext_spans in present:
        module.configure(span_processors=[one for one in present if one is not nbext_spans])
    _given = _theirs = None


def watch_starts() -> None:
    """Have MLflow's tracer provider tell us when spans begin, where it can be had.

    Asking for it makes MLflow set its tracing up, so this is for when the user's code has done that.
    """
    get = getattr(tracing(), "get_bridged_tracer_provider", None)
    if get is not None:
        otel.watch(get())


def active_span() -> Any:
    """Give MLflow's active span here; None where there is none that records."""
    fluent = sys.modules.get("mlflow.tracing.fluent")
    span = None if fluent is None else fluent.get_current_active_span()
    # One that is not recorded has no id; one that is not MLflow's but OpenTelemetry's has a number
    # for a trace id.
    return span if span is not None and isinstance(span.trace_id, str) and _is_id(span.span_id) else None


def nbext_spans(span: Any) -> None:
    """Take in a span that MLflow is about to end; by this name it stands among MLflow's processors."""
    span_id = span.span_id
    entry = collected.under_way(span_id)
    recording = context.current() if entry is None else entry.recording
    if recording is None or not _is_id(span_id):
        return
    if entry is None:
        recording.guarded(watch_starts)
    entry = recording.guarded(collected.begun, span, span_id, span.start_time_ns)
    if entry is None:
        return
    error = sys.exc_info()[1]
    entry.interrupted = error is not None and not isinstance(error, Exception)
    # While it is open: of the span's calls, what MLflow does not know; and the calls made in it.
    entry.recording.guarded(calls.before_end, entry)
    entry.recording.guarded(collected.ended, span, span_id, span.start_time_ns)


def _watch_uri() -> None:
    """Stand around `mlflow.set_tracking_uri`, which forgets all span processors, the user's too."""
    global _original  # noqa: PLW0603
    module = sys.modules["mlflow"]
    original = vars(module).get("set_tracking_uri")
    if original is None or _original is not None:
        return

    @wraps(original)
    def set_tracking_uri(*args: Any, **kwargs: Any) -> Any:
        try:
            return original(*args, **kwargs)
        finally:
            if _given is not None:
                install()

    _original = (original, set_tracking_uri)
    module.set_tracking_uri = set_tracking_uri  # type: ignore[attr-defined]


def _leave_uri() -> None:
    global _original  # noqa: PLW0603
    module = sys.modules.get("mlflow")
    if _original is not None and vars(module).get("set_tracking_uri") is _original[1]:
        module.set_tracking_uri = _original[0]  # type: ignore[union-attr]
    _original = None


def _processors(module: Any) -> list[Any]:
    # Called without arguments it changes nothing, and tells what is configured.
    processors: list[Any] = module.configure().previous_config.span_processors
    return processors


def _is_id(span_id: Any) -> bool:
    return isinstance(span_id, str) and len(span_id) == 16
