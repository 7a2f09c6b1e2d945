"""Nothing is lost or misplaced when there is a lot at once."""

from __future__ import annotations

import asyncio
import json
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests

from benchmarks._stub import stub

from .conftest import attempts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Record

THREADS, CELLS, CALLS = 64, 5, 2_000
STREAMS = 2_000


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 16_384) if hard != resource.RLIM_INFINITY else 16_384
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    with stub() as base:
        yield base + "/chat/completions"
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def check(recording: Any, names: list[str]) -> None:
    """Each of these calls is there once, whole, with its own answer."""
    found = []
    for attempt in attempts(recording):
        name = json.loads(attempt.request_body)["user"]
        body = b"".join(attempt.pieces)
        assert f'"content": "{name}"'.encode() in body
        assert attempt.outcome == "complete"
        assert attempt.capture_id == recording.capture.id
        found.append(name)
    assert sorted(found) == sorted(names)
    assert len(recording.capture.call_ids) == len(names)


def test_calls_from_64_threads_cell_after_cell(url: str, record: Record) -> None:
    ended: list[str] = []
    # No expiry: httpcore may close an idle connection that it has just given to another thread.
    limits = httpx.Limits(max_connections=THREADS, keepalive_expiry=None)
    client = httpx.Client(verify=False, limits=limits, timeout=60)
    sessions = threading.local()

    def call(name: str) -> None:
        asked = {"model": "stub", "user": name}
        if name.endswith("0"):
            session = sessions.__dict__.setdefault("session", requests.Session())
            assert session.post(url, json=asked, timeout=60).json()["id"] == name
        else:
            assert client.post(url, json=asked).json()["id"] == name

    with ThreadPoolExecutor(THREADS) as pool:
        for cell in range(CELLS):
            recording = record(on_end=lambda attempt: ended.append(attempt.call_id))
            names = [f"{cell}-{at}" for at in range(CALLS)]
            list(pool.map(call, names))
            recording.close()
            check(recording, names)
            assert not recording.capture.running
    client.close()
    assert len(set(ended)) == len(ended) == CELLS * CALLS


def test_a_capture_in_each_of_64_threads(url: str, record: Record) -> None:
    def cell(number: int) -> None:
        recording = record()
        names = [f"{number}-{at}" for at in range(10)]
        with httpx.Client(verify=False, timeout=60) as client:
            for name in names:
                client.post(url, json={"model": "stub", "user": name})
        recording.close()
        check(recording, names)

    original = httpx.Client.send
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(cell, range(THREADS)))
    assert httpx.Client.send is original


def test_concurrent_streams(url: str, record: Record) -> None:
    """Two cells; the streams of the first are read on while the second runs."""

    async def read(client: httpx.AsyncClient, name: str) -> None:
        asked = {"model": "stub-6-100", "user": name, "stream": True}
        async with client.stream("POST", url, json=asked) as response:
            text = [line async for line in response.aiter_lines() if line.startswith("data: ")]
        assert text[-1] == "data: [DONE]"
        assert len(text) == 8

    async def main() -> None:
        # A pool of thousands of connections looks through all of them at each request.
        limits = httpx.Limits(max_connections=100)
        clients = [httpx.AsyncClient(verify=False, limits=limits, timeout=60) for _ in range(20)]
        cells = []
        for cell in range(2):
            recording = record()
            names = [f"{cell}-{at}" for at in range(STREAMS // 2)]
            tasks = [asyncio.create_task(read(clients[at % 20], name)) for at, name in enumerate(names)]
            while len(attempts(recording)) < len(names):
                await asyncio.sleep(0.01)
            recording.close()
            cells.append((recording, names, tasks))
        await asyncio.gather(*(task for _, _, tasks in cells for task in tasks))
        for recording, names, _ in cells:
            check(recording, names)
        for client in clients:
            await client.aclose()

    asyncio.run(main())
