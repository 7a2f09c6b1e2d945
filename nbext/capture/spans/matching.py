"""Finding the call behind a span that was made for it but says so nowhere.

MLflow's OpenAI autologging sends no ``traceparent`` before 3.11, and what litellm tells MLflow it tells
when the call is over.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ...model.jsontext import loads
from ...model.span import MODEL_TYPES
from .. import context
from . import collected

if TYPE_CHECKING:
    from ...model.attempt import Attempt
    from .entry import Entry

# Clocks of the span and of the call may differ by this much.
_SLACK_NS = 50_000_000
_ASKED = ("messages", "input", "prompt")


def is_model_type(span_type: Any) -> bool:
    """Tell whether a span of this type may be nothing but a model call."""
    return span_type in MODEL_TYPES


def find(entry: Entry) -> str | None:
    """Give the call that a span of a model type, about to end, was made for, and tie the two together."""
    own = collected.of(entry.recording)
    capture, span = entry.recording.capture, entry.span
    waiting = [
        attempts
        for call_id in capture.call_ids
        if (attempts := capture.attempts_of(call_id))
        and call_id not in own.matched
        and not own.has(call_id)
        and attempts[0].start_ns >= span.start_ns - _SLACK_NS
        and attempts[0].parent_span_id == span.parent_id
    ]
    found = _here(waiting) or [a for a in waiting if _asks(a[-1], entry)]
    if not found:
        return None
    attempts = max(found, key=lambda a: a[0].start_ns)
    call_id = attempts[0].call_id
    own.matched.add(call_id)
    span.call_id = call_id
    for attempt in attempts:
        attempt.trace_id = span.trace_id
    capture.renew(call_id)
    return call_id


def _here(waiting: list[list[Attempt]]) -> list[list[Attempt]]:
    """Give those made on the thread and in the task that are running now."""
    task = context.task()
    name = None if task is None else task.get_name()
    thread = threading.current_thread().name
    return [a for a in waiting if a[-1].thread == thread and a[-1].task == name]


def _asks(attempt: Attempt, entry: Entry) -> bool:
    inputs = entry.source.inputs
    if not isinstance(inputs, dict):
        return False
    try:
        body = loads(attempt.request_body.decode("utf-8", "replace"))
    except ValueError:
        return False
    return isinstance(body, dict) and any(key in body and body[key] == inputs.get(key) for key in _ASKED)
