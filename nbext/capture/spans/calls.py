"""What a call has to do with the application span it is made in, or that was made for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ...model.mlflow_names import gateway_attributes
from . import children, collected, matching, mlflow, otel

if TYPE_CHECKING:
    from ...model.attempt import Attempt
    from ..recording import Recording
    from .entry import Entry

# What autologging of any library goes through on its way to the library's own function.
_AUTOLOGGING = "mlflow.utils.autologging_utils"
# Where the user's cell begins; nothing above it belongs to the call.
_CELL = "IPython.core.interactiveshell"


def place(attempt: Attempt, recording: Recording, named: bool) -> None:
    """Put a call in its place among the spans that are open here; `attempt` is not yet in the capture.

    A span that was made for this very request, as autologging's, is the call: they share the id.

    Parameters
    ----------
    attempt : Attempt
        Its parent is known already.
    recording : Recording
    named : bool
        The request itself names its parent, in a ``traceparent`` of the user's or of autologging.
    """
    if attempt.number:
        first = recording.capture.attempts_of(attempt.call_id)[0]
        attempt.trace_id, attempt.parent_span_id = first.trace_id, first.parent_span_id
        return
    active = mlflow.active_span()
    if active is not None and active.span_id == attempt.parent_span_id:
        _in_mlflow(attempt, recording, active, named=named)
        return
    span = otel.current_span()
    if span is not None and f"{span.context.span_id:016x}" == attempt.parent_span_id:
        collected.begun(span, attempt.parent_span_id, span.start_time)
    elif named:
        _made_for_it(attempt, recording, active)


def before_end(entry: Entry) -> None:
    """Do what is left to do for a span of MLflow while it is still open.

    The calls made in it become spans of its trace; if it is itself a call, it is told what only the
    HTTP exchange knows.
    """
    children.settle_in(entry)
    if entry.ours:
        return
    call_id = _call_of(entry)
    if call_id is None:
        return
    call = entry.recording.capture.call(call_id)
    present = entry.source.attributes
    facts = gateway_attributes(call)
    entry.source.set_attributes({key: value for key, value in facts.items() if key not in present})
    if entry.span.parent_id is None and call.facts.request_id:
        # So that a trace is found by the id the gateway knows.
        sys.modules["mlflow"].set_trace_tag(
            entry.source.trace_id, "gateway.request_id", call.facts.request_id
        )


def _in_mlflow(attempt: Attempt, recording: Recording, active: Any, *, named: bool) -> None:
    entry = collected.under_way(active.span_id)
    if entry is None:
        mlflow.watch_starts()
        entry = collected.begun(active, active.span_id, active.start_time_ns)
    is_model = entry.is_model() if entry is not None else matching.is_model_type(active.span_type)
    if not (is_model or named or _recorded_by_mlflow()):
        children.make(attempt, recording, active)


def _made_for_it(attempt: Attempt, recording: Recording, active: Any) -> None:
    span_id = attempt.parent_span_id or ""
    entry = collected.under_way(span_id)
    if entry is None:
        # Begun before we were told of beginnings; only autologging names a span that is not the active one.
        if not _recorded_by_mlflow():
            return
        mlflow.watch_starts()
    elif not entry.is_model():
        return
    if recording.capture.attempts_of(span_id):
        return
    attempt.call_id = span_id
    if entry is not None:
        attempt.parent_span_id = entry.span.parent_id
    elif active is not None and str(active.trace_id).endswith(attempt.trace_id):
        attempt.parent_span_id = active.span_id
    else:
        attempt.parent_span_id = None


def _call_of(entry: Entry) -> str | None:
    capture, span = entry.recording.capture, entry.span
    if capture.attempts_of(span.id):
        return span.id
    if not entry.is_model():
        return None
    inside = [i for i in capture.call_ids if _parent(capture, i) == span.id]
    if inside:
        return inside[0] if len(inside) == 1 else None
    return matching.find(entry)


def _parent(capture: Any, call_id: str) -> str | None:
    attempts = capture.attempts_of(call_id)
    return attempts[0].parent_span_id if attempts else None


def _recorded_by_mlflow() -> bool:
    """Tell whether an autologging of MLflow will record the call that is being made here."""
    frame = sys._getframe(1)
    in_litellm = False
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith(_AUTOLOGGING):
            return True
        if name == _CELL:
            break
        in_litellm = in_litellm or name.startswith("litellm.")
        frame = frame.f_back  # type: ignore[assignment]
    # It has no part in the call: litellm tells it afterwards.
    return in_litellm and any(
        callback == "mlflow" or type(callback).__name__ == "MlflowLogger"
        for name in ("callbacks", "success_callback")
        for callback in getattr(sys.modules.get("litellm"), name, ())
    )
