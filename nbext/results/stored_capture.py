"""A trace of a tracking store as a capture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..kernel.prompts import prompt_dict
from ..model.prompts import linked
from .captured import Capture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..sources.mlflow import StoredTrace, TraceStore


def capture_of(stored: StoredTrace, store: TraceStore | None) -> Capture:
    """Make a capture of one trace; its id is the beginning of the trace's, the same at each load."""
    trace = stored.trace
    calls = [span.call for span in trace.spans if span.call is not None]
    capture = Capture.of(
        Capture.of_calls(
            calls, id=trace.trace_id[:16], name=stored.metadata.get("nbext.capture_name") or stored.name
        )
    )
    # Those around a call too: name, place and attributes are theirs.
    capture.app_spans = list(trace.spans)
    capture.start_ns, capture.end_ns = stored.start_ns, stored.end_ns
    capture.url = stored.url
    capture.prompts = _prompts(stored, store)
    capture.stored = stored_in(store, [stored])
    for call in calls:
        call.capture_id = capture.id
        call.prompts = linked(capture.prompts, call.messages)
    return capture


def _prompts(stored: StoredTrace, store: TraceStore | None) -> list[dict[str, Any]]:
    """Give the prompts a trace names, with their templates and the version before."""
    found = []
    for one in stored.prompts if store is not None else ():
        name, version = one["name"], one["version"]
        prompt = store.prompt(name, version) if store is not None else None
        if prompt is not None and store is not None:
            earlier = int(version) - 1 if version.isdecimal() else 0
            found.append(prompt_dict(prompt, store.prompt(name, str(earlier)) if earlier else None))
    return found


def stored_in(store: TraceStore | None, traces: Sequence[StoredTrace]) -> dict[str, Any]:
    """Give what `Capture.stored` holds of traces: the store, and the ids it knows them by."""
    ids = {one.trace.trace_id: one.id for one in traces}
    return {"traces": ids} if store is None else {"uri": store.uri, "shown": store.shown, "traces": ids}
