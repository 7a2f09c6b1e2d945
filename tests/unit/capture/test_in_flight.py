"""What is done with a request while it is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

try:
    import httpx2
except ImportError:  # openai < 3 speaks httpx
    httpx2 = None

from .conftest import attempts

if TYPE_CHECKING:
    from nbext.model.attempt import Attempt

    from .conftest import Record
    from .server import Server

HTTPX = [httpx] if httpx2 is None else [httpx, httpx2]


@pytest.mark.parametrize("library", HTTPX)
def test_what_can_wait_is_noted_while_the_answer_is_on_its_way(record: Record, library: Any) -> None:
    sent: list[Attempt] = []
    recording = record(on_sent=sent.append)
    noted: list[tuple[int, int]] = []

    class Transport(library.BaseTransport):
        def handle_request(self, request: Any) -> Any:
            noted.append((len(sent), len(recording.capture.senders)))
            assert isinstance(request.stream, library.ByteStream)
            assert b"".join(request.stream) == request.content
            noted.append((len(sent), len(recording.capture.senders)))
            return library.Response(200, json={})

    with library.Client(transport=Transport()) as client:
        client.post("http://model.test/v1/chat/completions", json={"model": "ok"})
    assert noted == [(0, 0), (1, 1)]
    (attempt,) = attempts(recording)
    assert sent == [attempt]
    assert attempt.thread == "MainThread"
    assert attempt.request_headers["content-type"] == "application/json"


@pytest.mark.parametrize("library", HTTPX)
def test_the_requests_of_a_redirect_are_the_users_own(server: Server, record: Record, library: Any) -> None:
    record()
    with library.Client(follow_redirects=True, verify=False) as client:
        response = client.post(server.url + "/chat/completions", json={"model": "redirect"})
    assert len(response.history) == 1
    for past in (response, *response.history):
        assert type(past.request.stream) is library.ByteStream
        assert "traceparent" not in past.request.headers
