"""Which capture a call belongs to, from whatever thread or task it is made."""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx

from nbext.capture import current
from nbext.capture.context import recording_stack

from .conftest import attempts

if TYPE_CHECKING:
    from .conftest import Record
    from .server import Server


def call(server: Server, name: str = "x") -> None:
    httpx.post(server.url + "/chat/completions", json={"model": "ok", "user": name}, verify=False)


def users(recording: Any) -> list[str]:
    return sorted(json.loads(attempt.request_body)["user"] for attempt in attempts(recording))


async def acall(client: httpx.AsyncClient, server: Server, name: str) -> None:
    await client.post(server.url + "/chat/completions", json={"model": "ok", "user": name})


def test_nothing_records(server: Server) -> None:
    assert current() is None
    assert recording_stack == []
    call(server)


def test_nested(server: Server, record: Record) -> None:
    outer = record()
    call(server, "a")
    inner = record()
    call(server, "b")
    inner.close()
    call(server, "c")
    outer.close()
    call(server, "d")
    assert users(outer) == ["a", "c"]
    assert users(inner) == ["b"]


def test_threads_and_executors(server: Server, record: Record) -> None:
    with ThreadPoolExecutor(4) as pool:
        first = record()
        list(pool.map(lambda at: call(server, f"1-{at}"), range(8)))
        first.close()
        second = record()
        list(pool.map(lambda at: call(server, f"2-{at}"), range(8)))
        thread = threading.Thread(target=call, args=(server, "2-t"), name="mine")
        thread.start()
        thread.join()
        second.close()
    assert users(first) == [f"1-{at}" for at in range(8)]
    assert users(second) == [*(f"2-{at}" for at in range(8)), "2-t"]
    assert attempts(second)[-1].thread == "mine"


def test_tasks_of_an_earlier_cell(server: Server, record: Record) -> None:
    """A background task makes calls while the next cell runs, in the same loop."""

    async def main() -> None:
        async with httpx.AsyncClient(verify=False) as client:
            go = asyncio.Event()

            async def background() -> None:
                await acall(client, server, "1-before")
                await go.wait()
                await acall(client, server, "1-after")

            first = record()
            task = asyncio.create_task(background())
            await acall(client, server, "1-own")
            first.close()
            second = record()
            await asyncio.gather(*(acall(client, server, f"2-{at}") for at in range(5)))
            go.set()
            await task
            await asyncio.to_thread(call, server, "2-thread")
            second.close()
            assert users(first) == ["1-after", "1-before", "1-own"]
            assert users(second) == [*(f"2-{at}" for at in range(5)), "2-thread"]

    asyncio.run(main())


def test_tasks_that_outlive_their_cell(server: Server, record: Record) -> None:
    """No other capture is open when the background task makes its calls."""
    send = httpx.AsyncClient.send

    async def main() -> None:
        async with httpx.AsyncClient(verify=False) as client:
            go = asyncio.Event()

            async def background(name: str) -> None:
                await go.wait()
                await acall(client, server, name)

            older = asyncio.create_task(background("nobody's"))
            first = record()
            tasks = [asyncio.create_task(background(f"1-{at}")) for at in range(3)]
            await asyncio.sleep(0)
            first.close()
            await acall(client, server, "after")
            go.set()
            await asyncio.gather(*tasks, older)
            assert users(first) == ["1-0", "1-1", "1-2"]
            # Callbacks of the tasks run a turn later.
            await asyncio.sleep(0)
            assert httpx.AsyncClient.send is send
            second = record()
            cancelled = asyncio.create_task(asyncio.sleep(60))
            await asyncio.sleep(0)
            second.close()
            assert httpx.AsyncClient.send is not send
            cancelled.cancel()
            await asyncio.gather(cancelled, return_exceptions=True)
            await asyncio.sleep(0)
            assert httpx.AsyncClient.send is send

    asyncio.run(main())


def test_captures_open_at_the_same_time(server: Server, record: Record) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(verify=False) as client:

            async def cell(name: str) -> Any:
                recording = record()
                for at in range(5):
                    await acall(client, server, f"{name}{at}")
                    await asyncio.sleep(0)
                recording.close()
                return recording

            for name, recording in zip("abc", await asyncio.gather(*map(cell, "abc")), strict=True):
                assert users(recording) == [f"{name}{at}" for at in range(5)]

    asyncio.run(main())
    assert recording_stack == []


def test_closed_from_another_context(server: Server, record: Record) -> None:
    """As IPython's hooks may do: the name of the closed capture stays behind in the cell's context."""
    first = record()
    contextvars.Context().run(first.close)
    second = record()
    call(server, "2")
    contextvars.Context().run(second.close)
    third = record()
    elsewhere = threading.Thread(target=call, args=(server, "3-t"))
    elsewhere.start()
    contextvars.Context().run(call, server, "3")
    call(server, "3-own")
    elsewhere.join(30)
    third.close()
    assert users(first) == []
    assert users(second) == ["2"]
    assert users(third) == ["3", "3-own", "3-t"]
    assert current() is None


def test_which_requests(server: Server, record: Record) -> None:
    recording = record()
    with httpx.Client(verify=False) as client:
        for path in ("/chat/completions", "/embeddings", "/responses", "/messages", "/images/generations"):
            client.post(server.url + path, json={"model": "ok"})
        for path in ("/models", "/chat/completions/deep", "/files"):
            client.post(server.url + path, json={"model": "ok"})
        client.get(server.url + "/images/logo")
    assert [a.url.rpartition("/v1")[2] for a in attempts(recording)] == [
        "/chat/completions",
        "/embeddings",
        "/responses",
        "/messages",
        "/images/generations",
    ]
    assert recording.capture.other_requests == 4
