"""A replay that is stopped, however its server hangs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
import requests

import nbext
from tests.unit.replay.calls import ASK, client_of, traced
from tests.unit.replay.conftest import until

if TYPE_CHECKING:
    from .conftest import Gateway


def libraries(gateway: Gateway) -> list[Any]:
    return [client_of(gateway), httpx.Client(), httpx2.Client(), requests.Session()]


@pytest.mark.parametrize("place", range(4), ids=["openai", "httpx", "httpx2", "requests"])
def test_a_stream_that_hangs_can_be_stopped(gateway: Gateway, place: int) -> None:
    client = libraries(gateway)[place]
    with nbext.trace(display=False) as capture:
        if place == 0:
            list(client.chat.completions.create(**ASK, stream=True))
        else:
            client.post(f"{gateway.url}/v1/chat/completions", json={**ASK, "stream": True})
    (call,) = capture.calls
    gateway.go.clear()
    worker = threading.Thread(target=call.replay)
    worker.start()
    until(lambda: capture.replays and capture.replays[0].calls)
    again = capture.replays[0]
    until(lambda: again.calls[0].completion == "one two ")
    # Nothing more comes from the server before this has ended.
    again.stop()
    worker.join(20)
    assert not worker.is_alive()
    assert not again.running
    assert again.calls[0].status == "interrupted"
    assert again.calls[0].completion == "one two "
    again.stop()
    client.close()


def test_a_server_that_says_nothing_can_be_left(gateway: Gateway) -> None:
    client = client_of(gateway)
    call = traced(client)
    gateway.go.clear()
    gateway.silent = True
    worker = threading.Thread(target=call.replay)
    worker.start()
    until(lambda: nbext.last.replays and nbext.last.replays[0].calls)
    again = nbext.last.replays[0]
    again.stop()
    assert not again.running
    assert again.calls[0].status == "interrupted"
    gateway.go.set()
    worker.join(20)
    assert not worker.is_alive()
    # The answer that came after all is of nobody.
    assert again.calls[0].status == "interrupted"
    assert again.error is None
