"""The application spans of one recording."""

from __future__ import annotations

import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

from ...model import redact
from .. import context
from . import silence
from .entry import Entry

if TYPE_CHECKING:
    from ...model.span import Span
    from ..recording import Recording

# Every span that is under way, by id, whichever recording it belongs to.
_under_way: weakref.WeakValueDictionary[str, Entry] = weakref.WeakValueDictionary()
_making = threading.Lock()
# Spans are timed by the machine's clock, captures by one that is never set; they may part by this much.
_SLACK_NS = 50_000_000
# A span's end is told just before it is set.
_LOOKS = 100
_LOOK_SECONDS = 0.001


class Collected:
    """Takes in spans as they begin and end, and makes them of the capture when someone looks.

    Parameters
    ----------
    recording : Recording

    Attributes
    ----------
    children : dict
        Spans of MLflow that were begun for calls and not yet ended, by the call's id.
    matched : set of str
        Calls for which a span was found afterwards.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.children: dict[str, Any] = {}
        self.settling = threading.RLock()
        self.matched: set[str] = set()
        self._entries: dict[str, Entry] = {}
        # Those that have not been read since they ended.
        self._open: dict[str, Entry] = {}
        self._lock = threading.RLock()
        recording.capture.update_spans = self.update

    def add(self, source: Any, span_id: str) -> Entry:
        """Take in a span, or what more is known of it."""
        entry = self._entries.get(span_id)
        if entry is not None:
            entry.renew(source)
            return entry
        entry = Entry(self.recording, source)
        with self._lock:
            known = self._entries.setdefault(span_id, entry)
            if known is entry:
                self._open[span_id] = entry
                self.recording.capture._app_spans.append(entry.span)
                _under_way[span_id] = entry
        self.recording.dirty[span_id] = None
        return known

    def has(self, span_id: str) -> bool:
        """Tell whether a span is among these."""
        return span_id in self._entries

    def ended(self, entry: Entry) -> None:
        """Note that a span ends now."""
        entry.ending = True
        if entry.span.origin == "mlflow":
            silence.keep_out(str(getattr(entry.source, "trace_id", "tr-" + entry.span.trace_id)))
        _under_way.pop(entry.span.id, None)
        self.recording.span_ended(entry.span.id)

    def wait_for(self, span_id: str) -> Span | None:
        """Give a span whose end was told, once its end is set, which is a matter of microseconds."""
        entry = self._entries.get(span_id)
        for _ in range(_LOOKS):
            if entry is None or self._update(span_id, entry):
                break
            time.sleep(_LOOK_SECONDS)
        return None if entry is None else entry.span

    def update(self) -> None:
        """Bring the capture's spans up to date."""
        if self._open:
            for span_id, entry in list(self._open.items()):
                self._update(span_id, entry)

    def _update(self, span_id: str, entry: Entry) -> bool:
        """Read a span anew; True when it has ended."""
        capture = self.recording.capture
        redactor = capture.redactor or redact.DEFAULT
        with self._lock:
            is_call = bool(capture.attempts_of(span_id)) or entry.span.call_id is not None
            try:
                done = entry.update(redactor, is_call=is_call)
            except Exception as error:  # this span stays as it is known, the others go on
                capture.note_failure(error)
                done = True
            if done:
                self._open.pop(span_id, None)
            return done


def of(recording: Recording) -> Collected:
    """Give what was collected for a recording."""
    found: Collected | None = recording.spans
    if found is None:
        with _making:
            found = recording.spans
            if found is None:
                found = recording.spans = Collected(recording)
    return found


def under_way(span_id: str) -> Entry | None:
    """Give a span that has begun and not ended, whichever recording it belongs to."""
    return _under_way.get(span_id)


def begun(source: Any, span_id: str, start_ns: int) -> Entry | None:
    """Take in a span for the recording that runs here, if one does and the span began in it."""
    entry = _under_way.get(span_id)
    if entry is not None:
        entry.renew(source)
        return entry
    recording = context.current()
    if recording is None or start_ns < recording.capture.start_ns - _SLACK_NS:
        return None
    return of(recording).add(source, span_id)


def ended(source: Any, span_id: str, start_ns: int) -> Entry | None:
    """Take in a span that ends now; see `begun`."""
    entry = begun(source, span_id, start_ns)
    if entry is not None and not entry.ending:
        of(entry.recording).ended(entry)
    return entry
