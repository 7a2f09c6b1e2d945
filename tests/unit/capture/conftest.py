"""A server, and recordings that are closed whatever happens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from nbext.capture import Recording, RecordingOptions
from nbext.capture.clock import now_ns
from nbext.model.capture import Capture

from .server import Server

if TYPE_CHECKING:
    from nbext.model.attempt import Attempt


@pytest.fixture(scope="session")
def _server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(_server: Server) -> Server:
    _server.forget()
    return _server


Record = Callable[..., Recording]


@pytest.fixture
def record() -> Iterator[Record]:
    """Open a recording with these options; `RecordingOptions` fields or callbacks."""
    opened: list[Recording] = []

    def start(*, on_end=None, on_start=None, on_sent=None, **options: object) -> Recording:
        capture = Capture(id=os.urandom(8).hex(), start_ns=now_ns())
        recording = Recording(
            capture, RecordingOptions(**options), on_end=on_end, on_start=on_start, on_sent=on_sent
        )
        opened.append(recording)
        recording.open()
        return recording

    yield start
    for recording in reversed(opened):
        recording.close()
        assert recording.capture.failures == 0, recording.capture.first_failure


def attempts(recording: Recording) -> list[Attempt]:
    """All attempts of a recording, in the order their calls began."""
    capture = recording.capture
    return [attempt for call_id in capture.call_ids for attempt in capture.attempts_of(call_id)]
